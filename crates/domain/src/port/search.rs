//! Search for links, in indexes that the other repositories keep up to date.

use super::Result;
use crate::model::{AccountScope, Limit, Page, PageRequest, Tag, TagPosition};
use crate::search::{FoundLinks, LinkPlace, LinkSearch, TagCount, TagKey};

/// Links and tags of the accounts in a scope, as [`matches`](crate::search::matches) finds them. Every method fails with
/// the [`super::RepositoryError`] of the storage.
#[expect(clippy::missing_errors_doc, reason = "told once, on the trait")]
pub trait SearchRepository {
    /// A page of the links in the order of the search. A place must be one of that order, else nothing is found.
    fn search_links(
        &mut self,
        scope: AccountScope,
        search: &LinkSearch,
        page: &PageRequest<LinkPlace>,
    ) -> Result<FoundLinks>;

    /// How many links there are.
    fn count_found_links(&mut self, scope: AccountScope, search: &LinkSearch) -> Result<i64>;

    /// The tags that most of the links carry: the most frequent first, those of one frequency by their keys.
    fn count_found_tags(
        &mut self,
        scope: AccountScope,
        search: &LinkSearch,
        limit: Limit,
    ) -> Result<Vec<TagCount>>;

    /// A page of the tag with this key and all below it, in the order of [`TagPosition`].
    fn tags_below(
        &mut self,
        scope: AccountScope,
        root: &TagKey,
        page: &PageRequest<TagPosition>,
    ) -> Result<Page<Tag>>;
}
