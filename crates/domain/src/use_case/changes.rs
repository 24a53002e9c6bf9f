//! Following what changes in an account.

use thiserror::Error;

use crate::model::{AccountId, Change, ChangeSeq, Limit};
use crate::port::{RepositoryError, Store, UnitOfWork, UseCaseError};

/// A request for changes.
#[derive(Clone, Debug)]
pub struct ReadChanges {
    /// Whose changes; `None` for an account that does not exist, or that the client may not see.
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

/// Why changes could not be read.
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

/// The changes that follow. Those without a number get one first.
///
/// A client that asks from [`Start::Latest`], then reads the lists, and then applies all changes in their order, ends
/// with what is stored: whatever changes while the lists are read is among the changes. An account that does not exist
/// is like one in which nothing has ever happened.
///
/// # Errors
/// If the change after the given one is no longer kept, or if there has never been the given one, as after a restore of
/// the database.
pub async fn follow(store: &dyn Store, query: ReadChanges) -> Result<Changes, ReadChangesError> {
    if let Some(account) = query.account {
        number(store, account, query.start).await?;
    }
    store.read_snapshot(move |uow| read(uow, &query)).await
}

/// Numbers what has no number yet: some thousands, which is more than a page, or for [`Start::Latest`] all. A database
/// that only reads, such as a standby, leaves them as they are.
async fn number(store: &dyn Store, account: AccountId, start: Start) -> Result<(), RepositoryError> {
    if !store.read(move |uow| uow.has_pending_changes(account)).await? {
        return Ok(());
    }
    loop {
        match store.write(move |uow| uow.number_changes(account)).await {
            Ok(true) if start == Start::Latest => {}
            Ok(_) | Err(RepositoryError::NotWritable(_)) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

fn read(uow: &mut dyn UnitOfWork, query: &ReadChanges) -> Result<Changes, ReadChangesError> {
    let Some(account) = query.account else {
        let last = ChangeSeq::START;
        let is_start = matches!(query.start, Start::Latest | Start::After(ChangeSeq::START));
        return if is_start {
            Ok(Changes { items: Vec::new(), last })
        } else {
            Err(ReadChangesError::Expired)
        };
    };
    let latest = uow.latest_change(account)?;
    let after = match query.start {
        Start::Latest => return Ok(Changes { items: Vec::new(), last: latest }),
        Start::After(after) => after,
    };
    let items = if after < latest { uow.changes(account, after, query.limit)? } else { Vec::new() };
    // Where a number is missing, changes were dropped that nobody had read.
    let follows = |previous: &mut ChangeSeq, change: Change| {
        let is_next = previous.is_followed_by(change.seq);
        *previous = change.seq;
        is_next.then_some(change)
    };
    let items: Vec<Change> = items.into_iter().scan(after, follows).collect();
    if items.is_empty() && after != latest {
        return Err(ReadChangesError::Expired);
    }
    let last = items.last().map_or(after, |last| last.seq);
    Ok(Changes { items, last })
}
