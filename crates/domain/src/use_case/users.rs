//! Managing the users who operate the service.

use thiserror::Error;

use crate::model::{NewUser, Timestamp, User, UserId, Username};
use crate::port::{Constraint, RepositoryError, UnitOfWork, UseCaseError};

/// Why a user could not be created, changed or removed.
#[derive(Debug, Error)]
pub enum UserError {
    #[error("User with username {} exists", .0.as_str())]
    NameTaken(Username),
    #[error("User with username {} not found", .0.as_str())]
    NotFound(Username),
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
            Self::NameTaken(_) | Self::NotFound(_) => None,
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
pub fn create(uow: &mut dyn UnitOfWork, command: &CreateUser) -> Result<(), UserError> {
    uow.insert_user(&command.with_fresh_id()).map_err(|error| match error {
        RepositoryError::Conflict(Constraint::UserUsername) => UserError::NameTaken(command.username.clone()),
        other => UserError::Repository(other),
    })
}

/// Whether there is no user yet.
///
/// # Errors
/// Those of the storage.
pub fn is_empty(uow: &mut dyn UnitOfWork) -> Result<bool, RepositoryError> {
    Ok(uow.users(None, 1)?.is_empty())
}

/// Sets the password of a user; tokens given out so far die.
///
/// # Errors
/// If there is no such user.
pub fn set_password(
    uow: &mut dyn UnitOfWork,
    username: &Username,
    hashed_password: &str,
    at: Timestamp,
) -> Result<(), UserError> {
    let user = by_name(uow, username)?;
    if uow.set_password(user.id, hashed_password, at)? {
        Ok(())
    } else {
        Err(UserError::NotFound(username.clone()))
    }
}

/// Removes a user; its tokens die with it.
///
/// # Errors
/// If there is no such user.
pub fn remove(uow: &mut dyn UnitOfWork, username: &Username) -> Result<(), UserError> {
    let user = by_name(uow, username)?;
    if uow.delete_user(user.id)? { Ok(()) } else { Err(UserError::NotFound(username.clone())) }
}

fn by_name(uow: &mut dyn UnitOfWork, username: &Username) -> Result<User, UserError> {
    uow.user_by_name(username.key())?.ok_or_else(|| UserError::NotFound(username.clone()))
}
