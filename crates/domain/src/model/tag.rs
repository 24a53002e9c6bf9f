//! A tag: a name that an account puts on links.

use thiserror::Error;

use super::text::{FoldedName, InvalidName};
use super::{AccountId, TagId, Timestamp};

/// A stored tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    pub id: TagId,
    pub account_id: AccountId,
    /// The name as it was first written, trimmed and in Unicode NFC.
    pub name: String,
    /// Counts its changes, from 1.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl From<NewTag> for Tag {
    fn from(new: NewTag) -> Self {
        Self {
            id: new.id,
            account_id: new.account_id,
            name: new.name.as_str().to_owned(),
            version: 1,
            created_at: new.created_at,
            updated_at: new.created_at,
        }
    }
}

/// A tag that is to be stored.
#[derive(Clone, Debug)]
pub struct NewTag {
    pub id: TagId,
    pub account_id: AccountId,
    pub name: TagName,
    pub created_at: Timestamp,
}

/// A tag that is to be stored, with the time of its last change.
#[derive(Clone, Debug)]
pub struct DatedTag {
    pub tag: NewTag,
    pub updated_at: Timestamp,
}

/// A tag's name: 1 to 255 characters without control characters, and without `/*` at its end, which in a search means
/// everything below a tag.
///
/// Names are the same if they agree after Unicode NFC, trimming and lower-casing: `Rust` and `rust ` are one tag,
/// `cafe` and `café` are two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagName {
    sent: String,
    name: FoldedName,
}

/// Why a text is no [`TagName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidTagName {
    #[error("tag must be 1 to 255 characters long")]
    Length,
    #[error("tag must not contain control characters")]
    Control,
    #[error("tag must not end with /*, which means every tag below")]
    Pattern,
}

impl TagName {
    /// Reads a name.
    ///
    /// # Errors
    /// Says which rule is broken.
    pub fn parse(sent: String) -> Result<Self, InvalidTagName> {
        match FoldedName::parse(&sent) {
            Ok(name) if name.shown.ends_with("/*") => Err(InvalidTagName::Pattern),
            Ok(name) => Ok(Self { sent, name }),
            Err(InvalidName::Length) => Err(InvalidTagName::Length),
            Err(InvalidName::Control) => Err(InvalidTagName::Control),
        }
    }

    /// Reads a name from elsewhere, where control characters may stand for spaces, and `/*` may be at the end, which is left
    /// out.
    ///
    /// # Errors
    /// If it is blank or too long all the same.
    pub fn adapt(text: &str) -> Result<Self, InvalidTagName> {
        let text = text.replace(char::is_control, " ");
        Self::parse(text.trim().trim_end_matches("/*").to_owned())
    }

    /// The name to the letter as the client sent it; only for messages.
    #[must_use]
    pub fn as_sent(&self) -> &str {
        &self.sent
    }

    /// The name as it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name.shown
    }

    /// The key by which names are compared.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.name.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> String {
        TagName::parse(text.into()).unwrap_or_else(|error| panic!("{text:?}: {error}")).key().to_owned()
    }

    #[test]
    fn case_form_and_outer_spaces_do_not_matter() {
        assert_eq!(key(" Rust  "), key("rust"));
        assert_eq!(key("Cafe\u{301}"), key("café"));
        assert_eq!(key("ÅNGSTRÖM"), key("a\u{30a}ngstro\u{308}m"));
        assert_ne!(key("cafe"), key("café"));
        assert_ne!(key("🍣"), key("🍺"));
        assert_ne!(key("a b"), key("a  b"));
    }

    #[test]
    fn a_name_is_shown_trimmed_and_composed() {
        assert_eq!(TagName::parse("  Cafe\u{301} ".into()).unwrap().as_str(), "Café");
    }

    #[test]
    fn length_counts_characters_of_the_name_and_of_the_key() {
        assert!(TagName::parse("🍣".repeat(255)).is_ok());
        assert!(TagName::parse(format!("  {}  ", "a".repeat(255))).is_ok());
        assert_eq!(TagName::parse("a".repeat(256)), Err(InvalidTagName::Length));
        assert_eq!(
            TagName::parse("İ".repeat(255)),
            Err(InvalidTagName::Length),
            "lower case has two characters"
        );
        for blank in ["", "   ", "\u{3000}"] {
            assert_eq!(TagName::parse(blank.into()), Err(InvalidTagName::Length));
        }
    }

    #[test]
    fn control_characters_are_refused_even_at_the_ends() {
        for text in ["a\0b", "a\n", "\ta", "a\u{9f}"] {
            assert_eq!(TagName::parse(text.into()), Err(InvalidTagName::Control));
        }
    }

    #[test]
    fn a_name_does_not_look_like_a_pattern() {
        for name in ["a/*", " a/* ", "/*", "a/*/*"] {
            assert_eq!(TagName::parse(name.into()), Err(InvalidTagName::Pattern), "{name}");
        }
        for name in ["a/*b", "*", "a*", "/", "a/"] {
            assert!(TagName::parse(name.into()).is_ok(), "{name}");
        }
        assert_eq!(TagName::adapt(" a/*/*\n").unwrap().as_str(), "a");
        assert_eq!(TagName::adapt("/*"), Err(InvalidTagName::Length));
    }
}
