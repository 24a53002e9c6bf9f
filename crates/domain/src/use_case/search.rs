//! Looking for links.

use std::collections::HashMap;

use super::link_tags;
use crate::model::{AccountScope, Limit, LinkId, MAX_PAGE_BYTES, PageItem, PageRequest, Tag};
use crate::port::{RepositoryError, UnitOfWork};
use crate::search::{FoundLinks, LinkPlace, LinkSearch, TagCount};

/// A page of the links that a search is for, and how many those are altogether if that is asked for.
///
/// # Errors
/// Those of the storage.
pub fn links(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    search: &LinkSearch,
    page: &PageRequest<LinkPlace>,
    with_total: bool,
) -> Result<(FoundLinks, Option<i64>), RepositoryError> {
    let found = uow.search_links(scope, search, page)?;
    // A first page that nothing follows is everything.
    let total = match &found {
        _ if !with_total => None,
        FoundLinks { links, next: None } if page.after.is_none() => i64::try_from(links.len()).ok(),
        FoundLinks { .. } => Some(uow.count_found_links(scope, search)?),
    };
    Ok((found, total))
}

/// How many links have their tags read at once: more than most pages have.
const TAGGED_AT_ONCE: usize = 250;

/// Reads the tags of each link that was found. The page ends early when the tags take more than a page may.
///
/// # Errors
/// Those of the storage.
pub fn tags_of_found(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    search: &LinkSearch,
    page: &PageRequest<LinkPlace>,
    found: &mut FoundLinks,
) -> Result<HashMap<LinkId, Vec<Tag>>, RepositoryError> {
    let (mut tags, mut bytes, mut kept) = (HashMap::new(), 0, 0_u16);
    for links in found.links.chunks(TAGGED_AT_ONCE) {
        tags.extend(link_tags::of_links(uow, scope, links)?);
        for link in links {
            if bytes >= MAX_PAGE_BYTES {
                // The place of the last link that is kept is known to the storage only.
                let limit = Limit::new(kept).unwrap_or_default();
                *found =
                    uow.search_links(scope, search, &PageRequest { limit, after: page.after.clone() })?;
                return Ok(tags);
            }
            bytes += link.bytes() + tags.get(&link.id).into_iter().flatten().map(Tag::bytes).sum::<usize>();
            kept += 1;
        }
    }
    Ok(tags)
}

/// The tags that most of the links carry that a search is for.
///
/// # Errors
/// Those of the storage.
pub fn tag_counts(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    search: &LinkSearch,
    limit: Limit,
) -> Result<Vec<TagCount>, RepositoryError> {
    uow.count_found_tags(scope, search, limit)
}
