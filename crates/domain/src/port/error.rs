//! What can go wrong in storage, told alike for every database.

use thiserror::Error;

/// A failure of the storage.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RepositoryError {
    /// A unique constraint refused the row.
    #[error("unique constraint {0:?} violated")]
    Conflict(Constraint),
    /// A foreign key refused the change: a row it names is gone, or is still named. Not every database says which key.
    #[error("foreign key violated")]
    MissingReference(Option<Constraint>),
    /// Deadlock, serialization failure, lock wait or a full queue: the same request may succeed a moment later.
    #[error("storage is busy: {0}")]
    Busy(String),
    /// The database cannot be reached.
    #[error("storage is unavailable: {0}")]
    Unavailable(String),
    /// The database cannot store more, or only reads are possible.
    #[error("storage does not accept writes: {0}")]
    NotWritable(String),
    /// A stored value is not what the schema promises.
    #[error("stored data is corrupt: {0}")]
    Corrupt(String),
    /// Anything else: a defect here.
    #[error("storage failed: {0}")]
    Internal(String),
}

impl RepositoryError {
    /// Whether running the whole transaction again may help. A missing reference counts: rows are looked up before
    /// they are referred to, so one that is gone was removed at the same time.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy(_) | Self::MissingReference(_) => true,
            Self::Conflict(_)
            | Self::Unavailable(_)
            | Self::NotWritable(_)
            | Self::Corrupt(_)
            | Self::Internal(_) => false,
        }
    }
}

/// A named constraint of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Constraint {
    PrimaryKey(Table),
    AccountEmail,
    UserUsername,
    LinkUrl,
    LinkAccount,
    TagName,
    TagAccount,
    TagLinkTag,
    TagLinkLink,
    TagTermTag,
    SessionUser,
    SessionAccount,
    RefreshTokenSession,
    ApiTokenHash,
    ApiTokenUser,
    ApiTokenAccount,
    IdempotencyUser,
    IdempotencyAccount,
    AccountLockAccount,
    ChangeAccount,
}

/// A table of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    Account,
    User,
    Link,
    Tag,
    TagLink,
    Session,
    RefreshToken,
    ApiToken,
    LoginOrigin,
    Idempotency,
    Change,
    ChangeHead,
    ChangePending,
    AccountLock,
    LinkTerm,
    TagTerm,
}
