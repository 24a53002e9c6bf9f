//! Refreshing a session (RFC 6749, section 6).

use secrecy::{ExposeSecret, SecretString};
use taglink_domain::model::{SecretHash, Session};
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::sessions::{self, Refreshed};
use thiserror::Error;

use super::{AuthService, Tokens};
use crate::principal::CacheKey;
use crate::scope::Scopes;
use crate::secret::SecretKind;

/// What somebody sends to refresh a session.
#[derive(Clone)]
pub struct Refresh {
    pub refresh_token: SecretString,
    /// The scopes asked for, separated by spaces; blank for those of the session.
    pub scope: String,
}

/// Why a session was not refreshed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RefreshError {
    /// The refresh token is unknown, expired, revoked or used.
    #[error("The refresh token is not valid")]
    Invalid,
    /// The session does not have this scope.
    #[error("The session does not have this scope")]
    InvalidScope,
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// No randomness, or a defect here.
    #[error("{0}")]
    Internal(String),
}

impl AuthService {
    /// Exchanges a refresh token for an access token and the next refresh token.
    ///
    /// # Errors
    /// If the token is not good, or the scope is more than the session's. A token that is used again after 60 s ends its
    /// session.
    pub async fn refresh(&self, refresh: &Refresh) -> Result<Tokens, RefreshError> {
        let presented =
            SecretKind::Refresh.read(refresh.refresh_token.expose_secret()).ok_or(RefreshError::Invalid)?;
        let wanted = Scopes::parse(&refresh.scope).map_err(|_| RefreshError::InvalidScope)?;
        let successors = self
            .derivation_keys
            .iter()
            .map(|key| SecretKind::Refresh.derive(key, refresh.refresh_token.expose_secret()));
        let successors: Vec<_> = successors.collect();
        let hashes: Vec<SecretHash> = successors.iter().map(|(_, hash)| *hash).collect();
        let now = self.clock.now();
        let refreshed = self.store.write(move |uow| {
            sessions::refresh(uow, presented, &hashes, now, &|session| granted(session, wanted).is_some())
        });
        match refreshed.await? {
            Refreshed::Renewed(session, status, successor) => {
                let next = successors.into_iter().find(|(_, hash)| *hash == successor);
                let (next, _) = next.ok_or(RefreshError::Invalid)?;
                let scopes = granted(&session, wanted).ok_or(RefreshError::InvalidScope)?;
                self.tokens_of(&session, status.epoch, scopes, next).map_err(|error| internal(&error))
            }
            Refreshed::NotGranted => Err(RefreshError::InvalidScope),
            Refreshed::Refused => Err(RefreshError::Invalid),
            Refreshed::Replayed(id) => {
                self.principals.forget(CacheKey::Session(id));
                tracing::warn!(session_id = %id, "a refresh token was used again: its session was ended");
                Err(RefreshError::Invalid)
            }
        }
    }
}

/// What an access token of the session gets: what is wanted, if the session has it, else what the session has.
fn granted(session: &Session, wanted: Scopes) -> Option<Scopes> {
    let has = Scopes::parse(&session.scope).ok()?;
    if wanted.is_empty() { Some(has) } else { wanted.is_within(has).then_some(wanted) }
}

fn internal(error: &dyn std::error::Error) -> RefreshError {
    RefreshError::Internal(error.to_string())
}
