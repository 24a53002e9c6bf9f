//! Managing the users who operate the service.

use thiserror::Error;

use super::sessions::revoke_credentials;
use crate::model::{
    IdRef, NewUser, Page, PageRequest, Subject, Timestamp, User, UserChange, UserId, UserPosition, Username,
};
use crate::port::{Constraint, RepositoryError, UnitOfWork, UseCaseError};

/// Why a user could not be created, changed or removed.
#[derive(Debug, Error)]
pub enum UserError {
    #[error("User with username {} exists", .0.as_str())]
    NameTaken(Username),
    #[error("User with username {} not found", .0.as_str())]
    NoSuchName(Username),
    #[error("User with user_id '{0}' not found")]
    NotFound(IdRef<UserId>),
    #[error("The last admin cannot be removed, disabled or demoted")]
    LastAdmin,
    #[error(transparent)]
    Repository(RepositoryError),
}

impl From<RepositoryError> for UserError {
    fn from(error: RepositoryError) -> Self {
        Self::Repository(error)
    }
}

impl UseCaseError for UserError {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Repository(error) => Some(error),
            Self::NameTaken(_) | Self::NoSuchName(_) | Self::NotFound(_) | Self::LastAdmin => None,
        }
    }
}

/// A wish to store a user.
#[derive(Clone)]
pub struct CreateUser {
    pub username: Username,
    pub hashed_password: String,
    pub is_admin: bool,
    pub at: Timestamp,
}

impl CreateUser {
    fn with_fresh_id(&self) -> NewUser {
        NewUser {
            id: UserId::new(),
            username: self.username.clone(),
            hashed_password: self.hashed_password.clone(),
            is_admin: self.is_admin,
            created_at: self.at,
        }
    }
}

/// Stores a user.
///
/// # Errors
/// If the name is taken.
pub fn create(uow: &mut dyn UnitOfWork, command: &CreateUser) -> Result<User, UserError> {
    let new = command.with_fresh_id();
    uow.insert_user(&new).map_err(|error| match error {
        RepositoryError::Conflict(Constraint::UserUsername) => UserError::NameTaken(command.username.clone()),
        other => UserError::Repository(other),
    })?;
    Ok(new.into())
}

/// Whether there is no user yet.
///
/// # Errors
/// Those of the storage.
pub fn is_empty(uow: &mut dyn UnitOfWork) -> Result<bool, RepositoryError> {
    Ok(uow.users(&PageRequest::default())?.items.is_empty())
}

/// The user with this id.
///
/// # Errors
/// Those of the storage.
pub fn find(uow: &mut dyn UnitOfWork, id: &IdRef<UserId>) -> Result<Option<User>, RepositoryError> {
    id.id().map_or(Ok(None), |id| uow.user(id))
}

/// A page of users: all, or the one of this name.
///
/// # Errors
/// Those of the storage.
pub fn list(
    uow: &mut dyn UnitOfWork,
    name: Option<&Username>,
    page: &PageRequest<UserPosition>,
) -> Result<Page<User>, RepositoryError> {
    let Some(name) = name else { return uow.users(page) };
    let found = uow.user_by_name(name.key())?;
    let is_wanted = |user: &User| page.after.is_none_or(|after| UserPosition::from(user) > after);
    Ok(Page { items: found.into_iter().filter(is_wanted).collect(), has_more: false })
}

/// Changes a user and says how it is then. A new password, a demotion and a disabling end its sessions and API tokens.
///
/// # Errors
/// If there is no such user, or no admin would be left.
pub fn change(
    uow: &mut dyn UnitOfWork,
    id: &IdRef<UserId>,
    change: &UserChange,
    at: Timestamp,
) -> Result<User, UserError> {
    let not_found = || UserError::NotFound(id.clone());
    let known = id.id().ok_or_else(not_found)?;
    if change.takes_admin() {
        keep_an_admin(uow, known)?;
    }
    let user = uow.user(known)?.ok_or_else(not_found)?;
    let ends_credentials = change.ends_credentials_of(&user);
    if !uow.update_user(known, change, ends_credentials, at)? {
        return Err(not_found());
    }
    if ends_credentials {
        revoke_credentials(uow, Subject::User(known))?;
    }
    uow.user(known)?.ok_or_else(not_found)
}

/// Removes a user with its credentials and the answers that are kept for it.
///
/// # Errors
/// If there is no such user, or no admin would be left.
pub fn remove(uow: &mut dyn UnitOfWork, id: &IdRef<UserId>) -> Result<(), UserError> {
    let not_found = || UserError::NotFound(id.clone());
    let known = id.id().ok_or_else(not_found)?;
    keep_an_admin(uow, known)?;
    if !uow.lock_user(known)? {
        return Err(not_found());
    }
    revoke_credentials(uow, Subject::User(known))?;
    uow.delete_answers_of(Subject::User(known))?;
    if uow.delete_user(known)? { Ok(()) } else { Err(not_found()) }
}

/// Refuses if this user is the only admin that can log in. Asked under a lock, before the user itself is read.
fn keep_an_admin(uow: &mut dyn UnitOfWork, id: UserId) -> Result<(), UserError> {
    let admins = uow.lock_admins()?;
    let is_admin = uow.user(id)?.is_some_and(|user| user.is_admin && !user.disabled);
    if is_admin && admins <= 1 { Err(UserError::LastAdmin) } else { Ok(()) }
}

/// [`change`], for a user that is known by its name.
///
/// # Errors
/// If there is no such user, or no admin would be left.
pub fn change_by_name(
    uow: &mut dyn UnitOfWork,
    name: &Username,
    wish: &UserChange,
    at: Timestamp,
) -> Result<User, UserError> {
    let id = by_name(uow, name)?.id.into();
    change(uow, &id, wish, at)
}

/// [`remove`], for a user that is known by its name.
///
/// # Errors
/// If there is no such user, or no admin would be left.
pub fn remove_by_name(uow: &mut dyn UnitOfWork, name: &Username) -> Result<(), UserError> {
    let id = by_name(uow, name)?.id.into();
    remove(uow, &id)
}

fn by_name(uow: &mut dyn UnitOfWork, name: &Username) -> Result<User, UserError> {
    uow.user_by_name(name.key())?.ok_or_else(|| UserError::NoSuchName(name.clone()))
}
