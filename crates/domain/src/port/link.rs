//! Storage of links.

use super::Result;
use crate::model::{AccountId, AccountScope, Link, LinkId, LinkUrl, NewLink, UrlHash};

/// Links of the accounts in a scope. Every method fails with the [`super::RepositoryError`] of the storage.
#[expect(clippy::missing_errors_doc, reason = "told once, on the trait")]
pub trait LinkRepository {
    /// The link with this id.
    fn link(&mut self, scope: AccountScope, id: LinkId) -> Result<Option<Link>>;

    /// Those of these URLs that the account has stored, with their links; in one statement.
    fn links_by_url(&mut self, account: AccountId, urls: &[UrlHash]) -> Result<Vec<(UrlHash, Link)>>;

    /// The account's link with the same canonical URL, stored now unless it was there; free of races.
    fn find_or_create_link(&mut self, link: &NewLink) -> Result<Link>;

    /// Stores the link as it is given, counts its version up, and says whether it did: not if the link has another version
    /// by now. A URL that its account has already is a conflict with [`Constraint::LinkUrl`](super::Constraint::LinkUrl).
    fn update_link(&mut self, link: &Link, url: Option<&LinkUrl>) -> Result<bool>;

    /// Locks the link until the transaction ends; false if the account has no such link.
    fn lock_link(&mut self, account: AccountId, id: LinkId) -> Result<bool>;

    /// Removes the link; false if there was none. Its taglinks must be gone before.
    fn delete_link(&mut self, scope: AccountScope, id: LinkId) -> Result<bool>;
}
