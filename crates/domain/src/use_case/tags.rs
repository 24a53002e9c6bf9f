//! Creating, reading and deleting tags.

use std::collections::HashMap;

use thiserror::Error;

use crate::model::{
    AccountScope, IdRef, NewTag, Owner, Page, PageRequest, Tag, TagId, TagName, TagPosition, Timestamp,
};
use crate::port::{Constraint, RepositoryError, TagLinkFilter, UnitOfWork, UseCaseError};
use crate::search::TagPattern;

/// How many tags [`delete_unused`] removes with one statement.
const UNUSED_AT_ONCE: u16 = 1000;

/// A wish to store a tag.
#[derive(Clone, Debug)]
pub struct CreateTag {
    pub owner: Owner,
    pub name: TagName,
    pub at: Timestamp,
}

/// Why a tag could not be created.
#[derive(Debug, Error)]
pub enum CreateTagError {
    #[error("Tag with name {} exists{}", .name.as_sent(), .owner.told_after(" for account "))]
    NameTaken { name: TagName, owner: Owner },
    #[error("Account with account_id '{}' not found", .0.as_sent())]
    AccountNotFound(Owner),
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
            Self::NameTaken { .. } | Self::AccountNotFound(_) => None,
        }
    }
}

/// Stores a tag.
///
/// # Errors
/// If the account is gone, or has a tag of this name.
pub fn create(uow: &mut dyn UnitOfWork, command: &CreateTag) -> Result<Tag, CreateTagError> {
    let account_id = super::accounts::presume(uow, &command.owner)?
        .ok_or_else(|| CreateTagError::AccountNotFound(command.owner.clone()))?;
    let tag = NewTag { id: TagId::new(), account_id, name: command.name.clone(), created_at: command.at };
    uow.insert_tag(&tag).map_err(|error| match error {
        RepositoryError::Conflict(Constraint::TagName) => {
            CreateTagError::NameTaken { name: tag.name, owner: command.owner.clone() }
        }
        other => CreateTagError::Repository(other),
    })
}

/// The tag with this id.
///
/// # Errors
/// Those of the storage.
pub fn find(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    id: &IdRef<TagId>,
) -> Result<Option<Tag>, RepositoryError> {
    id.id().map_or(Ok(None), |id| uow.tag(scope, id))
}

/// A page of tags: all, or those that are meant by a pattern.
///
/// # Errors
/// Those of the storage.
pub fn list(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    pattern: Option<&TagPattern>,
    page: &PageRequest<TagPosition>,
) -> Result<Page<Tag>, RepositoryError> {
    match pattern {
        None => uow.tags(scope, None, page),
        Some(TagPattern::Exact(key)) => uow.tags(scope, Some(key.as_str()), page),
        Some(TagPattern::Tree(root)) => uow.tags_below(scope, root, page),
    }
}

/// How many links carry each of these tags, in one statement.
///
/// # Errors
/// Those of the storage.
pub fn count_links(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    tags: &[Tag],
) -> Result<HashMap<TagId, i64>, RepositoryError> {
    let ids: Vec<TagId> = tags.iter().map(|tag| tag.id).collect();
    Ok(uow.count_links(scope, &ids)?.into_iter().collect())
}

/// Removes the tags that no link carries, and says how many those were. One that is put on a link meanwhile stays.
///
/// # Errors
/// Those of the storage.
pub fn delete_unused(uow: &mut dyn UnitOfWork, scope: AccountScope) -> Result<usize, RepositoryError> {
    let (mut removed, mut after) = (0, None);
    loop {
        let unused = uow.unused_tags(scope, after, UNUSED_AT_ONCE)?;
        if unused.is_empty() {
            return Ok(removed);
        }
        uow.delete_tags(&unused)?;
        removed += unused.len();
        after = unused.last().copied();
    }
}

/// Removes the tag and its taglinks; the links stay. False if there was no such tag.
///
/// # Errors
/// Those of the storage.
pub fn delete(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    id: &IdRef<TagId>,
) -> Result<bool, RepositoryError> {
    let Some(id) = id.id() else { return Ok(false) };
    // The tag before its taglinks, as those who put it on links lock them.
    let Some(tag) = uow.tag(scope, id)? else { return Ok(false) };
    if uow.lock_tags(tag.account_id, &[id])?.is_empty() {
        return Ok(false);
    }
    uow.delete_taglinks(scope, TagLinkFilter { tag_id: Some(id), link_id: None })?;
    uow.delete_tag(scope, id)
}
