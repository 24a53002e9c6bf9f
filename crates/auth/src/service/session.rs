//! Sessions from the inside: what they give out, and how they end.

use secrecy::{ExposeSecret, SecretString};
use taglink_domain::model::{Session, SessionId, Subject};
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::{api_tokens, sessions};

use super::AuthService;
use crate::principal::CacheKey;
use crate::scope::Scopes;
use crate::secret::SecretKind;
use crate::token::{Grant, IssuedToken, SigningError};

/// What a login or a refresh gives.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: IssuedToken,
    /// Good once, for the next ones.
    pub refresh_token: SecretString,
    /// What the access token may be used for.
    pub scopes: Scopes,
}

impl AuthService {
    /// An access token of a session, together with its refresh token.
    pub(super) fn tokens_of(
        &self,
        session: &Session,
        epoch: i64,
        scopes: Scopes,
        refresh_token: SecretString,
    ) -> Result<Tokens, SigningError> {
        let grant = Grant { subject: session.subject, session_id: session.id, epoch, scopes };
        let access = self.tokens.issue(grant, self.clock.now())?;
        Ok(Tokens { access, refresh_token, scopes })
    }

    /// Ends one of the subject's sessions; false if it has none of this id.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn end_session(&self, subject: Subject, id: SessionId) -> Result<bool, RepositoryError> {
        let was_there = self.store.write(move |uow| sessions::end(uow, subject, id)).await?;
        self.principals.forget(CacheKey::Session(id));
        Ok(was_there)
    }

    /// Ends all sessions and API tokens of the subject.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn end_everything(&self, subject: Subject) -> Result<(), RepositoryError> {
        let now = self.clock.now();
        self.store.write(move |uow| sessions::end_all(uow, subject, now)).await?;
        self.invalidate(subject);
        Ok(())
    }

    /// Ends whatever a token belongs to (RFC 7009): the session of an access token or a refresh token, or an API token.
    /// One that is not good belongs to nothing, which is no error.
    ///
    /// # Errors
    /// Those of the storage.
    pub async fn revoke(&self, token: &SecretString) -> Result<(), RepositoryError> {
        let token = token.expose_secret();
        if let Some(hash) = SecretKind::Refresh.read(token) {
            let ended = self.store.write(move |uow| sessions::end_by_refresh_token(uow, hash)).await?;
            if let Some(id) = ended {
                self.principals.forget(CacheKey::Session(id));
            }
        } else if let Some(hash) = SecretKind::ApiToken.read(token) {
            self.store.write(move |uow| api_tokens::revoke_by_secret(uow, hash)).await?;
            self.principals.forget(CacheKey::ApiToken(hash));
        } else if let Ok(grant) = self.tokens.verify(token, self.clock.now()) {
            self.end_session(grant.subject, grant.session_id).await?;
        }
        Ok(())
    }
}
