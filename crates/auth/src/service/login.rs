//! Logging in with a password (RFC 6749, section 4.3).

use secrecy::SecretString;
use taglink_domain::model::{User, Username};
use taglink_domain::port::RepositoryError;
use thiserror::Error;
use tokio::time::{Instant, sleep};

use super::AuthService;
use crate::password::{HashingError, Verification};
use crate::scope::Scopes;
use crate::token::{Grant, IssuedToken, SigningError};

/// What somebody sends to log in.
#[derive(Clone)]
pub struct Login {
    pub username: String,
    pub password: SecretString,
    /// The scopes asked for, separated by spaces; usually empty.
    pub scope: String,
}

/// Why nobody was logged in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LoginError {
    /// There is no such user, it is disabled, or the password is another.
    #[error("Incorrect username or password")]
    IncorrectCredentials,
    /// The same, or the scope cannot be had: the answer to every failed login that asks for a scope.
    #[error("Incorrect username or password or invalid scopes")]
    InvalidScope,
    /// Too many log in at once; a moment later it may work.
    #[error("too many passwords are being hashed")]
    Overloaded,
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The machine has no memory left, or a defect here.
    #[error("{0}")]
    Internal(String),
}

impl From<HashingError> for LoginError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Overloaded => Self::Overloaded,
            HashingError::Failed(failure) => Self::Internal(failure.to_string()),
        }
    }
}

impl From<SigningError> for LoginError {
    fn from(error: SigningError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl AuthService {
    /// Turns a name and a password into an access token. A hash of an outdated scheme is replaced on this occasion.
    ///
    /// # Errors
    /// Nobody can tell by answer or time which of the reasons for [`LoginError::IncorrectCredentials`] it was, or for
    /// [`LoginError::InvalidScope`]: these answers take at least as long as the configured floor.
    pub async fn login(&self, login: Login) -> Result<IssuedToken, LoginError> {
        let started = Instant::now();
        let result = self.attempt(login).await;
        if let Err(LoginError::IncorrectCredentials | LoginError::InvalidScope) = result {
            sleep(self.login_failure_floor.saturating_sub(started.elapsed())).await;
        }
        result
    }

    async fn attempt(&self, login: Login) -> Result<IssuedToken, LoginError> {
        let scopes = Scopes::parse(&login.scope).map_err(|_| LoginError::InvalidScope)?;
        match self.verified_user(&login.username, login.password).await? {
            Some(user) => {
                let grant = Grant { user_id: user.id, epoch: user.epoch, scopes };
                Ok(self.tokens.issue(grant, self.clock.now())?)
            }
            None if scopes.is_empty() => Err(LoginError::IncorrectCredentials),
            None => Err(LoginError::InvalidScope),
        }
    }

    /// The user of this name, if this is its password and it may log in.
    async fn verified_user(&self, name: &str, password: SecretString) -> Result<Option<User>, LoginError> {
        let user = match Username::parse(name) {
            Ok(name) => self.store.read(move |uow| uow.user_by_name(name.key())).await?,
            Err(_) => None,
        };
        let stored = user.as_ref().map(|user| user.hashed_password.clone());
        let verification = self.hasher.verify(password, stored).await?;
        let Some(user) = user else { return Ok(None) };
        match verification {
            Verification::Matches { upgrade } if !user.disabled => {
                if let Some(upgrade) = upgrade {
                    self.replace_hash(&user, upgrade).await;
                }
                Ok(Some(user))
            }
            Verification::Matches { .. } | Verification::Differs => Ok(None),
            Verification::Unusable(reason) => {
                tracing::error!(user_id = %user.id, %reason, "nobody can log in as this user");
                Ok(None)
            }
        }
    }

    /// The login has succeeded, so a failure here is only logged.
    async fn replace_hash(&self, user: &User, new: String) {
        let (id, old, at) = (user.id, user.hashed_password.clone(), self.clock.now());
        let result: Result<(), RepositoryError> =
            self.store.write(move |uow| uow.rehash_password(id, &old, &new, at)).await;
        if let Err(error) = result {
            tracing::warn!(user_id = %id, %error, "an outdated password hash stays as it is");
        }
    }
}
