//! The import itself, in transactions of some rows each: others store theirs in between.

use std::ops::Range;
use std::sync::Arc;

use thiserror::Error;

use super::links;
use super::storage::{DryRun, Storage};
use super::tags::{self, KnownTags};
use super::{Import, ImportReport, ImportRows};
use crate::model::{AccountId, Owner, Timestamp};
use crate::port::{Constraint, RepositoryError, Store, Table, UnitOfWork, UseCaseError};

/// How much one transaction stores, in bytes of text: on SQLite everybody else waits for it, about a tenth of a second
/// on a small machine.
const AT_ONCE: usize = 128 * 1024;

/// What a row costs beside its text, in the same unit.
const ROW: usize = 300;

/// Why not everything was imported.
#[derive(Debug, Error)]
pub enum ImportError {
    #[error("Account with account_id '{}' not found", .0.as_sent())]
    AccountNotFound(Owner),
    #[error(transparent)]
    Repository(RepositoryError),
}

impl From<RepositoryError> for ImportError {
    fn from(error: RepositoryError) -> Self {
        Self::Repository(error)
    }
}

impl UseCaseError for ImportError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Repository(error) => Some(error),
            Self::AccountNotFound(_) => None,
        }
    }
}

/// Imports the rows of a file: finds or creates each link and its tags. What is there is not overwritten: a link gets
/// titles, notes and tags that it lacks. Ids and times are kept where nobody has the id here. Each row is stored as a
/// whole or not at all; after a failure, or if this is dropped, the same file again completes what was begun. A dry run
/// only reads.
///
/// Calls `progress` with the number of links that are done.
///
/// # Errors
/// If the account is gone, or the storage fails.
pub async fn run(
    store: &dyn Store,
    import: Import,
    progress: &mut (dyn FnMut(usize) + Send),
) -> Result<ImportReport, ImportError> {
    let import = Arc::new(import);
    if import.dry_run {
        return store.read(move |uow| try_out(uow, &import)).await;
    }
    let mut report = import.rows.read.clone();
    let mut tags = KnownTags::default();
    for part in tags::parts(&import.rows) {
        let import = Arc::clone(&import);
        let stored = store.write(move |uow| {
            let (mut known, mut told) = (KnownTags::default(), ImportReport::default());
            let account = begin(uow, &import)?;
            tags::store(uow, account, &import.rows, part.clone(), import.at, &mut known, &mut told)
                .map_err(overtaken)?;
            Ok::<_, ImportError>((known, told))
        });
        let (known, told) = stored.await?;
        tags.add(known);
        report.add(told);
    }
    let tags = Arc::new(tags);
    for part in parts(&import.rows.links, links::text) {
        let (import, tags, done) = (Arc::clone(&import), Arc::clone(&tags), part.end);
        let stored = store.write(move |uow| {
            let mut told = ImportReport::default();
            let account = begin(uow, &import)?;
            let rows = import.rows.links.get(part.clone()).unwrap_or_default();
            links::store(uow, account, rows, &tags, import.at, &mut told).map_err(overtaken)?;
            Ok::<_, ImportError>(told)
        });
        report.add(stored.await?);
        progress(done);
    }
    Ok(report.sorted())
}

/// Begins a part: no other transaction of many rows of the account goes on meanwhile.
fn begin(uow: &mut dyn UnitOfWork, import: &Import) -> Result<AccountId, ImportError> {
    let account = account_of(uow, import)?;
    uow.lock_for_many(account)?;
    Ok(account)
}

fn account_of(uow: &mut dyn UnitOfWork, import: &Import) -> Result<AccountId, ImportError> {
    super::super::accounts::require(uow, &import.owner)?
        .ok_or_else(|| ImportError::AccountNotFound(import.owner.clone()))
}

/// What an import would tell.
fn try_out(uow: &mut dyn UnitOfWork, import: &Import) -> Result<ImportReport, ImportError> {
    let account = account_of(uow, import)?;
    let mut report = ImportReport { dry_run: true, ..import.rows.read.clone() };
    store_all(&mut DryRun::new(uow), account, &import.rows, import.at, &mut report, &mut |_| ())?;
    Ok(report.sorted())
}

/// Stores all rows for an account that is there, in the present transaction.
pub(in super::super) fn store(
    uow: &mut dyn UnitOfWork,
    account: AccountId,
    rows: &ImportRows,
    at: Timestamp,
    report: &mut ImportReport,
    progress: &mut dyn FnMut(usize),
) -> Result<(), RepositoryError> {
    uow.lock_for_many(account)?;
    store_all(uow, account, rows, at, report, progress).map_err(overtaken)
}

fn store_all(
    storage: &mut (impl Storage + ?Sized),
    account: AccountId,
    rows: &ImportRows,
    at: Timestamp,
    report: &mut ImportReport,
    progress: &mut dyn FnMut(usize),
) -> Result<(), RepositoryError> {
    let mut tags = KnownTags::default();
    for part in tags::parts(rows) {
        tags::store(storage, account, rows, part, at, &mut tags, report)?;
    }
    for part in parts(&rows.links, links::text) {
        let done = part.end;
        let part = rows.links.get(part).unwrap_or_default();
        links::store(storage, account, part, &tags, at, report)?;
        progress(done);
    }
    Ok(())
}

/// The rows in parts, each for one transaction.
pub(super) fn parts<T>(rows: &[T], text: fn(&T) -> usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut cost) = (0, 0);
    for (place, row) in rows.iter().enumerate() {
        let more = ROW + text(row);
        if place > start && cost + more > AT_ONCE {
            parts.push(start..place);
            (start, cost) = (place, 0);
        }
        cost += more;
    }
    if start < rows.len() {
        parts.push(start..rows.len());
    }
    parts
}

/// An id that was free a moment ago and is not now: the transaction is to see who has it.
fn overtaken(error: RepositoryError) -> RepositoryError {
    match error {
        RepositoryError::Conflict(Constraint::PrimaryKey(Table::Link | Table::Tag)) => {
            RepositoryError::Busy("somebody else took the id of an imported row".into())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_bounded_and_lose_nothing() {
        let of = |rows: &[usize]| parts(rows, |text| *text);
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[9 * AT_ONCE, 1, AT_ONCE, 1]), [0..1, 1..2, 2..3, 3..4], "a row is never too large");
        let many = of(&[200; 1000]);
        assert!(many.iter().all(|part| part.len() * (ROW + 200) <= AT_ONCE), "{many:?}");
        assert!(many.windows(2).all(|pair| pair[0].end == pair[1].start), "{many:?}");
        assert_eq!((many[0].start, many.last().unwrap().end), (0, 1000));
    }
}
