//! Idempotency keys: a client that does not know whether its request arrived sends it again, and it is done once.

use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

use super::{AccountScope, Subject, Timestamp};

/// What a client calls one of its requests: 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// Why a text is no [`IdempotencyKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("Idempotency-Key must be 1 to {} visible ASCII characters", IdempotencyKey::MAX)]
pub struct InvalidIdempotencyKey;

impl IdempotencyKey {
    /// The longest key, in characters.
    pub const MAX: usize = 255;

    /// Reads a key.
    ///
    /// # Errors
    /// If it is empty, too long, or holds anything but visible ASCII characters.
    pub fn parse(sent: &[u8]) -> Result<Self, InvalidIdempotencyKey> {
        let is_key = (1..=Self::MAX).contains(&sent.len()) && sent.iter().all(u8::is_ascii_graphic);
        let text = std::str::from_utf8(sent).ok().filter(|_| is_key);
        text.map(|text| Self(text.to_owned())).ok_or(InvalidIdempotencyKey)
    }

    /// The key of this subject: two subjects may use the same text.
    #[must_use]
    pub fn of(&self, subject: Subject) -> KeyHash {
        let (kind, id): (_, Uuid) = match subject {
            Subject::User(id) => (b'u', id.into()),
            Subject::Account(id) => (b'a', id.into()),
        };
        let hash = Sha256::new().chain_update([kind]).chain_update(id.as_bytes());
        KeyHash(hash.chain_update(&self.0).finalize().into())
    }
}

/// SHA-256 of a key and of the subject that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// The bytes of the hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for KeyHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// SHA-256 of everything that makes one request the same as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestHash([u8; 32]);

impl RequestHash {
    /// The hash of a request that acts on these rows. `parts` are its method, its path, its body.
    #[must_use]
    pub fn new(scope: AccountScope, parts: [&[u8]; 3]) -> Self {
        let mut hash = Sha256::new();
        match scope {
            AccountScope::All => hash.update([0]),
            AccountScope::One(account) => {
                hash.update([[1].as_slice(), Uuid::from(account).as_bytes()].concat());
            }
        }
        for part in parts {
            // With its length, so that no two lists of parts are the same bytes.
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// The bytes of the hash.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for RequestHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// A request that is to be done once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyedRequest {
    pub subject: Subject,
    pub key: KeyHash,
    pub request: RequestHash,
    pub at: Timestamp,
}

/// What a request was answered with, to the byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Where the object is that was stored.
    pub location: Option<String>,
    /// The entity tag of the object, with its quotes.
    pub etag: Option<String>,
    /// JSON.
    pub body: String,
}

/// An answer that is kept for its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    pub request: RequestHash,
    pub answer: Answer,
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AccountId, UserId};

    #[test]
    fn a_key_is_visible_ascii() {
        let longest = "k".repeat(255);
        for key in ["a", "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"", "!~", &longest] {
            assert!(IdempotencyKey::parse(key.as_bytes()).is_ok(), "{key}");
        }
        let too_long = "k".repeat(256);
        for key in ["", " ", "a b", "a\t", "\u{7f}", "ä", &too_long] {
            assert_eq!(IdempotencyKey::parse(key.as_bytes()), Err(InvalidIdempotencyKey), "{key:?}");
        }
        assert_eq!(IdempotencyKey::parse(b"\xff"), Err(InvalidIdempotencyKey));
    }

    #[test]
    fn a_key_belongs_to_its_subject() {
        let key = IdempotencyKey::parse(b"k").unwrap();
        let id = Uuid::from(UserId::new());
        let (user, account) = (Subject::User(id.into()), Subject::Account(id.into()));
        assert_eq!(key.of(user), key.of(user));
        assert_ne!(key.of(user), key.of(account));
        assert_ne!(key.of(user), key.of(Subject::User(UserId::new())));
    }

    #[test]
    fn a_request_is_its_scope_method_path_and_body() {
        let one = AccountScope::One(AccountId::SHARED);
        let hash = RequestHash::new(one, [b"POST", b"/tag", b"{}"]);
        assert_eq!(hash, RequestHash::new(one, [b"POST", b"/tag", b"{}"]));
        for other in [[&b"PATCH"[..], b"/tag", b"{}"], [b"POST", b"/tag{", b"}"], [b"POST", b"/tag", b"{ }"]]
        {
            assert_ne!(hash, RequestHash::new(one, other));
        }
        assert_ne!(hash, RequestHash::new(AccountScope::All, [b"POST", b"/tag", b"{}"]));
    }
}
