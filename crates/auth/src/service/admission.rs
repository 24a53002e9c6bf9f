//! Whether a password may be compared: asked when the request comes, and again when its turn has come.

use std::sync::Arc;

use secrecy::SecretString;
use taglink_domain::model::Clock;
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::sessions;

use super::AuthService;
use crate::password::{HashingError, Verification};
use crate::throttle::{Attempt, RetryAfter, Throttle, Verdict};

/// The leave to compare one password, as long as not too many others fail.
#[derive(Clone)]
pub(super) struct Admission {
    throttle: Arc<Throttle>,
    clock: Arc<dyn Clock>,
    attempt: Attempt,
    /// Whether the name has logged in from this address lately, so that failures from elsewhere do not matter.
    is_known: bool,
}

/// Why no leave was given.
pub(super) enum Refusal {
    Throttled(RetryAfter),
    Repository(RepositoryError),
}

impl Admission {
    fn check(&self) -> Result<(), RetryAfter> {
        match self.throttle.verdict(&self.attempt, self.clock.now()) {
            Verdict::Admitted => Ok(()),
            Verdict::OnlyIfKnown(_) if self.is_known => Ok(()),
            Verdict::OnlyIfKnown(retry_after) | Verdict::Refused(retry_after) => Err(retry_after),
        }
    }

    fn count(&self) {
        self.throttle.count(&self.attempt, self.clock.now());
    }
}

impl AuthService {
    /// Asks for leave.
    ///
    /// # Errors
    /// If too many have failed, or nobody can tell.
    pub(super) async fn admit(&self, attempt: Attempt) -> Result<Admission, Refusal> {
        let now = self.clock.now();
        let is_known = match self.throttle.verdict(&attempt, now) {
            Verdict::Admitted => false,
            Verdict::Refused(retry_after) => return Err(Refusal::Throttled(retry_after)),
            Verdict::OnlyIfKnown(retry_after) => {
                let origin = attempt.origin();
                let known = self.store.read(move |uow| sessions::is_known_origin(uow, origin, now)).await;
                if !known.map_err(Refusal::Repository)? {
                    return Err(Refusal::Throttled(retry_after));
                }
                true
            }
        };
        let (throttle, clock) = (Arc::clone(&self.throttle), Arc::clone(&self.clock));
        Ok(Admission { throttle, clock, attempt, is_known })
    }

    /// Compares a password with a stored hash, and counts it if it is another.
    ///
    /// # Errors
    /// As the hasher; the inner error tells that too many have failed meanwhile.
    pub(super) async fn compare(
        &self,
        password: SecretString,
        stored: Option<String>,
        admission: Admission,
    ) -> Result<Result<Verification, RetryAfter>, HashingError> {
        let counted = admission.clone();
        self.hasher.verify_if(password, stored, move || admission.check(), move || counted.count()).await
    }
}
