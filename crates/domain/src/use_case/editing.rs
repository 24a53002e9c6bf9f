//! Changing links and tags that are there, without overwriting what somebody else has changed meanwhile.

use thiserror::Error;

use super::in_parts::{self, TAGLINKS};
use crate::model::{AccountScope, Expected, IdRef, Link, LinkChange, LinkId, Tag, TagId, TagName, Timestamp};
use crate::port::{Constraint, RepositoryError, Store, UnitOfWork, UseCaseError};

/// Why a link or a tag could not be changed.
#[derive(Debug, Error)]
pub enum EditError {
    /// There is no such row.
    #[error("not found")]
    NotFound,
    /// It is not as the client believes.
    #[error("It has been changed since it was read: read it again")]
    Changed,
    #[error("Link with link {0} exists")]
    UrlTaken(String),
    #[error("Tag with name {} exists", .0.as_sent())]
    NameTaken(TagName),
    #[error(transparent)]
    Repository(RepositoryError),
}

impl From<RepositoryError> for EditError {
    fn from(error: RepositoryError) -> Self {
        Self::Repository(error)
    }
}

impl UseCaseError for EditError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Repository(error) => Some(error),
            Self::NotFound | Self::Changed | Self::UrlTaken(_) | Self::NameTaken(_) => None,
        }
    }
}

/// Changes a link and says how it is then. A change that makes no difference leaves its version as it is.
///
/// # Errors
/// If there is no such link, it is not as expected, or the account has another with this URL.
pub fn change_link(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    id: &IdRef<LinkId>,
    change: &LinkChange,
    expected: &Expected,
    at: Timestamp,
) -> Result<Link, EditError> {
    let link = super::links::find(uow, scope, id)?.ok_or(EditError::NotFound)?;
    expect(link.version, expected)?;
    apply(uow, link, change, at).map_err(|error| match (error, &change.url) {
        (RepositoryError::Conflict(Constraint::LinkUrl), Some(url)) => {
            EditError::UrlTaken(url.as_str().to_owned())
        }
        (other, _) => EditError::Repository(other),
    })
}

/// The link as it is after the change.
pub(super) fn apply(
    uow: &mut dyn UnitOfWork,
    link: Link,
    change: &LinkChange,
    at: Timestamp,
) -> Result<Link, RepositoryError> {
    let mut changed = change.applied_to(&link);
    if changed == link {
        return Ok(link);
    }
    changed.updated_at = at;
    if !uow.update_link(&changed, change.url.as_ref())? {
        return Err(overtaken());
    }
    changed.version += 1;
    Ok(changed)
}

/// Gives a tag another name and says how it is then.
///
/// # Errors
/// If there is no such tag, it is not as expected, or the account has another of this name.
pub fn rename_tag(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    id: &IdRef<TagId>,
    name: &TagName,
    expected: &Expected,
    at: Timestamp,
) -> Result<Tag, EditError> {
    let tag = super::tags::find(uow, scope, id)?.ok_or(EditError::NotFound)?;
    expect(tag.version, expected)?;
    if name.as_str() == tag.name {
        return Ok(tag);
    }
    let renamed = uow.rename_tag(&tag, name, at).map_err(|error| match error {
        RepositoryError::Conflict(Constraint::TagName) => EditError::NameTaken(name.clone()),
        other => EditError::Repository(other),
    })?;
    if !renamed {
        return Err(overtaken().into());
    }
    Ok(Tag { name: name.as_str().to_owned(), version: tag.version + 1, updated_at: at, ..tag })
}

/// Removes a link as [`super::links::delete`] does, if it is as the client believes. False if there was none.
///
/// # Errors
/// If it is not as expected.
pub fn delete_link(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    id: &IdRef<LinkId>,
    expected: &Expected,
) -> Result<bool, EditError> {
    if *expected != Expected::Anything {
        let Some(link) = super::links::find(uow, scope, id)? else { return Ok(false) };
        expect(link.version, expected)?;
    }
    Ok(super::links::delete(uow, scope, id)?)
}

/// Removes a tag as [`super::tags::delete`] does, if it is as the client believes. False if there was none.
///
/// # Errors
/// If it is not as expected.
pub fn delete_tag(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    id: &IdRef<TagId>,
    expected: &Expected,
) -> Result<bool, EditError> {
    if *expected != Expected::Anything {
        let Some(tag) = super::tags::find(uow, scope, id)? else { return Ok(false) };
        expect(tag.version, expected)?;
    }
    Ok(super::tags::delete(uow, scope, id)?)
}

/// [`delete_tag`], in many transactions if many links carry it.
///
/// # Errors
/// Those of [`delete_tag`].
pub async fn delete_tag_in_parts(
    store: &dyn Store,
    scope: AccountScope,
    id: IdRef<TagId>,
    expected: Expected,
) -> Result<bool, EditError> {
    let (tag, wanted) = (id.clone(), expected.clone());
    let take_off = move |uow: &mut dyn UnitOfWork| {
        let Some(tag) = super::tags::find(uow, scope, &tag)? else { return Ok(false) };
        expect(tag.version, &wanted)?;
        let links = uow.count_links(AccountScope::One(tag.account_id), &[tag.id])?;
        if links.iter().all(|(_, links)| *links <= i64::from(TAGLINKS)) {
            return Ok(false);
        }
        uow.lock_for_many(tag.account_id)?;
        uow.delete_some_taglinks(tag.account_id, tag.id, TAGLINKS)?;
        Ok(true)
    };
    in_parts::repeat::<EditError, _>(store, take_off).await?;
    store.write(move |uow| delete_tag(uow, scope, &id, &expected)).await
}

pub(super) fn expect(version: i64, expected: &Expected) -> Result<(), EditError> {
    if expected.is_met_by(&version.to_string()) { Ok(()) } else { Err(EditError::Changed) }
}

/// Somebody else was faster: the transaction is to see what they did.
fn overtaken() -> RepositoryError {
    RepositoryError::Busy("the row was changed in mid-transaction".into())
}
