//! What people write about a link: its title and their notes.

use thiserror::Error;

use super::text::has_control;

/// A text from elsewhere that was made to fit, because it is worth more than its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapted<T> {
    /// Nothing if the text is blank.
    pub value: Option<T>,
    /// Whether control characters became spaces, or the end was cut off.
    pub is_altered: bool,
}

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

    /// Makes a title of any text: control characters become spaces, and what is too long is cut off.
    #[must_use]
    pub fn adapt(text: &str) -> Adapted<Self> {
        let spaced = text.replace(char::is_control, " ");
        let trimmed = spaced.trim();
        let title = cut(trimmed, Self::MAX_CHARS).trim_end();
        let is_altered = title.len() != trimmed.len() || spaced != text;
        Adapted { value: (!title.is_empty()).then(|| Self(title.to_owned())), is_altered }
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
        let has_control = sent.chars().any(|character| character.is_control() && !is_layout(character));
        if has_control || sent.chars().count() > Self::MAX_CHARS {
            return Err(InvalidNotes);
        }
        Ok((!sent.trim().is_empty()).then_some(Self(sent)))
    }

    /// Makes notes of any text: control characters become spaces, and what is too long is cut off.
    #[must_use]
    pub fn adapt(text: &str) -> Adapted<Self> {
        let spaced = text.replace(|character: char| character.is_control() && !is_layout(character), " ");
        let notes = cut(&spaced, Self::MAX_CHARS);
        let is_altered = notes != text;
        Adapted { value: (!notes.trim().is_empty()).then(|| Self(notes.to_owned())), is_altered }
    }

    /// The notes as they are stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_layout(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r')
}

/// The first `chars` characters of a text.
fn cut(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
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

    #[test]
    fn texts_from_elsewhere_are_made_to_fit() {
        let title = |text: &str| {
            let Adapted { value, is_altered } = Title::adapt(text);
            (value.map(|title| title.0), is_altered)
        };
        assert_eq!(title("  Rust "), (Some("Rust".into()), false));
        assert_eq!(title("a\nb\0"), (Some("a b".into()), true));
        assert_eq!(title(" "), (None, false));
        assert_eq!(title(&"ä".repeat(501)), (Some("ä".repeat(500)), true));
        let notes = Notes::adapt("a\n\tb\u{1b}");
        assert_eq!((notes.value.unwrap().as_str(), notes.is_altered), ("a\n\tb ", true));
        assert_eq!(Notes::adapt(" x ").value, Notes::parse(" x ".into()).unwrap(), "notes keep their spaces");
        assert_eq!(Notes::adapt(&"🍣".repeat(10_001)).value.unwrap().as_str().chars().count(), 10_000);
    }
}
