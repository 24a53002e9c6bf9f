//! What a token may be used for (RFC 6749, section 3.3).

use std::fmt;

use thiserror::Error;

/// What a token acts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// A user, on the shared account.
    #[default]
    Plain,
    /// A user who is an admin, on all accounts.
    Admin,
    /// An account, on its own rows.
    Account,
}

/// The scopes of a token: one role, and whether it may only read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scopes {
    pub role: Role,
    pub read_only: bool,
}

/// The text names a scope that does not exist, one twice, or two that exclude each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("scope must be admin or account or neither of them, and may hold read")]
pub struct UnknownScope;

const ADMIN: &str = "admin";
const ACCOUNT: &str = "account";
const READ: &str = "read";

impl Scopes {
    /// Every scope there is, and what it means.
    pub const ALL: [(&'static str, &'static str); 3] = [
        (ADMIN, "Act on all accounts, as a user who is an admin"),
        (ACCOUNT, "Act as an account, on its own links and tags"),
        (READ, "Only read; may be added to the others"),
    ];

    /// Reads scopes separated by spaces, in any order; a blank text asks for none.
    ///
    /// # Errors
    /// If one of them does not exist or is there twice, or `admin` and `account` are both there.
    pub fn parse(text: &str) -> Result<Self, UnknownScope> {
        let mut scopes = Self::default();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            match word {
                ADMIN if scopes.role == Role::Plain => scopes.role = Role::Admin,
                ACCOUNT if scopes.role == Role::Plain => scopes.role = Role::Account,
                READ if !scopes.read_only => scopes.read_only = true,
                _ => return Err(UnknownScope),
            }
        }
        Ok(scopes)
    }

    /// The scopes separated by spaces, as the claim `scope` (RFC 8693, section 4.2) holds them; empty if there are
    /// none.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match (self.role, self.read_only) {
            (Role::Plain, false) => "",
            (Role::Plain, true) => "read",
            (Role::Admin, false) => "admin",
            (Role::Admin, true) => "admin read",
            (Role::Account, false) => "account",
            (Role::Account, true) => "account read",
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Whether a token with these scopes can do nothing that one with `granted` cannot do.
    #[must_use]
    pub fn is_within(self, granted: Self) -> bool {
        // The shared account is one of those that an admin acts on.
        let same_rows = self.role == granted.role || (self.role, granted.role) == (Role::Plain, Role::Admin);
        same_rows && (self.read_only || !granted.read_only)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_and_read_are_read_in_any_order() {
        for (text, canonical) in [
            ("", ""),
            ("   ", ""),
            ("read", "read"),
            (" admin ", "admin"),
            ("read admin", "admin read"),
            ("account  read", "account read"),
        ] {
            assert_eq!(Scopes::parse(text).map(Scopes::as_str), Ok(canonical), "{text:?}");
        }
        assert!(Scopes::parse("").unwrap().is_empty() && !Scopes::parse("read").unwrap().is_empty());
    }

    #[test]
    fn anything_else_is_unknown() {
        for text in [
            "admin account",
            "admin admin",
            "read read",
            "Admin",
            "admin,read",
            "\t",
            "\u{a0}",
            "admin\nread",
            "openid",
        ] {
            assert_eq!(Scopes::parse(text), Err(UnknownScope), "{text:?}");
        }
    }

    #[test]
    fn less_is_within_more_and_never_the_other_way_round() {
        let within =
            |less: &str, more: &str| Scopes::parse(less).unwrap().is_within(Scopes::parse(more).unwrap());
        for (less, more) in [
            ("admin", "admin"),
            ("admin read", "admin"),
            ("", "admin"),
            ("read", "admin"),
            ("read", ""),
            ("read", "admin read"),
            ("account read", "account"),
        ] {
            assert!(within(less, more), "{less:?} in {more:?}");
        }
        for (less, more) in [
            ("admin", "admin read"),
            ("", "read"),
            ("", "admin read"),
            ("admin", ""),
            ("account", "admin"),
            ("", "account"),
            ("read", "account"),
            ("account", ""),
        ] {
            assert!(!within(less, more), "{less:?} in {more:?}");
        }
    }
}
