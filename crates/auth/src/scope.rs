//! What a token may be used for (RFC 6749, section 3.3).

use thiserror::Error;

/// The scopes of a token.
///
/// There are none to ask for yet: a token without a scope acts on the shared account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(());

/// The text names a scope that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("unknown scope")]
pub struct UnknownScope;

impl Scopes {
    /// Reads scopes separated by spaces; a blank text asks for none.
    ///
    /// # Errors
    /// If one of them does not exist.
    pub fn parse(text: &str) -> Result<Self, UnknownScope> {
        if text.split(' ').all(str::is_empty) { Ok(Self::default()) } else { Err(UnknownScope) }
    }

    /// The scopes separated by spaces, as the claim `scope` (RFC 8693, section 4.2) holds them; empty if there are
    /// none.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        ""
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.as_str().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_no_scope_is_known() {
        for blank in ["", " ", "   "] {
            assert_eq!(Scopes::parse(blank).map(Scopes::as_str), Ok(""));
        }
        for other in ["admin", "account", "read", " read ", "\t", "\u{a0}", "read read"] {
            assert_eq!(Scopes::parse(other), Err(UnknownScope), "{other:?}");
        }
        assert!(Scopes::default().is_empty());
    }
}
