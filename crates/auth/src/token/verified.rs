//! The tokens whose signature and claims were verified, so that a token that is used again costs a look-up.

use std::fmt;

use quick_cache::sync::Cache;

use super::Grant;

/// How many tokens are remembered: about 1 KB each.
const CAPACITY: usize = 1_000;

/// A verified token. Its times are checked at each use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verified {
    pub(super) grant: Grant,
    pub(super) validity: Validity,
}

/// When a token is valid, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    /// `iat` or `nbf`, the later one.
    pub(super) from: i64,
    /// `exp`.
    pub(super) until: i64,
}

/// Remembers verified tokens, each by its whole text. Refused ones are not remembered, so nobody without a valid token
/// can displace others.
pub(super) struct VerifiedTokens(Cache<Box<str>, Verified>);

impl VerifiedTokens {
    pub(super) fn get(&self, token: &str) -> Option<Verified> {
        self.0.get(token)
    }

    pub(super) fn insert(&self, token: &str, verified: Verified) {
        self.0.insert(token.into(), verified);
    }
}

impl Default for VerifiedTokens {
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}

/// Tokens are secrets.
impl fmt::Debug for VerifiedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedTokens").finish_non_exhaustive()
    }
}
