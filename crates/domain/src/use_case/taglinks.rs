//! Putting tags on links and taking them off.

use thiserror::Error;

use crate::model::{
    AccountId, IdRef, Link, LinkId, Page, PageRequest, Realm, Tag, TagId, TagLink, TagLinkPosition, Timestamp,
};
use crate::port::{Constraint, RepositoryError, TagLinkFilter, UnitOfWork, UseCaseError};

/// A wish to put a tag on a link.
#[derive(Clone, Debug)]
pub struct CreateTagLink {
    pub account_id: AccountId,
    pub tag_id: IdRef<TagId>,
    pub link_id: IdRef<LinkId>,
    pub at: Timestamp,
}

/// Why a tag could not be put on a link.
#[derive(Debug, Error)]
pub enum CreateTagLinkError {
    #[error("Tag with tag_id {0} not found")]
    TagNotFound(IdRef<TagId>),
    #[error("Link with link_id {0} not found")]
    LinkNotFound(IdRef<LinkId>),
    #[error("TagLink with tag_id {tag_id} and link_id {link_id} exists")]
    Exists { tag_id: IdRef<TagId>, link_id: IdRef<LinkId> },
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl UseCaseError for CreateTagLinkError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Repository(error) => Some(error),
            Self::TagNotFound(_) | Self::LinkNotFound(_) | Self::Exists { .. } => None,
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
/// If the account does not have the tag or the link, or if the link carries the tag already.
pub fn create(uow: &mut dyn UnitOfWork, command: &CreateTagLink) -> Result<TagLink, CreateTagLinkError> {
    let tag = find_tag(uow, command)?;
    let link = find_link(uow, command)?;
    let taglink = TagLink {
        account_id: command.account_id,
        tag_id: tag.id,
        link_id: link.id,
        link_created_at: link.created_at,
        created_at: command.at,
    };
    match uow.insert_taglink(&taglink) {
        Ok(()) => Ok(taglink),
        Err(RepositoryError::Conflict(Constraint::TagLinkPrimaryKey)) => Err(CreateTagLinkError::Exists {
            tag_id: command.tag_id.clone(),
            link_id: command.link_id.clone(),
        }),
        Err(other) => Err(other.into()),
    }
}

fn find_tag(uow: &mut dyn UnitOfWork, command: &CreateTagLink) -> Result<Tag, CreateTagLinkError> {
    super::tags::find(uow, Realm::One(command.account_id), &command.tag_id)?
        .ok_or_else(|| CreateTagLinkError::TagNotFound(command.tag_id.clone()))
}

fn find_link(uow: &mut dyn UnitOfWork, command: &CreateTagLink) -> Result<Link, CreateTagLinkError> {
    super::links::find(uow, Realm::One(command.account_id), &command.link_id)?
        .ok_or_else(|| CreateTagLinkError::LinkNotFound(command.link_id.clone()))
}

/// A page of the taglinks that match.
///
/// # Errors
/// Those of the storage.
pub fn list(
    uow: &mut dyn UnitOfWork,
    realm: Realm,
    query: &TagLinkQuery,
    page: &PageRequest<TagLinkPosition>,
) -> Result<Page<TagLink>, RepositoryError> {
    query.filter().map_or_else(|| Ok(Page::empty()), |filter| uow.taglinks(realm, filter, page))
}

/// Removes the taglinks that match, and says how many those were.
///
/// # Errors
/// Those of the storage.
pub fn delete(
    uow: &mut dyn UnitOfWork,
    realm: Realm,
    query: &TagLinkQuery,
) -> Result<usize, RepositoryError> {
    query.filter().map_or(Ok(0), |filter| uow.delete_taglinks(realm, filter))
}
