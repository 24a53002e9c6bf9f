//! Looking many URLs up at once.

use std::collections::HashMap;

use thiserror::Error;

use super::link_tags;
use crate::model::{AccountScope, Link, LinkUrl, Owner, Tag, UrlHash};
use crate::port::{RepositoryError, UnitOfWork, UseCaseError};

/// The links that were found, by the hash of their URL, each with its tags.
pub type FoundLinks = HashMap<UrlHash, (Link, Vec<Tag>)>;

/// Why URLs could not be looked up.
#[derive(Debug, Error)]
pub enum LookUpError {
    #[error("Account with account_id '{}' not found", .0.as_sent())]
    AccountNotFound(Owner),
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl UseCaseError for LookUpError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Repository(error) => Some(error),
            Self::AccountNotFound(_) => None,
        }
    }
}

/// Which of these URLs the owner has stored. The number of statements does not depend on theirs.
///
/// # Errors
/// If the account is gone.
pub fn find(uow: &mut dyn UnitOfWork, owner: &Owner, urls: &[LinkUrl]) -> Result<FoundLinks, LookUpError> {
    let account =
        super::accounts::require(uow, owner)?.ok_or_else(|| LookUpError::AccountNotFound(owner.clone()))?;
    let mut hashes: Vec<UrlHash> = urls.iter().map(|url| *url.hash()).collect();
    hashes.sort_unstable();
    hashes.dedup();
    let (hashes, links): (Vec<UrlHash>, Vec<Link>) = uow.links_by_url(account, &hashes)?.into_iter().unzip();
    let mut tags = link_tags::of_links(uow, AccountScope::One(account), &links)?;
    let with_tags = links.into_iter().map(|link| {
        let own = tags.remove(&link.id).unwrap_or_default();
        (link, own)
    });
    Ok(hashes.into_iter().zip(with_tags).collect())
}
