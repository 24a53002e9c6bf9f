//! Managing the accounts that own links and tags.

use thiserror::Error;

use super::in_parts;
use super::sessions::revoke_credentials;
use crate::model::{
    Account, AccountChange, AccountId, AccountPosition, AccountScope, Email, IdRef, NewAccount, Owner, Page,
    PageRequest, Subject, Timestamp,
};
use crate::port::{Constraint, RepositoryError, Store, UnitOfWork, UseCaseError};

/// How many rows of an account one transaction removes: on SQLite everybody else waits for it.
const ROWS: u16 = 2_000;

/// Why an account could not be created or changed.
#[derive(Debug, Error)]
pub enum AccountError {
    #[error("Account with email {} exists", .0.as_sent())]
    EmailTaken(Email),
    #[error("Account with account_id '{0}' not found")]
    NotFound(IdRef<AccountId>),
    #[error(transparent)]
    Repository(RepositoryError),
}

impl From<RepositoryError> for AccountError {
    fn from(error: RepositoryError) -> Self {
        Self::Repository(error)
    }
}

impl UseCaseError for AccountError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Repository(error) => Some(error),
            Self::EmailTaken(_) | Self::NotFound(_) => None,
        }
    }
}

/// A wish to store an account.
#[derive(Clone)]
pub struct CreateAccount {
    pub email: Email,
    pub hashed_password: String,
    pub at: Timestamp,
}

/// Stores an account.
///
/// # Errors
/// If the email is taken.
pub fn create(uow: &mut dyn UnitOfWork, command: &CreateAccount) -> Result<Account, AccountError> {
    let new = NewAccount {
        id: AccountId::new(),
        email: command.email.clone(),
        hashed_password: command.hashed_password.clone(),
        created_at: command.at,
    };
    uow.insert_account(&new).map_err(|error| told(error, Some(&command.email)))?;
    Ok(new.into())
}

/// The account with this id, if the scope reaches it. The shared account is nobody's to see.
///
/// # Errors
/// Those of the storage.
pub fn find(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    id: &IdRef<AccountId>,
) -> Result<Option<Account>, RepositoryError> {
    within(scope, id).map_or(Ok(None), |id| uow.account(id))
}

/// A page of accounts: all that the scope reaches, or the one with this email.
///
/// # Errors
/// Those of the storage.
pub fn list(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    email: Option<&Email>,
    page: &PageRequest<AccountPosition>,
) -> Result<Page<Account>, RepositoryError> {
    let found = match (scope, email) {
        (AccountScope::All, None) => return uow.accounts(page),
        (AccountScope::All, Some(email)) => uow.account_by_email(email.key())?,
        (AccountScope::One(own), None) => uow.account(own)?,
        (AccountScope::One(own), Some(email)) => {
            uow.account_by_email(email.key())?.filter(|account| account.id == own)
        }
    };
    let is_wanted = |account: &Account| page.after.is_none_or(|after| AccountPosition::from(account) > after);
    Ok(Page { items: found.into_iter().filter(is_wanted).collect(), has_more: false })
}

/// Changes an account and says how it is then. A new password ends its sessions and API tokens.
///
/// # Errors
/// If the scope does not reach such an account, or the email is taken.
pub fn change(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    id: &IdRef<AccountId>,
    change: &AccountChange,
    at: Timestamp,
) -> Result<Account, AccountError> {
    let not_found = || AccountError::NotFound(id.clone());
    let known = within(scope, id).ok_or_else(not_found)?;
    let is_there =
        uow.update_account(known, change, at).map_err(|error| told(error, change.email.as_ref()))?;
    if !is_there {
        return Err(not_found());
    }
    if change.hashed_password.is_some() {
        revoke_credentials(uow, Subject::Account(known))?;
    }
    uow.account(known)?.ok_or_else(not_found)
}

/// Begins to remove an account: from now on nobody finds it or can log in as it, and its email is free. False if the
/// scope does not reach such an account. [`finish_deletion`] does the rest.
///
/// # Errors
/// Those of the storage.
pub fn begin_deletion(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    id: &IdRef<AccountId>,
    at: Timestamp,
) -> Result<bool, RepositoryError> {
    let Some(id) = within(scope, id) else { return Ok(false) };
    let is_there = uow.retire_account(id, at)?;
    if is_there {
        revoke_credentials(uow, Subject::Account(id))?;
        uow.delete_answers_of(Subject::Account(id))?;
    }
    Ok(is_there)
}

/// Removes all links, tags and taglinks of an account that is to go, in many transactions if they are many, and then the
/// account.
///
/// # Errors
/// Those of the storage.
pub async fn finish_deletion(store: &dyn Store, id: AccountId) -> Result<(), RepositoryError> {
    let remove_some = move |uow: &mut dyn UnitOfWork| {
        uow.lock_for_many(id)?;
        uow.delete_some_rows_of_account(id, ROWS)
    };
    in_parts::repeat::<RepositoryError, _>(store, remove_some).await?;
    let remove = move |uow: &mut dyn UnitOfWork| {
        uow.delete_rows_of_account(id)?;
        revoke_credentials(uow, Subject::Account(id))?;
        uow.delete_answers_of(Subject::Account(id))?;
        uow.delete_account(id)
    };
    store.write(remove).await.map(drop)
}

/// Goes on with the removal of accounts that was interrupted.
///
/// # Errors
/// The first error of the storage; the other accounts are removed all the same.
pub async fn finish_deletions(store: &dyn Store) -> Result<(), RepositoryError> {
    let mut result = Ok(());
    for id in store.read(|uow| uow.retired_accounts()).await? {
        result = result.and(finish_deletion(store, id).await);
    }
    result
}

/// The owner's id. That of the client itself is taken for one that exists on the first try of a transaction: the foreign keys of what is then
/// created refuse an account that does not, and on the second try [`require`] finds out.
pub(super) fn presume(uow: &mut dyn UnitOfWork, owner: &Owner) -> Result<Option<AccountId>, RepositoryError> {
    if uow.is_retry() || !owner.is_own() { require(uow, owner) } else { Ok(owner.id()) }
}

/// The owner's id, if the account exists.
pub(super) fn require(uow: &mut dyn UnitOfWork, owner: &Owner) -> Result<Option<AccountId>, RepositoryError> {
    match owner.id() {
        None => Ok(None),
        Some(AccountId::SHARED) => Ok(Some(AccountId::SHARED)),
        Some(id) => Ok(uow.account_exists(id)?.then_some(id)),
    }
}

/// The id, if it is one that the scope reaches.
fn within(scope: AccountScope, id: &IdRef<AccountId>) -> Option<AccountId> {
    id.id().filter(|id| scope.contains(*id))
}

fn told(error: RepositoryError, email: Option<&Email>) -> AccountError {
    match (error, email) {
        (RepositoryError::Conflict(Constraint::AccountEmail), Some(email)) => {
            AccountError::EmailTaken(email.clone())
        }
        (other, _) => AccountError::Repository(other),
    }
}
