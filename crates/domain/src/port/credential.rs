//! Storage of what lets subjects in: passwords, sessions, API tokens.

use super::Result;
use crate::model::{
    ApiToken, ApiTokenId, ApiTokenPosition, LoginOrigin, Page, PageRequest, RefreshToken, SecretHash,
    Session, SessionId, SessionPosition, Subject, SubjectStatus, Timestamp,
};

/// What all subjects have in common. Every method fails with the [`super::RepositoryError`] of the storage.
#[expect(clippy::missing_errors_doc, reason = "told once, on the trait")]
pub trait SubjectRepository {
    /// How the subject stands; nothing if there is no such user or account, or if it is the shared account.
    fn subject_status(&mut self, subject: Subject) -> Result<Option<SubjectStatus>>;

    /// The stored hash of the subject's password.
    fn hashed_password(&mut self, subject: Subject) -> Result<Option<String>>;

    /// Stores another hash of the same password, if the subject's hash is still `old`. Credentials stay valid.
    fn rehash_password(&mut self, subject: Subject, old: &str, new: &str, at: Timestamp) -> Result<()>;

    /// Sets a password and raises the epoch, so that the credentials given out so far die; false if there is no such
    /// subject.
    fn set_password(&mut self, subject: Subject, hashed_password: &str, at: Timestamp) -> Result<bool>;

    /// Raises the epoch, so that the credentials given out so far die; false if there is no such subject.
    fn raise_epoch(&mut self, subject: Subject, at: Timestamp) -> Result<bool>;

    /// Notes that a login from this origin succeeded.
    fn remember_origin(&mut self, origin: LoginOrigin, at: Timestamp) -> Result<()>;

    /// Forgets up to `most` origins from which no login has succeeded since then.
    fn forget_origins(&mut self, since: Timestamp, most: u16) -> Result<()>;

    /// Whether a login from this origin has succeeded since then.
    fn is_known_origin(&mut self, origin: LoginOrigin, since: Timestamp) -> Result<bool>;
}

/// Sessions and their refresh tokens. Every method fails with the [`super::RepositoryError`] of the storage.
#[expect(clippy::missing_errors_doc, reason = "told once, on the trait")]
pub trait SessionRepository {
    /// Stores a session.
    fn insert_session(&mut self, session: &Session) -> Result<()>;

    /// The session with this id.
    fn session(&mut self, id: SessionId) -> Result<Option<Session>>;

    /// How the subject of a session that has not expired at `now` stands, in one statement; nothing if there is no
    /// such session.
    fn session_subject_status(&mut self, id: SessionId, now: Timestamp) -> Result<Option<SubjectStatus>>;

    /// A page of the subject's sessions that have not expired at `now`, in the order of [`SessionPosition`].
    fn sessions(
        &mut self,
        subject: Subject,
        now: Timestamp,
        page: &PageRequest<SessionPosition>,
    ) -> Result<Page<Session>>;

    /// Notes that the session was used, and keeps all other transactions from refreshing it until this one has ended;
    /// false if there is no such session.
    fn touch_session(&mut self, id: SessionId, at: Timestamp) -> Result<bool>;

    /// Removes the session and its refresh tokens, if it is this subject's; false if there was none.
    fn delete_session(&mut self, subject: Subject, id: SessionId) -> Result<bool>;

    /// Removes all sessions of the subject and their refresh tokens.
    fn delete_sessions_of(&mut self, subject: Subject) -> Result<()>;

    /// Removes up to `most` sessions that expired before `now`, and their refresh tokens.
    fn delete_expired_sessions(&mut self, now: Timestamp, most: u16) -> Result<()>;

    /// Stores a refresh token.
    fn insert_refresh_token(&mut self, token: &RefreshToken) -> Result<()>;

    /// The refresh token with this hash.
    fn refresh_token(&mut self, hash: SecretHash) -> Result<Option<RefreshToken>>;

    /// Marks an unused refresh token as used; false if there was none, or if it was used already.
    fn spend_refresh_token(&mut self, hash: SecretHash, at: Timestamp) -> Result<bool>;
}

/// Personal API tokens. Every method fails with the [`super::RepositoryError`] of the storage.
#[expect(clippy::missing_errors_doc, reason = "told once, on the trait")]
pub trait ApiTokenRepository {
    /// Stores an API token by the hash of its secret.
    fn insert_api_token(&mut self, token: &ApiToken, hash: SecretHash) -> Result<()>;

    /// The API token with this hash, expired or not, and how its subject stands, in one statement.
    fn api_token_with_status(&mut self, hash: SecretHash) -> Result<Option<(ApiToken, SubjectStatus)>>;

    /// A page of the subject's API tokens, expired ones included, in the order of [`ApiTokenPosition`].
    fn api_tokens(
        &mut self,
        subject: Subject,
        page: &PageRequest<ApiTokenPosition>,
    ) -> Result<Page<ApiToken>>;

    /// Notes that the token was used, unless that is noted for `since` or later already.
    fn touch_api_token(&mut self, id: ApiTokenId, at: Timestamp, since: Timestamp) -> Result<()>;

    /// Removes the token, if it is this subject's; false if there was none.
    fn delete_api_token(&mut self, subject: Subject, id: ApiTokenId) -> Result<bool>;

    /// Removes all API tokens of the subject.
    fn delete_api_tokens_of(&mut self, subject: Subject) -> Result<()>;
}
