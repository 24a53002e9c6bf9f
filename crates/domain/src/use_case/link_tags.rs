//! The tags of a link, as a set.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::editing::EditError;
use super::links::TagChoice;
use crate::model::{AccountScope, Expected, IdRef, Link, LinkId, NewTag, Tag, TagId, TagLink, Timestamp};
use crate::port::{RepositoryError, TagLinkFilter, UnitOfWork, UseCaseError};

/// Why the tags of a link could not be set.
#[derive(Debug, Error)]
pub enum SetTagsError {
    #[error(transparent)]
    Edit(#[from] EditError),
    /// One that was named by its id is not there.
    #[error("Tag with tag_id {0} not found")]
    TagNotFound(IdRef<TagId>),
}

impl From<RepositoryError> for SetTagsError {
    fn from(error: RepositoryError) -> Self {
        Self::Edit(error.into())
    }
}

impl UseCaseError for SetTagsError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Edit(error) => error.repository(),
            Self::TagNotFound(_) => None,
        }
    }
}

/// The link and its tags, in the order of tags; nothing if there is no such link.
///
/// # Errors
/// Those of the storage.
pub fn find(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    id: &IdRef<LinkId>,
) -> Result<Option<(Link, Vec<Tag>)>, RepositoryError> {
    let Some(link) = super::links::find(uow, scope, id)? else { return Ok(None) };
    let tags = tags_of(uow, &link)?;
    Ok(Some((link, tags)))
}

/// The tags of each of these links, in one statement.
///
/// # Errors
/// Those of the storage.
pub fn of_links(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    links: &[Link],
) -> Result<HashMap<LinkId, Vec<Tag>>, RepositoryError> {
    let ids: Vec<LinkId> = links.iter().map(|link| link.id).collect();
    let mut tags: HashMap<LinkId, Vec<Tag>> = HashMap::with_capacity(ids.len());
    for (link, tag) in uow.tags_of_links(scope, &ids)? {
        tags.entry(link).or_default().push(tag);
    }
    Ok(tags)
}

/// Makes these the tags of a link, no others; those given by name are created unless they exist. Says what they are
/// then, with the link.
///
/// # Errors
/// If there is no such link or tag, or the tags of the link are not as expected.
pub fn set(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    id: &IdRef<LinkId>,
    choices: &[TagChoice],
    expected: &Expected,
    at: Timestamp,
) -> Result<(Link, Vec<Tag>), SetTagsError> {
    let link = super::links::find(uow, scope, id)?.ok_or(EditError::NotFound)?;
    if !uow.lock_link(link.account_id, link.id)? {
        return Err(EditError::NotFound.into());
    }
    let before = tags_of(uow, &link)?;
    if !expected.is_met_by(&version(&before)) {
        return Err(EditError::Changed.into());
    }
    let mut wanted: Vec<Tag> = Vec::with_capacity(choices.len());
    for choice in choices {
        let tag = choose(uow, &link, choice, at)?;
        if wanted.iter().all(|known| known.id != tag.id) {
            wanted.push(tag);
        }
    }
    for tag in before.iter().filter(|tag| wanted.iter().all(|wanted| wanted.id != tag.id)) {
        let pair = TagLinkFilter { tag_id: Some(tag.id), link_id: Some(link.id) };
        uow.delete_taglinks(AccountScope::One(link.account_id), pair)?;
    }
    for tag in wanted.iter().filter(|tag| before.iter().all(|known| known.id != tag.id)) {
        uow.ensure_taglink(&TagLink {
            account_id: link.account_id,
            tag_id: tag.id,
            link_id: link.id,
            link_created_at: link.created_at,
            created_at: at,
        })?;
    }
    wanted.sort_by_key(|tag| (tag.created_at, tag.id));
    Ok((link, wanted))
}

fn choose(
    uow: &mut dyn UnitOfWork,
    link: &Link,
    choice: &TagChoice,
    at: Timestamp,
) -> Result<Tag, SetTagsError> {
    match choice {
        TagChoice::Named(name) => Ok(uow.find_or_create_tag(&NewTag {
            id: TagId::new(),
            account_id: link.account_id,
            name: name.clone(),
            created_at: at,
        })?),
        TagChoice::Existing(id) => super::tags::find(uow, AccountScope::One(link.account_id), id)?
            .ok_or_else(|| SetTagsError::TagNotFound(id.clone())),
    }
}

fn tags_of(uow: &mut dyn UnitOfWork, link: &Link) -> Result<Vec<Tag>, RepositoryError> {
    let scope = AccountScope::One(link.account_id);
    Ok(uow.tags_of_links(scope, &[link.id])?.into_iter().map(|(_, tag)| tag).collect())
}

/// A digest of which tags these are and of what they are called: it changes when either does.
#[must_use]
pub fn version(tags: &[Tag]) -> String {
    let mut known: Vec<_> = tags.iter().map(|tag| (tag.id, tag.version)).collect();
    known.sort_unstable();
    let mut hash = Sha256::new();
    for (id, version) in known {
        hash.update(uuid::Uuid::from(id).as_bytes());
        hash.update(version.to_be_bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    let first = digest.first_chunk().copied().map_or(0, u64::from_be_bytes);
    format!("{first:016x}")
}
