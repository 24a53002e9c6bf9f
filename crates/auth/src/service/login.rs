//! Logging in with a password (RFC 6749, section 4.3).

use std::net::IpAddr;
use std::time::Duration;

use secrecy::SecretString;
use taglink_domain::model::{Email, LoginOrigin, Session, SessionId, Subject, SubjectStatus, Username};
use taglink_domain::port::{RepositoryError, UnitOfWork};
use taglink_domain::use_case::sessions::{self, OpenSession};
use thiserror::Error;
use tokio::time::{Instant, sleep};

use super::admission::{Admission, Refusal};
use super::{AuthService, Tokens};
use crate::password::{HashingError, Verification};
use crate::scope::{Role, Scopes};
use crate::secret::SecretKind;
use crate::throttle::Attempt;

/// What somebody sends to log in.
#[derive(Clone)]
pub struct Login {
    /// A user's name; for the scope `account`, an account's email.
    pub username: String,
    pub password: SecretString,
    /// The scopes asked for, separated by spaces; usually empty.
    pub scope: String,
    pub client: Client,
}

/// Who sends it.
#[derive(Clone, Debug)]
pub struct Client {
    pub address: IpAddr,
    /// What the client calls itself.
    pub user_agent: Option<String>,
}

/// Why nobody was logged in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LoginError {
    /// There is no such user or account, it is disabled, or the password is another.
    #[error("Incorrect username or password{}", if *.for_scope { " or invalid scopes" } else { "" })]
    IncorrectCredentials {
        /// Whether a scope was asked for.
        for_scope: bool,
    },
    /// There is no such scope, or it cannot be had.
    #[error("Incorrect username or password or invalid scopes")]
    InvalidScope,
    /// Too many failed; not before this time has passed.
    #[error("Too many failed logins, please try again later")]
    Throttled(Duration),
    /// Too many log in at once; a moment later it may work.
    #[error("too many passwords are being hashed")]
    Overloaded,
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The machine has no memory or randomness left, or a defect here.
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

impl From<Refusal> for LoginError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Throttled(retry_after) => Self::Throttled(retry_after),
            Refusal::Repository(error) => Self::Repository(error),
        }
    }
}

/// What is known of somebody who wants to log in.
struct Candidate {
    status: SubjectStatus,
    hashed_password: String,
}

/// The longest user agent that is kept, in characters.
const USER_AGENT_CHARS: usize = 255;

impl AuthService {
    /// Turns a name and a password into a session. A hash of an outdated scheme is replaced on this occasion.
    ///
    /// # Errors
    /// Nobody can tell by answer or time which of the reasons for [`LoginError::IncorrectCredentials`] it was: these
    /// answers take at least as long as the configured floor, as does [`LoginError::InvalidScope`].
    pub async fn login(&self, login: Login) -> Result<Tokens, LoginError> {
        let started = Instant::now();
        let address = login.client.address;
        let result = self.attempt(login).await;
        if let Err(LoginError::IncorrectCredentials { .. } | LoginError::InvalidScope) = result {
            sleep(self.login_failure_floor.saturating_sub(started.elapsed())).await;
        }
        if let Err(
            LoginError::IncorrectCredentials { .. } | LoginError::InvalidScope | LoginError::Throttled(_),
        ) = result
        {
            tracing::warn!(client = %address, "login failed");
        }
        result
    }

    async fn attempt(&self, login: Login) -> Result<Tokens, LoginError> {
        let scopes = Scopes::parse(&login.scope).map_err(|_| LoginError::InvalidScope)?;
        let kind = match scopes.role {
            Role::Plain | Role::Admin => "user",
            Role::Account => "account",
        };
        let attempt = Attempt::new(kind, &login.username, login.client.address);
        let admission = self.admit(attempt).await?;
        self.check_and_open(login, scopes, attempt.origin(), admission).await
    }

    async fn check_and_open(
        &self,
        login: Login,
        scopes: Scopes,
        origin: LoginOrigin,
        admission: Admission,
    ) -> Result<Tokens, LoginError> {
        let incorrect = LoginError::IncorrectCredentials { for_scope: !scopes.is_empty() };
        let role = scopes.role;
        let Login { username, password, client, .. } = login;
        let candidate = self.store.read(move |uow| candidate(uow, role, &username)).await?;
        let status = self.verified(candidate, password, admission).await?.ok_or_else(|| incorrect.clone())?;
        if role == Role::Admin && !status.is_admin {
            return Err(LoginError::InvalidScope);
        }
        let (refresh_token, refresh) =
            SecretKind::Refresh.make().map_err(|error| LoginError::Internal(error.to_string()))?;
        let now = self.clock.now();
        let lifetime = chrono::TimeDelta::from_std(self.session_lifetime).unwrap_or(chrono::TimeDelta::MAX);
        let session = Session {
            id: SessionId::new(),
            subject: status.subject,
            scope: scopes.to_string(),
            epoch: status.epoch,
            user_agent: client.user_agent.map(|text| text.chars().take(USER_AGENT_CHARS).collect()),
            created_at: now,
            last_used_at: now,
            expires_at: now.plus(lifetime),
        };
        let command = OpenSession { session: session.clone(), refresh, origin };
        if !self.store.write(move |uow| sessions::open(uow, &command)).await? {
            return Err(incorrect);
        }
        self.tokens_of(&session, status.epoch, scopes, refresh_token)
            .map_err(|error| LoginError::Internal(error.to_string()))
    }

    /// How the candidate stands, if this is its password and it may log in.
    async fn verified(
        &self,
        candidate: Option<Candidate>,
        password: SecretString,
        admission: Admission,
    ) -> Result<Option<SubjectStatus>, LoginError> {
        let stored = candidate.as_ref().map(|candidate| candidate.hashed_password.clone());
        let compared = self.compare(password, stored, admission).await?;
        let verification = compared.map_err(LoginError::Throttled)?;
        let Some(Candidate { status, hashed_password }) = candidate else { return Ok(None) };
        let subject = status.subject;
        match verification {
            Verification::Matches { upgrade } if !status.disabled => {
                if let Some(upgrade) = upgrade {
                    self.replace_hash(subject, hashed_password, upgrade).await;
                }
                Ok(Some(status))
            }
            Verification::Matches { .. } | Verification::Differs => Ok(None),
            Verification::Unusable(reason) => {
                tracing::error!(?subject, %reason, "nobody can log in as this subject");
                Ok(None)
            }
        }
    }

    /// The login has succeeded, so a failure here is only logged.
    async fn replace_hash(&self, subject: Subject, old: String, new: String) {
        let at = self.clock.now();
        let result: Result<(), RepositoryError> =
            self.store.write(move |uow| uow.rehash_password(subject, &old, &new, at)).await;
        if let Err(error) = result {
            tracing::warn!(?subject, %error, "an outdated password hash stays as it is");
        }
    }
}

/// Whoever has this name and may have this role.
fn candidate(uow: &mut dyn UnitOfWork, role: Role, name: &str) -> Result<Option<Candidate>, RepositoryError> {
    match role {
        Role::Account => {
            let Ok(email) = Email::parse(name.to_owned()) else { return Ok(None) };
            let account = uow.account_by_email(email.key())?;
            Ok(account.map(|account| Candidate {
                status: SubjectStatus {
                    subject: Subject::Account(account.id),
                    epoch: account.epoch,
                    is_admin: false,
                    disabled: false,
                },
                hashed_password: account.hashed_password,
            }))
        }
        Role::Plain | Role::Admin => {
            let Ok(username) = Username::parse(name) else { return Ok(None) };
            let user = uow.user_by_name(username.key())?;
            Ok(user.map(|user| Candidate {
                status: SubjectStatus {
                    subject: Subject::User(user.id),
                    epoch: user.epoch,
                    is_admin: user.is_admin,
                    disabled: user.disabled,
                },
                hashed_password: user.hashed_password,
            }))
        }
    }
}
