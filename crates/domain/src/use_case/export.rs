//! Reading everything of an account, or a part of it, page by page. Each page is a transaction of its own, so what is
//! changed meanwhile may be in it or not.

use std::collections::{BTreeSet, HashMap};

use super::accounts;
use crate::model::{
    AccountId, AccountScope, Limit, Link, LinkId, Owner, Page, PageRequest, Tag, TagId, TagPosition,
    Timestamp,
};
use crate::port::{RepositoryError, UnitOfWork};
use crate::search::{FoundLinks, LinkPlace, LinkSearch};

/// The links of an account that are exported, in the order of the search.
#[derive(Clone, Debug)]
pub struct LinkSource {
    pub account: AccountId,
    pub search: LinkSearch,
}

impl LinkSource {
    /// Whether these are all links of the account. If so, its tags without links are exported too.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.search.tags.is_none() && self.search.query.is_empty()
    }
}

/// A link with its tags in their order, and since when it has each of them.
#[derive(Clone, Debug)]
pub struct TaggedLink {
    pub link: Link,
    pub tags: Vec<(Tag, Timestamp)>,
}

/// The account whose rows are to be exported; nothing if there is none.
///
/// # Errors
/// Those of the storage.
pub fn account(uow: &mut dyn UnitOfWork, owner: &Owner) -> Result<Option<AccountId>, RepositoryError> {
    accounts::require(uow, owner)
}

/// A page of all tags of the account.
///
/// # Errors
/// Those of the storage.
pub fn tags(
    uow: &mut dyn UnitOfWork,
    account: AccountId,
    after: Option<TagPosition>,
) -> Result<Page<Tag>, RepositoryError> {
    uow.tags(AccountScope::One(account), None, &PageRequest { limit: limit(), after })
}

/// A page of links with their tags, and the place of the last one if there are more. Several statements: to be read in
/// a snapshot.
///
/// # Errors
/// Those of the storage.
pub fn tagged_links(
    uow: &mut dyn UnitOfWork,
    source: &LinkSource,
    after: Option<&LinkPlace>,
) -> Result<(Vec<TaggedLink>, Option<LinkPlace>), RepositoryError> {
    let request = PageRequest { limit: limit(), after: after.cloned() };
    let FoundLinks { links, next } =
        uow.search_links(AccountScope::One(source.account), &source.search, &request)?;
    let ids: Vec<LinkId> = links.iter().map(|link| link.id).collect();
    let mut tags = tags_of(uow, source.account, &ids)?;
    let with_tags = |link: Link| TaggedLink { tags: tags.remove(&link.id).unwrap_or_default(), link };
    Ok((links.into_iter().map(with_tags).collect(), next))
}

/// The tags of each of these links, in the order of tags.
fn tags_of(
    uow: &mut dyn UnitOfWork,
    account: AccountId,
    links: &[LinkId],
) -> Result<HashMap<LinkId, Vec<(Tag, Timestamp)>>, RepositoryError> {
    let taglinks = uow.taglinks_of_links(account, links)?;
    let ids: BTreeSet<TagId> = taglinks.iter().map(|taglink| taglink.tag_id).collect();
    let ids: Vec<TagId> = ids.into_iter().collect();
    let tags: HashMap<TagId, Tag> =
        uow.tags_with_ids(account, &ids)?.into_iter().map(|tag| (tag.id, tag)).collect();
    let mut of_links: HashMap<LinkId, Vec<(Tag, Timestamp)>> = HashMap::with_capacity(links.len());
    for taglink in taglinks {
        if let Some(tag) = tags.get(&taglink.tag_id) {
            of_links.entry(taglink.link_id).or_default().push((tag.clone(), taglink.created_at));
        }
    }
    for tags in of_links.values_mut() {
        tags.sort_by_key(|(tag, _)| (tag.created_at, tag.id));
    }
    Ok(of_links)
}

/// How many rows are read, and held in memory, at a time.
fn limit() -> Limit {
    Limit::parse("250").unwrap_or_default()
}
