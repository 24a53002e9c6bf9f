//! Creating, reading and deleting tags.

use thiserror::Error;

use crate::model::{
    AccountId, IdRef, NewTag, Page, PageRequest, Realm, Tag, TagId, TagName, TagPosition, Timestamp,
};
use crate::port::{Constraint, RepositoryError, TagLinkFilter, UnitOfWork, UseCaseError};

/// A wish to store a tag.
#[derive(Clone, Debug)]
pub struct CreateTag {
    pub account_id: AccountId,
    pub name: TagName,
    pub at: Timestamp,
}

/// Why a tag could not be created.
#[derive(Debug, Error)]
pub enum CreateTagError {
    #[error("Tag with name {} exists", .0.as_sent())]
    NameTaken(TagName),
    #[error(transparent)]
    Repository(RepositoryError),
}

impl From<RepositoryError> for CreateTagError {
    fn from(error: RepositoryError) -> Self {
        Self::Repository(error)
    }
}

impl UseCaseError for CreateTagError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Repository(error) => Some(error),
            Self::NameTaken(_) => None,
        }
    }
}

/// Stores a tag.
///
/// # Errors
/// If the account has a tag of this name.
pub fn create(uow: &mut dyn UnitOfWork, command: &CreateTag) -> Result<Tag, CreateTagError> {
    let tag = NewTag {
        id: TagId::new(),
        account_id: command.account_id,
        name: command.name.clone(),
        created_at: command.at,
    };
    uow.insert_tag(&tag).map_err(|error| match error {
        RepositoryError::Conflict(Constraint::TagName) => CreateTagError::NameTaken(tag.name),
        other => CreateTagError::Repository(other),
    })
}

/// The tag with this id.
///
/// # Errors
/// Those of the storage.
pub fn find(
    uow: &mut dyn UnitOfWork,
    realm: Realm,
    id: &IdRef<TagId>,
) -> Result<Option<Tag>, RepositoryError> {
    id.id().map_or(Ok(None), |id| uow.tag(realm, id))
}

/// A page of tags: all, or the one of this name.
///
/// # Errors
/// Those of the storage.
pub fn list(
    uow: &mut dyn UnitOfWork,
    realm: Realm,
    name: Option<&TagName>,
    page: &PageRequest<TagPosition>,
) -> Result<Page<Tag>, RepositoryError> {
    uow.tags(realm, name.map(TagName::key), page)
}

/// Removes the tag and its taglinks; the links stay. False if there was no such tag.
///
/// # Errors
/// Those of the storage.
pub fn delete(uow: &mut dyn UnitOfWork, realm: Realm, id: &IdRef<TagId>) -> Result<bool, RepositoryError> {
    let Some(id) = id.id() else { return Ok(false) };
    uow.delete_taglinks(realm, TagLinkFilter { tag_id: Some(id), link_id: None })?;
    uow.delete_tag(realm, id)
}
