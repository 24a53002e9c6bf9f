//! Storage of many rows at once: for files of thousands, of which each would cost a round trip or three.

use super::Result;
use crate::model::{AccountId, DatedTag, Link, LinkId, NewLink, Tag, TagId, TagLink};

/// Many links, tags and taglinks at once, in few statements and in any number. What the methods for one row keep up to
/// date, these do as well. Every method fails with the [`super::RepositoryError`] of the storage.
#[expect(clippy::missing_errors_doc, reason = "told once, on the trait")]
pub trait BulkRepository {
    /// Which of these ids links have, whose ever they are.
    fn taken_link_ids(&mut self, ids: &[LinkId]) -> Result<Vec<LinkId>>;

    /// Which of these ids tags have, whose ever they are.
    fn taken_tag_ids(&mut self, ids: &[TagId]) -> Result<Vec<TagId>>;

    /// For each of these links, of one account and with different URLs, what
    /// [`LinkRepository::find_or_create_link`](super::LinkRepository::find_or_create_link) answers; in the same order. One
    /// that was stored now has the id that was asked for. An id that another link has is a conflict with
    /// [`Constraint::PrimaryKey(Table::Link)`](super::Constraint::PrimaryKey), or another try of the transaction.
    fn find_or_create_links(&mut self, links: &[NewLink]) -> Result<Vec<Link>>;

    /// For each of these tags, of one account and with different names, what
    /// [`TagRepository::find_or_create_tag`](super::TagRepository::find_or_create_tag) answers; in the same order. Ids are
    /// treated as those of links are.
    fn find_or_create_tags(&mut self, tags: &[DatedTag]) -> Result<Vec<Tag>>;

    /// The account's tags with these ids, in any order.
    fn tags_with_ids(&mut self, account: AccountId, ids: &[TagId]) -> Result<Vec<Tag>>;

    /// The account's tags with these keys of names, each with its key.
    fn tags_by_name(&mut self, account: AccountId, keys: &[&str]) -> Result<Vec<(String, Tag)>>;

    /// The taglinks of these links of an account.
    fn taglinks_of_links(&mut self, account: AccountId, links: &[LinkId]) -> Result<Vec<TagLink>>;

    /// Stores these taglinks, all of one account, except pairs that are there already.
    fn ensure_taglinks(&mut self, taglinks: &[TagLink]) -> Result<()>;
}
