//! Merging tags: one of them takes over the links of the others, which are removed.

use std::collections::HashSet;
use std::sync::Arc;

use thiserror::Error;

use super::editing::{self, EditError};
use super::in_parts::{self, TAGLINKS};
use crate::model::{AccountScope, Expected, IdRef, Tag, TagId, Timestamp};
use crate::port::{RepositoryError, Store, UnitOfWork, UseCaseError};

/// A wish to merge tags.
#[derive(Clone, Debug)]
pub struct MergeTags {
    /// Where the tag that stays is looked for.
    pub scope: AccountScope,
    /// The tag that stays.
    pub target: IdRef<TagId>,
    /// The tags that are merged into it, all of the same account.
    pub sources: Vec<IdRef<TagId>>,
    /// What the client believes the tag that stays to be.
    pub expected: Expected,
    pub at: Timestamp,
}

/// Why tags could not be merged.
#[derive(Debug, Error)]
pub enum MergeError {
    /// It is about the tag that stays.
    #[error(transparent)]
    Target(#[from] EditError),
    /// One that is to be merged is not there.
    #[error("Tag with tag_id {0} not found")]
    SourceNotFound(IdRef<TagId>),
    /// A tag cannot be merged into itself.
    #[error("source_ids must not hold the tag that they are merged into")]
    TargetAmongSources,
}

impl From<RepositoryError> for MergeError {
    fn from(error: RepositoryError) -> Self {
        Self::Target(error.into())
    }
}

impl UseCaseError for MergeError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Target(error) => error.repository(),
            Self::SourceNotFound(_) | Self::TargetAmongSources => None,
        }
    }
}

/// [`merge`] without its last step, in many transactions if many links carry the sources: some of their links have the
/// target before others. What is refused here is refused by [`merge`].
///
/// # Errors
/// Those of the storage.
pub async fn prepare(store: &dyn Store, command: &MergeTags) -> Result<(), MergeError> {
    let command = Arc::new(command.clone());
    let move_some = move |uow: &mut dyn UnitOfWork| {
        let (target, sources) = lock(uow, &command)?;
        let links = uow.count_links(AccountScope::One(target.account_id), &sources)?;
        if links.iter().map(|(_, links)| *links).sum::<i64>() <= i64::from(TAGLINKS) {
            return Ok(false);
        }
        Ok(uow.move_some_taglinks(&sources, target.id, TAGLINKS, command.at)?)
    };
    in_parts::repeat::<MergeError, _>(store, move_some).await
}

/// Puts the target on all links that carry one of the sources, and removes the sources. Says how many links carry the
/// target then. A source that is named twice is merged once.
///
/// # Errors
/// If there is no such target, it is not as expected, its account does not have all the sources, or it is among them.
pub fn merge(uow: &mut dyn UnitOfWork, command: &MergeTags) -> Result<(Tag, i64), MergeError> {
    let (target, sources) = lock(uow, command)?;
    let account = target.account_id;
    while uow.move_some_taglinks(&sources, target.id, TAGLINKS, command.at)? {}
    let merged: Vec<_> = sources.into_iter().map(|tag| (account, tag)).collect();
    uow.delete_tags(&merged)?;
    let count =
        uow.count_links(AccountScope::One(account), &[target.id])?.first().map_or(0, |(_, count)| *count);
    Ok((target, count))
}

/// Locks the tags, if they are as they are to be, and returns the target and the sources, each once.
fn lock(uow: &mut dyn UnitOfWork, command: &MergeTags) -> Result<(Tag, Vec<TagId>), MergeError> {
    let target = super::tags::find(uow, command.scope, &command.target)?.ok_or(EditError::NotFound)?;
    let account = target.account_id;
    uow.lock_for_many(account)?;
    // All of them at once and in the order of their ids, so that two merges of the same tags do not wait for each other.
    let mut named: Vec<TagId> = command.sources.iter().filter_map(IdRef::id).chain([target.id]).collect();
    named.sort_unstable();
    named.dedup();
    let locked = uow.lock_tags(account, &named)?;
    let known: HashSet<TagId> = locked.iter().map(|tag| tag.id).collect();
    let target = locked.into_iter().find(|tag| tag.id == target.id).ok_or(EditError::NotFound)?;
    editing::expect(target.version, &command.expected)?;
    for source in &command.sources {
        match source.id() {
            Some(id) if id == target.id => return Err(MergeError::TargetAmongSources),
            Some(id) if known.contains(&id) => {}
            Some(_) | None => return Err(MergeError::SourceNotFound(source.clone())),
        }
    }
    named.retain(|id| *id != target.id);
    Ok((target, named))
}
