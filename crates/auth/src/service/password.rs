//! One's own password: asked for again before it or the email is changed, because a bearer token alone must not do.

use std::net::IpAddr;
use std::time::Duration;

use secrecy::SecretString;
use taglink_domain::model::Subject;
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::sessions;
use thiserror::Error;

use super::AuthService;
use super::admission::Refusal;
use crate::password::{HashingError, Verification};
use crate::throttle::Attempt;

/// Why the current password was not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfirmError {
    #[error("current_password is not the password")]
    Wrong,
    /// Too many failed; not before this time has passed.
    #[error("Too many failed logins, please try again later")]
    Throttled(Duration),
    #[error(transparent)]
    Hashing(#[from] HashingError),
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl AuthService {
    /// Checks that this is the subject's password. Failures count as those of logins do.
    ///
    /// # Errors
    /// If it is another, or too many were.
    pub async fn confirm_password(
        &self,
        subject: Subject,
        password: SecretString,
        address: IpAddr,
    ) -> Result<(), ConfirmError> {
        let id = match subject {
            Subject::User(id) => id.to_string(),
            Subject::Account(id) => id.to_string(),
        };
        let admission =
            self.admit(Attempt::new("confirm", &id, address)).await.map_err(|refusal| match refusal {
                Refusal::Throttled(retry_after) => ConfirmError::Throttled(retry_after),
                Refusal::Repository(error) => ConfirmError::Repository(error),
            })?;
        let stored = self.store.read(move |uow| uow.hashed_password(subject)).await?;
        match self.compare(password, stored, admission).await?.map_err(ConfirmError::Throttled)? {
            Verification::Matches { .. } => Ok(()),
            Verification::Differs | Verification::Unusable(_) => {
                tracing::warn!(client = %address, "login failed");
                Err(ConfirmError::Wrong)
            }
        }
    }

    /// Sets one's own password; sessions and API tokens end at once. False if the subject is gone.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn set_own_password(
        &self,
        subject: Subject,
        hashed_password: String,
    ) -> Result<bool, RepositoryError> {
        let now = self.clock.now();
        let set =
            self.store.write(move |uow| sessions::set_password(uow, subject, &hashed_password, now)).await?;
        self.invalidate(subject);
        Ok(set)
    }
}
