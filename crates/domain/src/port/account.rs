//! Storage of accounts.

use super::Result;
use crate::model::{
    Account, AccountChange, AccountId, AccountPosition, NewAccount, Page, PageRequest, Timestamp,
};

/// Accounts that somebody can log in as. The shared account is none of them: no method finds, changes or removes it,
/// except that it is there for [`AccountRepository::account_exists`].
///
/// Every method fails with the [`super::RepositoryError`] of the storage.
#[expect(clippy::missing_errors_doc, reason = "told once, on the trait")]
pub trait AccountRepository {
    /// Whether there is an account with this id, the shared one included, which is not to be removed.
    fn account_exists(&mut self, id: AccountId) -> Result<bool>;

    /// The account with this id.
    fn account(&mut self, id: AccountId) -> Result<Option<Account>>;

    /// The account whose email has this key.
    fn account_by_email(&mut self, email_key: &str) -> Result<Option<Account>>;

    /// A page of accounts in the order of [`AccountPosition`].
    fn accounts(&mut self, page: &PageRequest<AccountPosition>) -> Result<Page<Account>>;

    /// Stores an account. An email that is taken is a conflict with
    /// [`Constraint::AccountEmail`](super::Constraint::AccountEmail).
    fn insert_account(&mut self, account: &NewAccount) -> Result<()>;

    /// Changes an account; a new password raises the epoch. False if there is no such account. Conflicts as
    /// [`AccountRepository::insert_account`] does.
    fn update_account(&mut self, id: AccountId, change: &AccountChange, at: Timestamp) -> Result<bool>;

    /// To be called before many rows of an account are changed: waits until no other transaction that has called it for
    /// this account is left, so that two of them never wait for each other's rows.
    fn lock_for_many(&mut self, id: AccountId) -> Result<()>;

    /// Marks an account as one that is to be removed: it has no email, and only the methods below find it. Returns
    /// false if there is no such account.
    fn retire_account(&mut self, id: AccountId, at: Timestamp) -> Result<bool>;

    /// The accounts that are to be removed.
    fn retired_accounts(&mut self) -> Result<Vec<AccountId>>;

    /// Removes up to `most` rows that an account owns, and says whether there may be more.
    fn delete_some_rows_of_account(&mut self, id: AccountId, most: u16) -> Result<bool>;

    /// Removes all links, tags and taglinks of the account. Until the transaction has ended, nobody else can store rows,
    /// credentials or answers of it.
    fn delete_rows_of_account(&mut self, id: AccountId) -> Result<()>;

    /// Removes the account; false if there was none. What it owns, and its credentials, must be gone before.
    fn delete_account(&mut self, id: AccountId) -> Result<bool>;
}
