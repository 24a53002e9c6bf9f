//! Putting tags on links and taking them off.

use thiserror::Error;

use super::in_parts::{self, TAGLINKS};
use crate::model::{
    AccountId, AccountScope, IdRef, Link, LinkId, Owner, Page, PageRequest, Tag, TagId, TagLink,
    TagLinkPosition, Timestamp,
};
use crate::port::{Constraint, RepositoryError, Store, Table, TagLinkFilter, UnitOfWork, UseCaseError};

/// A wish to put a tag on a link.
#[derive(Clone, Debug)]
pub struct CreateTagLink {
    pub owner: Owner,
    pub tag_id: IdRef<TagId>,
    pub link_id: IdRef<LinkId>,
    pub at: Timestamp,
}

/// Why a tag could not be put on a link.
#[derive(Debug, Error)]
pub enum CreateTagLinkError {
    #[error("Tag with tag_id {tag_id} not found{}", .owner.told_after(" for account_id "))]
    TagNotFound { tag_id: IdRef<TagId>, owner: Owner },
    #[error("Link with link_id {link_id} not found{}", .owner.told_after(" for account_id "))]
    LinkNotFound { link_id: IdRef<LinkId>, owner: Owner },
    #[error("Account with account_id '{}' not found", .0.as_sent())]
    AccountNotFound(Owner),
    #[error("TagLink with tag_id {tag_id} and link_id {link_id} exists")]
    Exists { tag_id: IdRef<TagId>, link_id: IdRef<LinkId> },
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl UseCaseError for CreateTagLinkError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Repository(error) => Some(error),
            Self::TagNotFound { .. }
            | Self::LinkNotFound { .. }
            | Self::AccountNotFound(_)
            | Self::Exists { .. } => None,
        }
    }
}

/// Which taglinks a client names, with ids as it wrote them.
#[derive(Clone, Debug, Default)]
pub struct TagLinkQuery {
    pub tag_id: Option<IdRef<TagId>>,
    pub link_id: Option<IdRef<LinkId>>,
}

impl TagLinkQuery {
    /// The filter, or nothing if an id is given that no row can have.
    fn filter(&self) -> Option<TagLinkFilter> {
        let tag_id = match &self.tag_id {
            Some(tag_id) => Some(tag_id.id()?),
            None => None,
        };
        let link_id = match &self.link_id {
            Some(link_id) => Some(link_id.id()?),
            None => None,
        };
        Some(TagLinkFilter { tag_id, link_id })
    }
}

/// Puts a tag on a link. Looks for the tag first, then for the link, then for the pair.
///
/// # Errors
/// If the account is gone or does not have the tag or the link, or if the link carries the tag already.
pub fn create(uow: &mut dyn UnitOfWork, command: &CreateTagLink) -> Result<TagLink, CreateTagLinkError> {
    let account_id = super::accounts::require(uow, &command.owner)?
        .ok_or_else(|| CreateTagLinkError::AccountNotFound(command.owner.clone()))?;
    let tag = find_tag(uow, account_id, command)?;
    let link = find_link(uow, account_id, command)?;
    let taglink = TagLink {
        account_id,
        tag_id: tag.id,
        link_id: link.id,
        link_created_at: link.created_at,
        created_at: command.at,
    };
    match uow.insert_taglink(&taglink) {
        Ok(()) => Ok(taglink),
        Err(RepositoryError::Conflict(Constraint::PrimaryKey(Table::TagLink))) => {
            Err(CreateTagLinkError::Exists {
                tag_id: command.tag_id.clone(),
                link_id: command.link_id.clone(),
            })
        }
        Err(other) => Err(other.into()),
    }
}

fn find_tag(
    uow: &mut dyn UnitOfWork,
    account: AccountId,
    command: &CreateTagLink,
) -> Result<Tag, CreateTagLinkError> {
    super::tags::find(uow, AccountScope::One(account), &command.tag_id)?.ok_or_else(|| {
        CreateTagLinkError::TagNotFound { tag_id: command.tag_id.clone(), owner: command.owner.clone() }
    })
}

fn find_link(
    uow: &mut dyn UnitOfWork,
    account: AccountId,
    command: &CreateTagLink,
) -> Result<Link, CreateTagLinkError> {
    super::links::find(uow, AccountScope::One(account), &command.link_id)?.ok_or_else(|| {
        CreateTagLinkError::LinkNotFound { link_id: command.link_id.clone(), owner: command.owner.clone() }
    })
}

/// A page of the taglinks that match.
///
/// # Errors
/// Those of the storage.
pub fn list(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    query: &TagLinkQuery,
    page: &PageRequest<TagLinkPosition>,
) -> Result<Page<TagLink>, RepositoryError> {
    let Some(filter) = query.filter() else { return Ok(Page::empty()) };
    match narrowed(uow, scope, filter)? {
        Some(scope) => uow.taglinks(scope, filter, page),
        None => Ok(Page::empty()),
    }
}

/// The scope of the account whose tag or link is asked for, because the indexes for these begin with the account;
/// nothing if there is no such tag or link.
fn narrowed(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    filter: TagLinkFilter,
) -> Result<Option<AccountScope>, RepositoryError> {
    let account = match (scope, filter) {
        (AccountScope::All, TagLinkFilter { tag_id: Some(tag_id), .. }) => {
            uow.tag(scope, tag_id)?.map(|tag| tag.account_id)
        }
        (AccountScope::All, TagLinkFilter { link_id: Some(link_id), .. }) => {
            uow.link(scope, link_id)?.map(|link| link.account_id)
        }
        (AccountScope::All | AccountScope::One(_), _) => return Ok(Some(scope)),
    };
    Ok(account.map(AccountScope::One))
}

/// Removes the taglinks that match, and says how many those were.
///
/// # Errors
/// Those of the storage.
pub fn delete(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    query: &TagLinkQuery,
) -> Result<usize, RepositoryError> {
    query.filter().map_or(Ok(0), |filter| uow.delete_taglinks(scope, filter))
}

/// [`delete`], in many transactions if it is about a tag that many links carry.
///
/// # Errors
/// Those of the storage.
pub async fn delete_in_parts(
    store: &dyn Store,
    scope: AccountScope,
    query: TagLinkQuery,
) -> Result<(), RepositoryError> {
    let filter = query.filter();
    if let Some(TagLinkFilter { tag_id: Some(tag), link_id: None }) = filter {
        let take_off = move |uow: &mut dyn UnitOfWork| {
            let Some(tag) = uow.tag(scope, tag)? else { return Ok(false) };
            uow.lock_for_many(tag.account_id)?;
            Ok(uow.delete_some_taglinks(tag.account_id, tag.id, TAGLINKS)? == usize::from(TAGLINKS))
        };
        in_parts::repeat::<RepositoryError, _>(store, take_off).await?;
    }
    store.write(move |uow| delete(uow, scope, &query)).await.map(drop)
}
