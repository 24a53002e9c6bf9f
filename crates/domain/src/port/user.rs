//! Storage of users.

use super::Result;
use crate::model::{NewUser, Page, PageRequest, Timestamp, User, UserChange, UserId, UserPosition};

/// Users. Every method fails with the [`super::RepositoryError`] of the storage.
#[expect(clippy::missing_errors_doc, reason = "told once, on the trait")]
pub trait UserRepository {
    /// The user with this id.
    fn user(&mut self, id: UserId) -> Result<Option<User>>;

    /// The user whose name has this key.
    fn user_by_name(&mut self, username_key: &str) -> Result<Option<User>>;

    /// A page of users in the order of [`UserPosition`].
    fn users(&mut self, page: &PageRequest<UserPosition>) -> Result<Page<User>>;

    /// Stores a user. A name that is taken is a conflict with
    /// [`Constraint::UserUsername`](super::Constraint::UserUsername).
    fn insert_user(&mut self, user: &NewUser) -> Result<()>;

    /// Changes a user, and raises the epoch if `raise_epoch` says so; false if there is no such user.
    fn update_user(
        &mut self,
        id: UserId,
        change: &UserChange,
        raise_epoch: bool,
        at: Timestamp,
    ) -> Result<bool>;

    /// How many admins there are who are not disabled. Until the transaction has ended, no other transaction can ask
    /// this, so that two admins cannot remove each other.
    fn lock_admins(&mut self) -> Result<usize>;

    /// Waits for those who store credentials or answers of the user, and makes others wait until the transaction has
    /// ended; false if there is no such user.
    fn lock_user(&mut self, id: UserId) -> Result<bool>;

    /// Removes the user; false if there was none. Its credentials must be gone before.
    fn delete_user(&mut self, id: UserId) -> Result<bool>;
}
