//! What stands behind bearer tokens: who holds them, sessions with their refresh tokens, and API tokens.

use std::fmt;

use super::{AccountId, ApiTokenId, SessionId, Timestamp, UserId};

/// Who holds a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A user, who operates the service.
    User(UserId),
    /// An account, which owns links and tags.
    Account(AccountId),
}

/// What decides whether the credentials of a subject are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectStatus {
    pub subject: Subject,
    /// Credentials of another epoch are refused.
    pub epoch: i64,
    /// Whether the subject may use the scope `admin`.
    pub is_admin: bool,
    /// Whether all its credentials are refused.
    pub disabled: bool,
}

/// SHA-256 of a secret that was given out: what is stored of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The bytes of the hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for SecretHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

/// A login and everything that came of it: access tokens that name it, and one family of refresh tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub subject: Subject,
    /// What it may be used for, as granted at the login, separated by spaces.
    pub scope: String,
    /// The epoch of the subject when it logged in; the session is dead when the subject has another.
    pub epoch: i64,
    /// What the client called itself when it logged in.
    pub user_agent: Option<String>,
    pub created_at: Timestamp,
    /// When it was last refreshed, or when it began.
    pub last_used_at: Timestamp,
    /// Never moves.
    pub expires_at: Timestamp,
}

/// One refresh token of a session. Exactly one of a session's is unused: the live one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    pub hash: SecretHash,
    pub session_id: SessionId,
    /// The token it was given out for; nothing for the first of a session.
    pub predecessor: Option<SecretHash>,
    pub created_at: Timestamp,
    /// When it was exchanged for another, or replaced.
    pub used_at: Option<Timestamp>,
}

/// A personal API token: a credential for scripts that is no session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    pub id: ApiTokenId,
    pub subject: Subject,
    /// What its holder calls it.
    pub name: String,
    /// What it may be used for, separated by spaces.
    pub scope: String,
    /// The epoch of the subject when it was made; the token is dead when the subject has another.
    pub epoch: i64,
    pub created_at: Timestamp,
    /// Nothing if it does not expire.
    pub expires_at: Option<Timestamp>,
    /// To the minute; nothing if it was never used.
    pub last_used_at: Option<Timestamp>,
}

/// A digest of who logged in from where: lets a subject in that a stranger's failures would otherwise keep out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LoginOrigin([u8; 32]);

impl LoginOrigin {
    /// The bytes of the digest.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for LoginOrigin {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// The name of an API token: 1 to 255 characters without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiTokenName(String);

/// Why a text is no [`ApiTokenName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("name must be 1 to 255 characters long, none of them a control character")]
pub struct InvalidApiTokenName;

impl ApiTokenName {
    /// Reads a name; white space at its ends does not count.
    ///
    /// # Errors
    /// If it is blank, too long or holds a control character.
    pub fn parse(sent: &str) -> Result<Self, InvalidApiTokenName> {
        let name = super::text::FoldedName::parse(sent).map_err(|_| InvalidApiTokenName)?;
        Ok(Self(name.shown))
    }

    /// The name as it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
