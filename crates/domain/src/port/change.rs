//! Storage of changes.

use super::Result;
use crate::model::{AccountId, Change, ChangeSeq, Limit};

/// The changes of links, tags and taglinks. The methods that change these note it in the same transaction, without a
/// number; the changes get their numbers from those who read them.
/// Every method fails with the [`super::RepositoryError`] of the storage.
#[expect(clippy::missing_errors_doc, reason = "said once, on the trait")]
pub trait ChangeRepository {
    /// Whether the account has changes without a number.
    fn has_pending_changes(&mut self, account: AccountId) -> Result<bool>;

    /// Gives numbers to some thousands of the account's changes that have none, oldest first, and reports whether there
    /// may be more of them. Several changes of one row become one.
    fn number_changes(&mut self, account: AccountId) -> Result<bool>;

    /// The number of the account's latest numbered change.
    fn latest_change(&mut self, account: AccountId) -> Result<ChangeSeq>;

    /// The account's changes with a higher number, lowest first, each with the present state of its row. The oldest
    /// ones may be gone; those that are left have no gaps.
    fn changes(&mut self, account: AccountId, after: ChangeSeq, limit: Limit) -> Result<Vec<Change>>;
}
