//! Storage of users.

use super::Result;
use crate::model::{NewUser, Timestamp, User, UserId};

/// Users. Every method fails with the [`super::RepositoryError`] of the storage.
#[expect(clippy::missing_errors_doc, reason = "told once, on the trait")]
pub trait UserRepository {
    /// The user with this id.
    fn user(&mut self, id: UserId) -> Result<Option<User>>;

    /// The user whose name has this key.
    fn user_by_name(&mut self, username_key: &str) -> Result<Option<User>>;

    /// Up to `limit` users whose name key comes after `after`, in the order of the keys.
    fn users(&mut self, after: Option<&str>, limit: u16) -> Result<Vec<User>>;

    /// Stores a user. A name that is taken is a conflict with
    /// [`Constraint::UserUsername`](super::Constraint::UserUsername).
    fn insert_user(&mut self, user: &NewUser) -> Result<()>;

    /// Stores another hash of the same password, if the user's hash is still `old`. Tokens stay valid.
    fn rehash_password(&mut self, id: UserId, old: &str, new: &str, at: Timestamp) -> Result<()>;

    /// Sets a password and raises the epoch, so that the tokens given out so far die; false if there is no such user.
    fn set_password(&mut self, id: UserId, hashed_password: &str, at: Timestamp) -> Result<bool>;

    /// Removes the user; false if there was none.
    fn delete_user(&mut self, id: UserId) -> Result<bool>;
}
