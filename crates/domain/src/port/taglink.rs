//! Storage of taglinks.

use super::Result;
use crate::model::{
    AccountId, AccountScope, LinkId, Page, PageRequest, TagId, TagLink, TagLinkPosition, Timestamp,
};

/// Which taglinks are meant: those that agree with everything given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TagLinkFilter {
    pub tag_id: Option<TagId>,
    pub link_id: Option<LinkId>,
}

/// Taglinks of the accounts in a scope. Every method fails with the [`super::RepositoryError`] of the storage.
#[expect(clippy::missing_errors_doc, reason = "told once, on the trait")]
pub trait TagLinkRepository {
    /// A page of taglinks in the order of [`TagLinkPosition`].
    fn taglinks(
        &mut self,
        scope: AccountScope,
        filter: TagLinkFilter,
        page: &PageRequest<TagLinkPosition>,
    ) -> Result<Page<TagLink>>;

    /// Stores a taglink. A pair that is there already is a conflict with
    /// [`Constraint::PrimaryKey(Table::TagLink)`](super::Constraint::PrimaryKey).
    fn insert_taglink(&mut self, taglink: &TagLink) -> Result<()>;

    /// Stores a taglink unless the pair is there already.
    fn ensure_taglink(&mut self, taglink: &TagLink) -> Result<()>;

    /// Takes the tags `from` off up to `most` links, puts the tag `to` on those of them that do not carry it yet, and says
    /// whether there may be more. All of these tags must be of one account, and locked
    /// ([`TagRepository::lock_tags`](super::TagRepository::lock_tags)).
    fn move_some_taglinks(&mut self, from: &[TagId], to: TagId, most: u16, at: Timestamp) -> Result<bool>;

    /// Takes the tag off up to `most` links, and says how many those were.
    fn delete_some_taglinks(&mut self, account: AccountId, tag: TagId, most: u16) -> Result<usize>;

    /// Removes all that match, and says how many those were.
    fn delete_taglinks(&mut self, scope: AccountScope, filter: TagLinkFilter) -> Result<usize>;
}
