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
    /// Raised whenever tokens given out so far must die.
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
