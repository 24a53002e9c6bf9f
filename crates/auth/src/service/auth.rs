//! The service itself, and what every request asks of it.

use std::sync::Arc;
use std::time::Duration;

use taglink_domain::model::{Clock, UserId};
use taglink_domain::port::{RepositoryError, Store};
use thiserror::Error;

use crate::key::SigningKeys;
use crate::password::{HashingError, HashingLimits, NewPassword, PasswordHasher};
use crate::principal::{Principal, PrincipalCache};
use crate::token::TokenIssuer;

/// How tokens are made, and how logins are bounded.
#[derive(Clone, Debug)]
pub struct AuthConfig {
    pub keys: SigningKeys,
    /// The `iss` of tokens: the public URL of the service, or [`DEFAULT_ISSUER`](crate::token::DEFAULT_ISSUER).
    pub issuer: String,
    /// How long a token is valid; counted in whole seconds.
    pub access_token_lifetime: Duration,
    /// How long a failed login takes at least. It should be longer than the slowest stored scheme takes: 300 ms for
    /// bcrypt of cost 12.
    pub login_failure_floor: Duration,
    pub hashing: HashingLimits,
}

/// Why a bearer token does not let anybody in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AuthenticateError {
    /// Forged, expired or revoked, or its user is gone or disabled.
    #[error("Could not validate credentials")]
    Invalid,
    /// Nobody can tell at present.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Logs users in and authenticates their requests. One for each process, shared by all threads.
pub struct AuthService {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) hasher: PasswordHasher,
    pub(super) tokens: TokenIssuer,
    pub(super) login_failure_floor: Duration,
    principals: PrincipalCache,
}

impl AuthService {
    /// Wires the service up.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, config: AuthConfig) -> Self {
        Self {
            principals: PrincipalCache::new(Arc::clone(&store)),
            store,
            clock,
            hasher: PasswordHasher::new(config.hashing),
            tokens: TokenIssuer::new(config.keys, config.issuer, config.access_token_lifetime),
            login_failure_floor: config.login_failure_floor,
        }
    }

    /// Says whom a bearer token speaks for.
    ///
    /// # Errors
    /// If the token is not one of ours, has expired, or its user is gone, disabled or of another epoch; what others
    /// changed about the user counts after one second at the latest.
    pub async fn authenticate(&self, token: &str) -> Result<Principal, AuthenticateError> {
        let now = self.clock.now();
        let grant = self.tokens.verify(token, now).map_err(|reason| {
            tracing::debug!(%reason, "bearer token refused");
            AuthenticateError::Invalid
        })?;
        let state = self.principals.state(grant.user_id, now).await?;
        if state.is_some_and(|state| !state.disabled && state.epoch == grant.epoch) {
            Ok(Principal { user_id: grant.user_id, scopes: grant.scopes })
        } else {
            tracing::debug!(user_id = %grant.user_id, "bearer token refused: its user has changed");
            Err(AuthenticateError::Invalid)
        }
    }

    /// Makes a change to a user count at once for its tokens. To be called when the change has been committed.
    pub fn invalidate(&self, id: UserId) {
        self.principals.invalidate(id);
    }

    /// Hashes a password that is to be set, within the limits that logins obey.
    ///
    /// # Errors
    /// If too many passwords are being hashed, or the machine has no memory or randomness left.
    pub async fn hash_new_password(&self, password: NewPassword) -> Result<String, HashingError> {
        self.hasher.hash(password).await
    }
}
