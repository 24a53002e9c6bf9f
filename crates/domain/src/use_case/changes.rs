//! Following what changes in an account.

use thiserror::Error;

use crate::model::{AccountId, Change, ChangeSeq, Limit};
use crate::port::{RepositoryError, UnitOfWork, UseCaseError};

/// A wish to know what has changed.
#[derive(Clone, Debug)]
pub struct ReadChanges {
    /// Whose changes; nothing for an account that there is not, or that is none of the client's business.
    pub account: Option<AccountId>,
    pub start: Start,
    pub limit: Limit,
}

/// Where reading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Behind what has happened so far.
    Latest,
    /// Behind this change; [`ChangeSeq::START`] for the beginning.
    After(ChangeSeq),
}

/// Some changes, lowest number first, and where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    pub items: Vec<Change>,
    /// The number of the last change that is known now.
    pub last: ChangeSeq,
}

/// Why changes could not be told.
#[derive(Debug, Error)]
pub enum ReadChangesError {
    #[error(
        "The changes that follow are no longer kept: start again with after=latest, then read the lists anew"
    )]
    Expired,
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl UseCaseError for ReadChangesError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Repository(error) => Some(error),
            Self::Expired => None,
        }
    }
}

/// The changes that follow. Asks for several things that must agree, so it needs a snapshot.
///
/// Who asks from [`Start::Latest`], then reads the lists, and then applies all changes in their order, ends with what is
/// stored: whatever changes while the lists are read is among the changes. An account that there is not is like one in
/// which nothing has ever happened.
///
/// # Errors
/// If the change after the given one is no longer kept, or if there has never been the given one, as after a restore of
/// the database.
pub fn read(uow: &mut dyn UnitOfWork, query: &ReadChanges) -> Result<Changes, ReadChangesError> {
    let latest = match query.account {
        Some(account) => uow.latest_change(account)?,
        None => None,
    };
    let latest = latest.unwrap_or(ChangeSeq::START);
    let after = match query.start {
        Start::Latest => return Ok(Changes { items: Vec::new(), last: latest }),
        Start::After(after) => after,
    };
    let items = match query.account {
        Some(account) if after < latest => uow.changes(account, after, query.limit)?,
        Some(_) | None => Vec::new(),
    };
    // Numbers have no gaps: what does not go on with the next one has lost some.
    let goes_on = items.first().map_or(after == latest, |first| after.is_followed_by(first.seq));
    if !goes_on {
        return Err(ReadChangesError::Expired);
    }
    let last = items.last().map_or(after, |last| last.seq);
    Ok(Changes { items, last })
}
