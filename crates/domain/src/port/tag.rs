//! Storage of tags.

use super::Result;
use crate::model::{
    AccountId, AccountScope, LinkId, NewTag, Page, PageRequest, Tag, TagId, TagName, TagPosition, Timestamp,
};

/// Tags of the accounts in a scope. Every method fails with the [`super::RepositoryError`] of the storage.
#[expect(clippy::missing_errors_doc, reason = "told once, on the trait")]
pub trait TagRepository {
    /// The tag with this id.
    fn tag(&mut self, scope: AccountScope, id: TagId) -> Result<Option<Tag>>;

    /// A page of tags in the order of [`TagPosition`]: all, or those whose name has this key.
    fn tags(
        &mut self,
        scope: AccountScope,
        name_key: Option<&str>,
        page: &PageRequest<TagPosition>,
    ) -> Result<Page<Tag>>;

    /// Stores a tag. A name that its account has already is a conflict with
    /// [`Constraint::TagName`](super::Constraint::TagName).
    fn insert_tag(&mut self, tag: &NewTag) -> Result<Tag>;

    /// The account's tag of this name, stored now unless it was there; free of races.
    fn find_or_create_tag(&mut self, tag: &NewTag) -> Result<Tag>;

    /// Gives the tag another name, counts its version up, and says whether it did: not if the tag has another version by
    /// now. Conflicts as [`TagRepository::insert_tag`] does.
    fn rename_tag(&mut self, tag: &Tag, name: &TagName, at: Timestamp) -> Result<bool>;

    /// The tags of each of these links, in the order of tags; in one statement.
    fn tags_of_links(&mut self, scope: AccountScope, links: &[LinkId]) -> Result<Vec<(LinkId, Tag)>>;

    /// How many links carry each of these tags, those without links left out; in one statement.
    fn count_links(&mut self, scope: AccountScope, tags: &[TagId]) -> Result<Vec<(TagId, i64)>>;

    /// Those of these tags that the account has, in the order of their ids. Until this transaction has ended, nobody else
    /// can change them, remove them, or put them on links.
    fn lock_tags(&mut self, account: AccountId, tags: &[TagId]) -> Result<Vec<Tag>>;

    /// Up to `most` tags that no link carries, in the order of accounts and ids, after `after`.
    fn unused_tags(
        &mut self,
        scope: AccountScope,
        after: Option<(AccountId, TagId)>,
        most: u16,
    ) -> Result<Vec<(AccountId, TagId)>>;

    /// Removes these tags, all of which must be there and on no link: else others have changed that meanwhile, and this
    /// transaction is worth another try.
    fn delete_tags(&mut self, tags: &[(AccountId, TagId)]) -> Result<()>;

    /// Removes the tag; false if there was none. Its taglinks must be gone before.
    fn delete_tag(&mut self, scope: AccountScope, id: TagId) -> Result<bool>;
}
