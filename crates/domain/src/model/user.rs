//! A user: somebody who operates the service.

use thiserror::Error;

use super::text::FoldedName;
use super::{Timestamp, UserId};

/// A stored user.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub username: String,
    /// A PHC string (argon2id) or a modular-crypt string (bcrypt).
    pub hashed_password: String,
    pub is_admin: bool,
    pub disabled: bool,
    /// Raised whenever the credentials given out so far must die.
    pub epoch: i64,
    pub created_at: Timestamp,
}

/// A user that is to be stored.
#[derive(Clone)]
pub struct NewUser {
    pub id: UserId,
    pub username: Username,
    pub hashed_password: String,
    pub is_admin: bool,
    pub created_at: Timestamp,
}

impl From<NewUser> for User {
    fn from(new: NewUser) -> Self {
        Self {
            id: new.id,
            username: new.username.as_str().to_owned(),
            hashed_password: new.hashed_password,
            is_admin: new.is_admin,
            disabled: false,
            epoch: 0,
            created_at: new.created_at,
        }
    }
}

/// What is to become different about a user; what is not given stays.
#[derive(Clone, Default)]
pub struct UserChange {
    pub is_admin: Option<bool>,
    pub disabled: Option<bool>,
    pub hashed_password: Option<String>,
}

impl UserChange {
    /// Whether the credentials given out to the user so far must die: at a new password, a demotion, a disabling.
    #[must_use]
    pub fn ends_credentials_of(&self, user: &User) -> bool {
        let is_demoted = user.is_admin && self.is_admin == Some(false);
        let is_disabled = !user.disabled && self.disabled == Some(true);
        self.hashed_password.is_some() || is_demoted || is_disabled
    }

    /// Whether the user would no longer be an admin who can log in.
    #[must_use]
    pub fn takes_admin(&self) -> bool {
        self.is_admin == Some(false) || self.disabled == Some(true)
    }
}

/// A user's name: 1 to 255 characters without control characters, compared as tag names are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(FoldedName);

/// Why a text is no [`Username`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a username has 1 to 255 characters, none of them a control character")]
pub struct InvalidUsername;

impl Username {
    /// Reads a name.
    ///
    /// # Errors
    /// If the name is blank, too long or holds a control character.
    pub fn parse(sent: &str) -> Result<Self, InvalidUsername> {
        FoldedName::parse(sent).map(Self).map_err(|_| InvalidUsername)
    }

    /// The name as it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.shown
    }

    /// The key by which names are compared.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.0.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_compared_as_tag_names_are() {
        assert_eq!(Username::parse(" ApiUser ").unwrap().key(), Username::parse("apiuser").unwrap().key());
        for text in ["", " ", "a\0", "a\n"] {
            assert_eq!(Username::parse(text), Err(InvalidUsername));
        }
        assert!(Username::parse(&"a".repeat(256)).is_err());
    }
}
