//! Looking for links.

use crate::model::{AccountScope, Limit, PageRequest};
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
