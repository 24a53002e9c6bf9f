//! An account: an end user, who owns links and tags.

use std::fmt;

use thiserror::Error;

use super::text::FoldedName;
use super::{AccountId, IdRef, Timestamp};

/// A stored account that somebody can log in as. The shared account is none.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    /// The address as it was written.
    pub email: String,
    /// A PHC string (argon2id) or a modular-crypt string (bcrypt).
    pub hashed_password: String,
    /// Raised whenever the credentials given out so far must die.
    pub epoch: i64,
    pub created_at: Timestamp,
}

/// An account that is to be stored.
#[derive(Clone)]
pub struct NewAccount {
    pub id: AccountId,
    pub email: Email,
    pub hashed_password: String,
    pub created_at: Timestamp,
}

impl From<NewAccount> for Account {
    fn from(new: NewAccount) -> Self {
        Self {
            id: new.id,
            email: new.email.as_str().to_owned(),
            hashed_password: new.hashed_password,
            epoch: 0,
            created_at: new.created_at,
        }
    }
}

/// What is to become different about an account; what is not given stays.
#[derive(Clone, Default)]
pub struct AccountChange {
    pub email: Option<Email>,
    pub hashed_password: Option<String>,
}

/// The address by which an account logs in: 3 to 255 characters without control characters and white space, with
/// something on both sides of an `@`. Compared as tag names are.
///
/// Whether mail arrives there is nobody's concern here, so the grammar of RFC 5321 is not asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    sent: String,
    name: FoldedName,
}

/// Why a text is no [`Email`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("email must be an address such as alice@example.org, at most 255 characters long")]
pub struct InvalidEmail;

impl Email {
    /// Reads an address.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(sent: String) -> Result<Self, InvalidEmail> {
        let name = FoldedName::parse(&sent).map_err(|_| InvalidEmail)?;
        let has_space = name.shown.contains(char::is_whitespace);
        let (local, host) = name.shown.rsplit_once('@').ok_or(InvalidEmail)?;
        if local.is_empty() || host.is_empty() || has_space {
            return Err(InvalidEmail);
        }
        Ok(Self { sent, name })
    }

    /// The address to the letter as the client sent it; only for messages.
    #[must_use]
    pub fn as_sent(&self) -> &str {
        &self.sent
    }

    /// The address as it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name.shown
    }

    /// The key by which addresses are compared.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.name.key
    }
}

/// The account that what is created shall belong to, and how the client came by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    account: IdRef<AccountId>,
    naming: Naming,
}

/// Whether messages name the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naming {
    /// The client knows nothing of accounts.
    Silent,
    /// The client is the account.
    Own,
    /// The client chose the account.
    Chosen,
}

impl Owner {
    /// The shared account, for clients that know nothing of accounts.
    #[must_use]
    pub fn shared() -> Self {
        Self { account: AccountId::SHARED.into(), naming: Naming::Silent }
    }

    /// The account that the client is.
    #[must_use]
    pub fn own(account: AccountId) -> Self {
        Self { account: account.into(), naming: Naming::Own }
    }

    /// The account that a client named which may use all.
    #[must_use]
    pub fn chosen(account: IdRef<AccountId>) -> Self {
        Self { account, naming: Naming::Chosen }
    }

    /// The id of the account, if there can be one.
    #[must_use]
    pub fn id(&self) -> Option<AccountId> {
        self.account.id()
    }

    /// Whether the client is this account itself.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.naming == Naming::Own
    }

    /// The account as the client wrote it.
    #[must_use]
    pub fn as_sent(&self) -> &IdRef<AccountId> {
        &self.account
    }

    /// The account behind `words`, such as ` for account `; empty for clients that know nothing of accounts.
    #[must_use]
    pub fn told_after<'a>(&'a self, words: &'a str) -> impl fmt::Display + 'a {
        fmt::from_fn(move |f| match self.naming {
            Naming::Silent => Ok(()),
            Naming::Own | Naming::Chosen => write!(f, "{words}{}", self.account),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_has_two_sides_and_is_compared_as_names_are() {
        let parse = |text: &str| Email::parse(text.into());
        assert_eq!(parse(" Alice@Example.org ").unwrap().as_str(), "Alice@Example.org");
        assert_eq!(parse("Alice@Example.org").unwrap().key(), parse("alice@example.ORG").unwrap().key());
        for text in ["", "alice", "@", "alice@", "@example.org", "al ice@example.org", "a@b\n", "a\0@b"] {
            assert_eq!(parse(text), Err(InvalidEmail), "{text:?}");
        }
        assert!(parse(&format!("{}@b", "a".repeat(254))).is_err());
    }

    #[test]
    fn messages_name_the_account_to_those_who_know_of_accounts() {
        let id = AccountId::new();
        assert_eq!(Owner::shared().told_after(" for account ").to_string(), "");
        assert_eq!(Owner::own(id).told_after(" for account ").to_string(), format!(" for account {id}"));
        let sent = id.to_string().to_uppercase();
        let chosen = Owner::chosen(IdRef::new(sent.clone()));
        assert_eq!(chosen.told_after(" for account_id ").to_string(), format!(" for account_id {sent}"));
        assert_eq!(chosen.id(), Some(id));
    }
}
