//! Many operations in one transaction.

use thiserror::Error;

use super::editing::EditError;
use super::link_tags::SetTagsError;
use super::links::{CreateLink, CreateLinkError, TagChoice};
use super::taglinks::{CreateTagLink, CreateTagLinkError, TagLinkQuery};
use super::tags::{CreateTag, CreateTagError};
use super::{attempt, editing, link_tags, links, taglinks, tags};
use crate::model::{
    AccountId, AccountScope, Expected, IdRef, Link, LinkChange, LinkId, Tag, TagId, TagLink, TagName,
    Timestamp,
};
use crate::port::{RepositoryError, UnitOfWork, UseCaseError};

/// One operation, as it could be asked for by itself.
#[derive(Clone, Debug)]
pub enum Operation {
    CreateLink(CreateLink),
    ChangeLink { id: IdRef<LinkId>, change: LinkChange, expected: Expected },
    SetLinkTags { id: IdRef<LinkId>, choices: Vec<TagChoice>, expected: Expected },
    DeleteLink { id: IdRef<LinkId>, expected: Expected },
    CreateTag(CreateTag),
    RenameTag { id: IdRef<TagId>, name: TagName, expected: Expected },
    DeleteTag { id: IdRef<TagId>, expected: Expected },
    CreateTagLink(CreateTagLink),
    DeleteTagLinks(TagLinkQuery),
}

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    LinkCreated(Link),
    LinkChanged(Link),
    LinkTagsSet(Link, Vec<Tag>),
    TagCreated(Tag),
    TagRenamed(Tag),
    TagLinkCreated(TagLink),
    Deleted,
}

/// Why an operation was not done.
#[derive(Debug, Error)]
pub enum OperationError {
    #[error(transparent)]
    CreateLink(#[from] CreateLinkError),
    #[error("Link with link_id {0} not found")]
    LinkNotFound(IdRef<LinkId>),
    #[error(transparent)]
    CreateTag(#[from] CreateTagError),
    #[error("Tag with tag_id {0} not found")]
    TagNotFound(IdRef<TagId>),
    #[error(transparent)]
    Edit(EditError),
    #[error(transparent)]
    SetTags(SetTagsError),
    #[error(transparent)]
    CreateTagLink(#[from] CreateTagLinkError),
}

impl OperationError {
    fn of_link(error: EditError, id: &IdRef<LinkId>) -> Self {
        match error {
            EditError::NotFound => Self::LinkNotFound(id.clone()),
            other => Self::Edit(other),
        }
    }

    fn of_tag(error: EditError, id: &IdRef<TagId>) -> Self {
        match error {
            EditError::NotFound => Self::TagNotFound(id.clone()),
            other => Self::Edit(other),
        }
    }
}

impl From<RepositoryError> for OperationError {
    fn from(error: RepositoryError) -> Self {
        Self::Edit(error.into())
    }
}

impl UseCaseError for OperationError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::CreateLink(error) => error.repository(),
            Self::CreateTag(error) => error.repository(),
            Self::Edit(error) => error.repository(),
            Self::SetTags(error) => error.repository(),
            Self::CreateTagLink(error) => error.repository(),
            Self::LinkNotFound(_) | Self::TagNotFound(_) => None,
        }
    }
}

/// What a failed operation means for the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// All or nothing.
    #[default]
    Atomic,
    /// Each stands for itself.
    Independent,
}

/// A wish to do many operations, one after the other; each sees what those before it have done.
#[derive(Clone, Debug)]
pub struct Batch {
    pub operations: Vec<Operation>,
    pub mode: Mode,
    /// Whether it shall only be told what would come of it.
    pub dry_run: bool,
    pub scope: AccountScope,
    pub at: Timestamp,
}

/// What came of one operation; nothing if it was not done, or undone, because of another that failed.
pub type Outcome = Option<Result<Done, OperationError>>;

/// Why nothing of a batch was stored.
#[derive(Debug, Error)]
pub enum BatchError {
    /// It was not to be, or an operation failed that others depend on, or all failed: what came of each.
    #[error("nothing was stored")]
    Undone(Vec<Outcome>),
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl UseCaseError for BatchError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Undone(_) => None,
            Self::Repository(error) => Some(error),
        }
    }
}

/// Does the operations, and says what came of each.
///
/// # Errors
/// [`BatchError::Undone`] if nothing is to be stored: the transaction must be rolled back. Failures of the storage are
/// those of the whole, so that the whole is tried again.
pub fn run(uow: &mut dyn UnitOfWork, batch: &Batch) -> Result<Vec<Outcome>, BatchError> {
    if batch.operations.len() > 1 {
        uow.lock_for_many(match batch.scope {
            AccountScope::One(account) => account,
            // The batches of admins may be about any account.
            AccountScope::All => AccountId::SHARED,
        })?;
    }
    let outcomes = match batch.mode {
        Mode::Atomic => all_or_nothing(uow, batch)?,
        Mode::Independent => each_by_itself(uow, batch)?,
    };
    let is_done = |outcome: &Outcome| matches!(outcome, Some(Ok(_)));
    let is_worth_it = outcomes.is_empty() || outcomes.iter().any(is_done);
    if is_worth_it && !batch.dry_run { Ok(outcomes) } else { Err(BatchError::Undone(outcomes)) }
}

/// Needs no savepoints: one failure undoes the transaction.
fn all_or_nothing(uow: &mut dyn UnitOfWork, batch: &Batch) -> Result<Vec<Outcome>, BatchError> {
    let mut outcomes = Vec::with_capacity(batch.operations.len());
    for operation in &batch.operations {
        match perform(uow, batch, operation) {
            Ok(done) => outcomes.push(Some(Ok(done))),
            Err(error) => {
                if let Some(failure) = error.repository() {
                    return Err(failure.clone().into());
                }
                let mut undone: Vec<Outcome> = batch.operations.iter().map(|_| None).collect();
                if let Some(failed) = undone.get_mut(outcomes.len()) {
                    *failed = Some(Err(error));
                }
                return Err(BatchError::Undone(undone));
            }
        }
    }
    Ok(outcomes)
}

fn each_by_itself(uow: &mut dyn UnitOfWork, batch: &Batch) -> Result<Vec<Outcome>, BatchError> {
    let mut outcomes = Vec::with_capacity(batch.operations.len());
    for operation in &batch.operations {
        outcomes.push(Some(attempt(uow, |uow| perform(uow, batch, operation))?));
    }
    Ok(outcomes)
}

/// Does one operation: the one place that knows all of them.
fn perform(uow: &mut dyn UnitOfWork, batch: &Batch, operation: &Operation) -> Result<Done, OperationError> {
    let (scope, at) = (batch.scope, batch.at);
    match operation {
        Operation::CreateLink(command) => Ok(Done::LinkCreated(links::create(uow, command)?)),
        Operation::ChangeLink { id, change, expected } => {
            editing::change_link(uow, scope, id, change, expected, at)
                .map(Done::LinkChanged)
                .map_err(|error| OperationError::of_link(error, id))
        }
        Operation::SetLinkTags { id, choices, expected } => {
            link_tags::set(uow, scope, id, choices, expected, at)
                .map(|(link, tags)| Done::LinkTagsSet(link, tags))
                .map_err(|error| match error {
                    SetTagsError::Edit(error) => OperationError::of_link(error, id),
                    other @ SetTagsError::TagNotFound(_) => OperationError::SetTags(other),
                })
        }
        Operation::DeleteLink { id, expected } => match editing::delete_link(uow, scope, id, expected) {
            Ok(true) => Ok(Done::Deleted),
            Ok(false) => Err(OperationError::LinkNotFound(id.clone())),
            Err(error) => Err(OperationError::of_link(error, id)),
        },
        Operation::CreateTag(command) => Ok(Done::TagCreated(tags::create(uow, command)?)),
        Operation::RenameTag { id, name, expected } => {
            editing::rename_tag(uow, scope, id, name, expected, at)
                .map(Done::TagRenamed)
                .map_err(|error| OperationError::of_tag(error, id))
        }
        Operation::DeleteTag { id, expected } => match editing::delete_tag(uow, scope, id, expected) {
            Ok(true) => Ok(Done::Deleted),
            Ok(false) => Err(OperationError::TagNotFound(id.clone())),
            Err(error) => Err(OperationError::of_tag(error, id)),
        },
        Operation::CreateTagLink(command) => Ok(Done::TagLinkCreated(taglinks::create(uow, command)?)),
        Operation::DeleteTagLinks(query) => {
            taglinks::delete(uow, scope, query)?;
            Ok(Done::Deleted)
        }
    }
}
