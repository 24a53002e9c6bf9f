//! Storage of changes.

use super::Result;
use crate::model::{AccountId, Change, ChangeSeq, Limit};

/// The changes of links, tags and taglinks. They are written by the methods that change these, together with them.
/// Every method fails with the [`super::RepositoryError`] of the storage.
#[expect(clippy::missing_errors_doc, reason = "told once, on the trait")]
pub trait ChangeRepository {
    /// The number of the account's latest change; nothing if there is no such account.
    fn latest_change(&mut self, account: AccountId) -> Result<Option<ChangeSeq>>;

    /// The account's changes with a higher number, lowest first, each with what it is about as that is now. The oldest
    /// ones may be gone; what is left has no gaps.
    fn changes(&mut self, account: AccountId, after: ChangeSeq, limit: Limit) -> Result<Vec<Change>>;
}
