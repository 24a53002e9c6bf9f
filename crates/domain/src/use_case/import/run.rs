//! The import itself: one transaction, all or nothing.

use thiserror::Error;

use super::{Import, ImportReport, ImportRows, links, tags};
use crate::model::{AccountId, Owner, Timestamp};
use crate::port::{Constraint, RepositoryError, Table, UnitOfWork, UseCaseError};

/// How many links are looked at together.
const CHUNK: usize = 250;

/// Why nothing was imported.
#[derive(Debug, Error)]
pub enum ImportError {
    #[error("Account with account_id '{}' not found", .0.as_sent())]
    AccountNotFound(Owner),
    /// No failure: what a dry run has found out before it was undone. [`settle`] turns it into an answer.
    #[error("this was a dry run")]
    DryRun(Box<ImportReport>),
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
            Self::AccountNotFound(_) | Self::DryRun(_) => None,
        }
    }
}

/// Imports the rows of a file: finds or creates each link and its tags. What is there is not overwritten: a link gets
/// titles, notes and tags that it lacks. Ids and times are kept where nobody has the id here.
///
/// `progress` is told how many links are done; it begins again when the transaction does.
///
/// # Errors
/// If the account is gone. [`ImportError::DryRun`] after a dry run, so that it is undone.
pub fn run(
    uow: &mut dyn UnitOfWork,
    import: &Import,
    progress: &mut dyn FnMut(usize),
) -> Result<ImportReport, ImportError> {
    let account = super::super::accounts::require(uow, &import.owner)?
        .ok_or_else(|| ImportError::AccountNotFound(import.owner.clone()))?;
    let mut report = ImportReport { dry_run: import.dry_run, ..import.rows.read.clone() };
    store(uow, account, &import.rows, import.at, &mut report, progress)?;
    let report = report.sorted();
    if import.dry_run { Err(ImportError::DryRun(Box::new(report))) } else { Ok(report) }
}

/// The report of an import, also if it was a dry run.
///
/// # Errors
/// Those of [`run`].
pub fn settle(result: Result<ImportReport, ImportError>) -> Result<ImportReport, ImportError> {
    match result {
        Err(ImportError::DryRun(report)) => Ok(*report),
        other => other,
    }
}

/// Stores the rows for an account that is there.
pub(in super::super) fn store(
    uow: &mut dyn UnitOfWork,
    account: AccountId,
    rows: &ImportRows,
    at: Timestamp,
    report: &mut ImportReport,
    progress: &mut dyn FnMut(usize),
) -> Result<(), RepositoryError> {
    let mut done = 0;
    progress(done);
    uow.lock_for_many(account)?;
    let tags = tags::store(uow, account, rows, at, report).map_err(overtaken)?;
    for chunk in rows.links.chunks(CHUNK) {
        links::store(uow, account, chunk, &tags, at, report).map_err(overtaken)?;
        done += chunk.len();
        progress(done);
    }
    Ok(())
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
