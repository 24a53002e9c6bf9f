//! Reading everything of an account, or a part of it, page by page. Each page is a transaction of its own, so what is
//! changed meanwhile may be in it or not.

use std::collections::{BTreeSet, HashMap};

use super::accounts;
use crate::model::{
    AccountId, AccountScope, Limit, Link, LinkId, LinkPosition, Owner, Page, PageRequest, Tag, TagId,
    TagPosition, Timestamp,
};
use crate::port::{LinkFilter, RepositoryError, UnitOfWork};
use crate::search::{LinkPlace, LinkSearch};

/// Where the links of an export come from, and in which order.
pub trait LinkSource: Send + Sync + 'static {
    /// A place in that order.
    type Place: Clone + Send + 'static;

    /// Whether these are all links of the account. If so, its tags that no link carries are exported too.
    fn is_everything(&self) -> bool;

    /// The page behind a place, the first without one; all links of one account.
    ///
    /// # Errors
    /// Those of the storage.
    fn page(
        &self,
        uow: &mut dyn UnitOfWork,
        after: Option<&Self::Place>,
    ) -> Result<SourcePage<Self::Place>, RepositoryError>;
}

/// Some links, and the place behind which the next ones are, if there are any.
#[derive(Clone, Debug)]
pub struct SourcePage<P> {
    pub links: Vec<Link>,
    pub next: Option<P>,
}

/// All links of an account, in the order of links.
#[derive(Clone, Copy, Debug)]
pub struct AllLinks {
    pub account: AccountId,
}

impl LinkSource for AllLinks {
    type Place = LinkPosition;

    fn is_everything(&self) -> bool {
        true
    }

    fn page(
        &self,
        uow: &mut dyn UnitOfWork,
        after: Option<&LinkPosition>,
    ) -> Result<SourcePage<LinkPosition>, RepositoryError> {
        let request = PageRequest { limit: limit(), after: after.copied() };
        let page = uow.links(AccountScope::One(self.account), &LinkFilter::All, &request)?;
        let next = page.items.last().filter(|_| page.has_more).map(LinkPosition::from);
        Ok(SourcePage { links: page.items, next })
    }
}

/// The links of an account that a search is for, in its order.
#[derive(Clone, Debug)]
pub struct SearchedLinks {
    pub account: AccountId,
    pub search: LinkSearch,
}

impl LinkSource for SearchedLinks {
    type Place = LinkPlace;

    fn is_everything(&self) -> bool {
        false
    }

    fn page(
        &self,
        uow: &mut dyn UnitOfWork,
        after: Option<&LinkPlace>,
    ) -> Result<SourcePage<LinkPlace>, RepositoryError> {
        let request = PageRequest { limit: limit(), after: after.cloned() };
        let found = uow.search_links(AccountScope::One(self.account), &self.search, &request)?;
        Ok(SourcePage { links: found.links, next: found.next })
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

/// A page of links with their tags, and the place of the next. Several statements: to be read in a snapshot.
///
/// # Errors
/// Those of the storage.
pub fn tagged_links<S: LinkSource>(
    uow: &mut dyn UnitOfWork,
    source: &S,
    after: Option<&S::Place>,
) -> Result<(Vec<TaggedLink>, Option<S::Place>), RepositoryError> {
    let SourcePage { links, next } = source.page(uow, after)?;
    let ids: Vec<LinkId> = links.iter().map(|link| link.id).collect();
    let mut tags = match links.first() {
        Some(link) => tags_of(uow, link.account_id, &ids)?,
        None => HashMap::new(),
    };
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
    let tags: HashMap<TagId, Tag> = uow.tags_with_ids(&ids)?.into_iter().map(|tag| (tag.id, tag)).collect();
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
