//! A start tag with its attributes, of which only those are kept that matter: icons would take most of the memory.

use std::io::BufRead;

use super::boundary::{LOOK, Tag, begins_line};
use super::window::Window;
use crate::ReadError;

/// An attribute of a bookmark or a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    Href,
    /// Also Pocket's `time_added`.
    AddDate,
    LastModified,
    Tags,
    /// The tags as JSON, where commas cannot separate them: only our own files have it.
    TagList,
    ToRead,
    /// Raindrop's favourites.
    Favorite,
    Keyword,
    /// Whether the folder is the browser's own: the bar, or the one for what is in no other.
    BrowserFolder,
}

impl Attribute {
    fn named(name: &[u8]) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_slice() {
            b"href" => Self::Href,
            b"add_date" | b"time_added" => Self::AddDate,
            b"last_modified" => Self::LastModified,
            b"tags" => Self::Tags,
            b"data-taglink-tags" => Self::TagList,
            b"toread" => Self::ToRead,
            b"data-important" => Self::Favorite,
            b"shortcuturl" => Self::Keyword,
            b"personal_toolbar_folder" | b"unfiled_bookmarks_folder" => Self::BrowserFolder,
            _ => return None,
        })
    }
}

/// Why a tag cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Another bookmark begins within it.
    Unclosed,
    /// A quote is missing, or stands within a value.
    Quote,
}

/// What a start tag holds. Of two attributes with the same name the first counts, as HTML has it.
#[derive(Debug, Default)]
pub(super) struct StartTag {
    values: Vec<(Attribute, Vec<u8>)>,
    /// The length of all values that are kept.
    pub(super) bytes: usize,
    pub(super) fault: Option<Fault>,
}

impl StartTag {
    /// Reads the tag behind its name, up to its `>`, or up to what cannot be within it.
    ///
    /// # Errors
    /// If the file ends before the tag does.
    pub(super) fn read<R: BufRead>(window: &mut Window<R>, limit: usize) -> Result<Self, ReadError> {
        let mut reader = Reader { limit, ..Reader::default() };
        loop {
            let bytes = window.ahead(LOOK)?;
            let Some(byte) = bytes.first().copied() else {
                return Err(ReadError::damaged(window.line(), "the file ends within a tag"));
            };
            if byte == b'<' && reader.must_end(bytes) {
                reader.tag.fault = Some(Fault::Unclosed);
                return Ok(reader.tag);
            }
            // Most of a tag are quoted values: what is in them is taken at once.
            let count = match reader.position {
                Position::Quoted(quote) => {
                    bytes.iter().take_while(|byte| **byte != quote && **byte != b'<').count()
                }
                _ => 0,
            };
            let taken = bytes.get(..count.max(1)).unwrap_or_default();
            reader.begins_line = begins_line(reader.begins_line, taken);
            let is_end = if count > 0 {
                reader.value(taken);
                false
            } else {
                reader.byte(byte)
            };
            let count = taken.len();
            window.pass(count);
            if is_end {
                return Ok(reader.tag);
            }
        }
    }

    pub(super) fn get(&self, wanted: Attribute) -> Option<&[u8]> {
        self.values.iter().find(|(attribute, _)| *attribute == wanted).map(|(_, value)| value.as_slice())
    }
}

/// Where in a tag we are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Position {
    /// In the name of an attribute, or before one.
    #[default]
    Name,
    /// After a name, where its `=` may come.
    AfterName,
    BeforeValue,
    Unquoted,
    Quoted(u8),
    /// After the quote that ends a value.
    Closed,
}

#[derive(Default)]
struct Reader {
    tag: StartTag,
    position: Position,
    name: Vec<u8>,
    /// Whether the last attribute that began is kept.
    is_kept: bool,
    begins_line: bool,
    limit: usize,
}

impl Reader {
    /// Names of attributes are shorter; what is longer is none.
    const MAX_NAME: usize = 64;

    /// Whether a `<` cannot be in the tag: a bookmark begins with it, or a tag that would be in a URL.
    fn must_end(&self, bytes: &[u8]) -> bool {
        let Some((tag, _)) = Tag::at(bytes) else { return false };
        let is_quoted = matches!(self.position, Position::Quoted(_));
        let in_url = self.is_kept
            && self.tag.values.last().is_some_and(|(attribute, value)| {
                *attribute == Attribute::Href && value.to_ascii_lowercase().starts_with(b"http")
            });
        match tag {
            Tag::Anchor if !is_quoted => true,
            Tag::Anchor | Tag::AnchorEnd if in_url => true,
            tag => tag.is_boundary(bytes, self.begins_line),
        }
    }

    /// Takes a byte; whether the tag ends with it.
    fn byte(&mut self, byte: u8) -> bool {
        let is_blank = byte.is_ascii_whitespace() || byte == b'/';
        self.position = match (self.position, byte) {
            (Position::Quoted(quote), _) if byte == quote => Position::Closed,
            (Position::Quoted(_), _) => {
                self.value(&[byte]);
                self.position
            }
            (_, b'>') => {
                if !self.name.is_empty() {
                    self.begin_value();
                }
                return true;
            }
            (Position::BeforeValue, b'"' | b'\'') => Position::Quoted(byte),
            (Position::BeforeValue, _) if byte.is_ascii_whitespace() => Position::BeforeValue,
            (Position::Unquoted, _) if byte.is_ascii_whitespace() => Position::Name,
            (Position::BeforeValue | Position::Unquoted, _) => {
                self.value(&[byte]);
                Position::Unquoted
            }
            (Position::Name | Position::AfterName, b'=') if !self.name.is_empty() => {
                self.begin_value();
                Position::BeforeValue
            }
            (Position::Name | Position::Closed, _) if is_blank => {
                if self.name.is_empty() {
                    Position::Name
                } else {
                    Position::AfterName
                }
            }
            (Position::AfterName, _) if is_blank => Position::AfterName,
            (before, _) => self.name(before, byte),
        };
        false
    }

    fn name(&mut self, before: Position, byte: u8) -> Position {
        // A value that ends as if another attribute began has taken the quote of that one for its own end.
        let is_stolen = before == Position::Closed
            && self.tag.values.last().is_some_and(|(_, value)| value.ends_with(b"="));
        if self.is_kept && (is_stolen || matches!(byte, b'"' | b'\'' | b'<')) {
            self.tag.fault = Some(Fault::Quote);
        }
        if before == Position::AfterName {
            self.begin_value();
        }
        if self.name.len() < Self::MAX_NAME {
            self.name.push(byte);
        }
        Position::Name
    }

    /// Begins the value of the attribute whose name was read; it may have none.
    fn begin_value(&mut self) {
        let attribute = Attribute::named(&self.name).filter(|attribute| self.tag.get(*attribute).is_none());
        self.name.clear();
        self.is_kept = attribute.is_some();
        self.tag.values.extend(attribute.map(|attribute| (attribute, Vec::new())));
    }

    fn value(&mut self, bytes: &[u8]) {
        if let Some((_, value)) = self.tag.values.last_mut().filter(|_| self.is_kept) {
            self.tag.bytes = self.tag.bytes.saturating_add(bytes.len());
            if self.tag.bytes <= self.limit {
                value.extend_from_slice(bytes);
            }
        }
    }
}
