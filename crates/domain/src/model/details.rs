//! What people write about a link: its title and their notes.

use thiserror::Error;

use super::text::has_control;

/// A title: 1 to 500 characters without control characters, trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title(String);

/// Why a text is no [`Title`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("title must be at most {} characters long and must not contain control characters", Title::MAX_CHARS)]
pub struct InvalidTitle;

impl Title {
    /// The longest title, in characters.
    pub const MAX_CHARS: usize = 500;

    /// Reads a title; nothing if the text is blank.
    ///
    /// # Errors
    /// If it is too long or holds a control character.
    pub fn parse(sent: &str) -> Result<Option<Self>, InvalidTitle> {
        let title = sent.trim();
        if has_control(sent) || title.chars().count() > Self::MAX_CHARS {
            return Err(InvalidTitle);
        }
        Ok((!title.is_empty()).then(|| Self(title.to_owned())))
    }

    /// The title as it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Notes: 1 to 10,000 characters; of control characters only tabs and line ends. Kept as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notes(String);

/// Why a text is no [`Notes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "notes must be at most {} characters long, without control characters except tabs and line ends",
    Notes::MAX_CHARS
)]
pub struct InvalidNotes;

impl Notes {
    /// The longest notes, in characters.
    pub const MAX_CHARS: usize = 10_000;

    /// Reads notes; nothing if the text is blank.
    ///
    /// # Errors
    /// If they are too long or hold a control character.
    pub fn parse(sent: String) -> Result<Option<Self>, InvalidNotes> {
        let is_layout = |character: char| matches!(character, '\t' | '\n' | '\r');
        let has_control = sent.chars().any(|character| character.is_control() && !is_layout(character));
        if has_control || sent.chars().count() > Self::MAX_CHARS {
            return Err(InvalidNotes);
        }
        Ok((!sent.trim().is_empty()).then_some(Self(sent)))
    }

    /// The notes as they are stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_trimmed_line_and_blank_is_none() {
        assert_eq!(Title::parse("  Rust  ").unwrap().unwrap().as_str(), "Rust");
        assert_eq!(Title::parse("   "), Ok(None));
        assert!(Title::parse(&"ä".repeat(500)).unwrap().is_some());
        for text in [&"a".repeat(501), "a\nb", "a\0", "\t"] {
            assert_eq!(Title::parse(text), Err(InvalidTitle), "{text:?}");
        }
    }

    #[test]
    fn notes_keep_their_layout_and_blank_is_none() {
        assert_eq!(Notes::parse(" a\n\tb\r\n".into()).unwrap().unwrap().as_str(), " a\n\tb\r\n");
        assert_eq!(Notes::parse(" \n".into()), Ok(None));
        for text in ["a\0".to_owned(), "\u{1b}[1m".into(), "a".repeat(10_001)] {
            assert_eq!(Notes::parse(text), Err(InvalidNotes));
        }
    }
}
