//! Creating, reading and deleting links.

use thiserror::Error;

use super::editing;
use crate::model::{
    AccountId, AccountScope, Edit, IdRef, Link, LinkChange, LinkId, LinkUrl, NewLink, NewTag, Notes, Owner,
    Tag, TagId, TagLink, TagName, Timestamp, Title,
};
use crate::port::{LinkRepository, RepositoryError, TagLinkFilter, UnitOfWork, UseCaseError};

/// A wish to store a link under a tag.
#[derive(Clone, Debug)]
pub struct CreateLink {
    pub owner: Owner,
    pub url: LinkUrl,
    pub tag: TagChoice,
    pub title: Option<Title>,
    pub notes: Option<Notes>,
    /// When the link is said to have been created; else it is `at`.
    pub created_at: Option<Timestamp>,
    pub at: Timestamp,
}

/// The tag that a new link shall carry.
#[derive(Clone, Debug)]
pub enum TagChoice {
    /// One that must exist.
    Existing(IdRef<TagId>),
    /// One that is created unless it exists.
    Named(TagName),
}

/// Why a link could not be created.
#[derive(Debug, Error)]
pub enum CreateLinkError {
    #[error("Tag with tag_id {tag_id} not found{}", .owner.told_after(" for account_id "))]
    TagNotFound { tag_id: IdRef<TagId>, owner: Owner },
    #[error("Account with account_id '{}' not found", .0.as_sent())]
    AccountNotFound(Owner),
    #[error("Link with link {0} exists")]
    Exists(String),
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl UseCaseError for CreateLinkError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Repository(error) => Some(error),
            Self::TagNotFound { .. } | Self::AccountNotFound(_) | Self::Exists(_) => None,
        }
    }
}

/// Finds or creates the link, and the tag if it is given by name, and attaches the tag. Of a link that is there, nothing
/// is overwritten: a title and notes are taken only where it has none.
///
/// # Errors
/// If the account is gone, or the tag is given by an id that the account does not have.
pub fn create(uow: &mut dyn UnitOfWork, command: &CreateLink) -> Result<Link, CreateLinkError> {
    store(uow, command, |found, _| Ok(found))
}

/// Creates the link as [`create`] does, but not if the account has it already.
///
/// # Errors
/// As [`create`], and if the account has the link.
pub fn create_new(uow: &mut dyn UnitOfWork, command: &CreateLink) -> Result<Link, CreateLinkError> {
    store(uow, command, |found, new| {
        // The id was made for this link: it is there only if this transaction has stored it.
        if found.id == new {
            Ok(found)
        } else {
            Err(CreateLinkError::Exists(command.url.as_str().to_owned()))
        }
    })
}

/// Finds or creates the link, and attaches the tag unless `judge` refuses the link; it is told the id of a new one.
fn store(
    uow: &mut dyn UnitOfWork,
    command: &CreateLink,
    judge: impl FnOnce(Link, LinkId) -> Result<Link, CreateLinkError>,
) -> Result<Link, CreateLinkError> {
    let new_id = LinkId::new();
    let account_id = super::accounts::presume(uow, &command.owner)?
        .ok_or_else(|| CreateLinkError::AccountNotFound(command.owner.clone()))?;
    let tag = choose_tag(uow, account_id, command)?;
    let link = uow.find_or_create_link(&NewLink {
        id: new_id,
        account_id,
        url: command.url.clone(),
        title: command.title.clone(),
        notes: command.notes.clone(),
        created_at: command.created_at.unwrap_or(command.at),
        updated_at: command.at,
    })?;
    let link = fill_in(uow, judge(link, new_id)?, command)?;
    uow.ensure_taglink(&TagLink {
        account_id,
        tag_id: tag.id,
        link_id: link.id,
        link_created_at: link.created_at,
        created_at: command.at,
    })?;
    Ok(link)
}

/// Gives a link that was there the title and the notes that it lacks.
fn fill_in(uow: &mut dyn UnitOfWork, link: Link, command: &CreateLink) -> Result<Link, CreateLinkError> {
    let missing = LinkChange {
        url: None,
        title: command.title.clone().filter(|_| link.title.is_none()).map_or(Edit::Keep, Edit::Set),
        notes: command.notes.clone().filter(|_| link.notes.is_none()).map_or(Edit::Keep, Edit::Set),
    };
    Ok(editing::apply(uow, link, &missing, command.at)?)
}

fn choose_tag(
    uow: &mut dyn UnitOfWork,
    account_id: AccountId,
    command: &CreateLink,
) -> Result<Tag, CreateLinkError> {
    match &command.tag {
        TagChoice::Named(name) => Ok(uow.find_or_create_tag(&NewTag {
            id: TagId::new(),
            account_id,
            name: name.clone(),
            created_at: command.at,
        })?),
        TagChoice::Existing(tag_id) => {
            if let Some(tag) = super::tags::find(uow, AccountScope::One(account_id), tag_id)? {
                return Ok(tag);
            }
            let owner = command.owner.clone();
            Err(match super::accounts::require(uow, &owner)? {
                Some(_) => CreateLinkError::TagNotFound { tag_id: tag_id.clone(), owner },
                None => CreateLinkError::AccountNotFound(owner),
            })
        }
    }
}

/// The link with this id.
///
/// # Errors
/// Those of the storage.
pub fn find(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    id: &IdRef<LinkId>,
) -> Result<Option<Link>, RepositoryError> {
    id.id().map_or(Ok(None), |id| uow.link(scope, id))
}

/// Removes the link and its taglinks; its tags stay. False if there was no such link.
///
/// # Errors
/// Those of the storage.
pub fn delete(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    id: &IdRef<LinkId>,
) -> Result<bool, RepositoryError> {
    let Some(id) = id.id() else { return Ok(false) };
    uow.delete_taglinks(scope, TagLinkFilter { link_id: Some(id), tag_id: None })?;
    LinkRepository::delete_link(uow, scope, id)
}
