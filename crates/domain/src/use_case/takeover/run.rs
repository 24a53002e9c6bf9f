//! The takeover itself: one transaction, all or nothing.

use thiserror::Error;

use super::super::import::{self, ImportReport, ImportRows};
use super::{Takeover, TakeoverReport};
use crate::model::{AccountId, NewAccount, NewUser, UserId};
use crate::port::{RepositoryError, UnitOfWork, UseCaseError};

/// Why nothing was taken over.
#[derive(Debug, Error)]
pub enum TakeoverError {
    /// No failure: what a dry run has found out before it was undone. [`settle`] turns it into an answer.
    #[error("this was a dry run")]
    DryRun(Box<TakeoverReport>),
    #[error(transparent)]
    Repository(RepositoryError),
}

impl From<RepositoryError> for TakeoverError {
    fn from(error: RepositoryError) -> Self {
        // What was free when it was looked for is taken: the transaction is to see who has it.
        let overtaken = matches!(error, RepositoryError::Conflict(_));
        Self::Repository(if overtaken { RepositoryError::Busy(error.to_string()) } else { error })
    }
}

impl UseCaseError for TakeoverError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Repository(error) => Some(error),
            Self::DryRun(_) => None,
        }
    }
}

/// Takes everything over. Users and accounts that are there already stay as they are; the rows of such an account go to
/// it. Links and tags are treated as those of an import.
///
/// `progress` is told how many links are done; it begins again when the transaction does.
///
/// # Errors
/// [`TakeoverError::DryRun`] after a dry run, so that it is undone.
pub fn run(
    uow: &mut dyn UnitOfWork,
    takeover: &Takeover,
    progress: &mut dyn FnMut(usize),
) -> Result<TakeoverReport, TakeoverError> {
    let mut report = takeover.report.clone();
    for user in &takeover.users {
        take_user(uow, user, &mut report)?;
    }
    take_rows(uow, takeover, AccountId::SHARED, &takeover.shared, &mut report, progress)?;
    let mut done = takeover.shared.links.len();
    for (account, rows) in &takeover.accounts {
        let id = take_account(uow, account, &mut report)?;
        take_rows(uow, takeover, id, rows, &mut report, &mut |links| progress(done + links))?;
        done += rows.links.len();
    }
    if takeover.dry_run { Err(TakeoverError::DryRun(Box::new(report))) } else { Ok(report) }
}

/// The report of a takeover, also if it was a dry run.
///
/// # Errors
/// Those of [`run`].
pub fn settle(result: Result<TakeoverReport, TakeoverError>) -> Result<TakeoverReport, TakeoverError> {
    match result {
        Err(TakeoverError::DryRun(report)) => Ok(*report),
        other => other,
    }
}

fn take_user(
    uow: &mut dyn UnitOfWork,
    user: &NewUser,
    report: &mut TakeoverReport,
) -> Result<(), RepositoryError> {
    let name = user.username.as_str();
    if uow.user_by_name(user.username.key())?.is_some() {
        report.users.merged += 1;
        report.problems.push(format!("user {name}: is there already, and stays as it is"));
        return Ok(());
    }
    let mut user = user.clone();
    if uow.user(user.id)?.is_some() {
        user.id = UserId::new();
        report.problems.push(format!("user {name}: its id is in use, so it was given the id {}", user.id));
    }
    uow.insert_user(&user)?;
    report.users.stored += 1;
    Ok(())
}

/// The account, stored now unless there is one with its email.
fn take_account(
    uow: &mut dyn UnitOfWork,
    account: &NewAccount,
    report: &mut TakeoverReport,
) -> Result<AccountId, RepositoryError> {
    let email = account.email.as_str();
    if let Some(known) = uow.account_by_email(account.email.key())? {
        report.accounts.merged += 1;
        report
            .problems
            .push(format!("account {email}: is there already, and keeps its password; it gets the rows"));
        return Ok(known.id);
    }
    let mut account = account.clone();
    if uow.account_exists(account.id)? {
        account.id = AccountId::new();
        report
            .problems
            .push(format!("account {email}: its id is in use, so it was given the id {}", account.id));
    }
    uow.insert_account(&account)?;
    report.accounts.stored += 1;
    Ok(account.id)
}

fn take_rows(
    uow: &mut dyn UnitOfWork,
    takeover: &Takeover,
    account: AccountId,
    rows: &ImportRows,
    report: &mut TakeoverReport,
    progress: &mut dyn FnMut(usize),
) -> Result<(), RepositoryError> {
    let mut imported = ImportReport::default();
    import::store(uow, account, rows, takeover.at, &mut imported, progress)?;
    report.tags.stored += imported.tags_created;
    report.tags.merged += rows.tags.len() - imported.tags_created;
    report.links.stored += imported.created;
    report.links.merged += imported.merged + imported.unchanged;
    let taglinks: usize = rows.links.iter().map(|link| link.taggings.len()).sum();
    report.taglinks.stored += imported.taglinks_created;
    report.taglinks.merged += taglinks - imported.taglinks_created;
    report.problems_left_out += imported.problems_left_out;
    for problem in imported.problems {
        let label = takeover.labels.get(problem.row).map_or("?", String::as_str);
        let message = problem.message.strip_prefix("tag: ").unwrap_or(&problem.message);
        report.problems.push(format!("{label}: {message}"));
    }
    Ok(())
}
