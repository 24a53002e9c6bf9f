//! The bookmark file as a sequence of tags and texts. Nothing has to be closed or nested as it should be: each tag
//! that begins something ends what was there before.

use std::collections::VecDeque;

use super::attributes::{Attribute, Attributes};
use super::bookmark::Bookmark;
use super::folders::{FolderPath, Heading};
use crate::{Folders, Format, ReadError, ReadOptions, Row};

/// What the text between tags belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    Nothing,
    Heading,
    Title,
    /// The notes of a bookmark.
    Notes,
    /// The description of a folder, for which there is no place.
    Description,
}

/// A bookmark file while it is read.
#[derive(Debug)]
pub(super) struct Page {
    options: ReadOptions,
    rows: VecDeque<Result<Row, ReadError>>,
    within: Within,
    bookmark: Option<Bookmark>,
    heading: Option<Heading>,
    folders: FolderPath,
    /// Whether anything was there that bookmark files have.
    recognised: bool,
}

impl Page {
    pub(super) fn new(options: ReadOptions) -> Self {
        Self {
            options,
            rows: VecDeque::new(),
            within: Within::Nothing,
            bookmark: None,
            heading: None,
            folders: FolderPath::default(),
            recognised: false,
        }
    }

    /// The next row that is complete.
    pub(super) fn pop(&mut self) -> Option<Result<Row, ReadError>> {
        self.rows.pop_front()
    }

    pub(super) fn doctype(&mut self, name: &[u8]) {
        self.recognised |= name == b"netscape-bookmark-file-1";
    }

    /// A start tag, its name in lower case, on that line.
    pub(super) fn start_tag(&mut self, name: &[u8], attributes: Attributes, line: usize) {
        // Descriptions may have links and lists of their own.
        let describes = matches!(self.within, Within::Notes | Within::Description);
        match name {
            b"dl" => {
                self.begin(Within::Nothing);
                self.folders.enter(self.heading.take());
                self.recognised = true;
            }
            b"dt" | b"hr" => self.begin(Within::Nothing),
            b"li" if !describes => self.begin(Within::Nothing),
            b"a" if !describes => {
                self.begin(Within::Title);
                self.heading = None;
                self.recognised |= attributes.get(Attribute::Href).is_some();
                self.bookmark = Some(Bookmark::new(line, attributes, self.options.max_row_bytes));
            }
            b"h3" if !describes => {
                self.begin(Within::Heading);
                self.heading = Some(Heading::new(attributes.get(Attribute::BrowserFolder).is_some()));
            }
            b"dd" | b"br" | b"p" if describes => self.text(b"\n"),
            b"dd" if self.bookmark.is_some() => self.within = Within::Notes,
            b"dd" => self.within = Within::Description,
            _ => {}
        }
    }

    /// An end tag, its name in lower case.
    pub(super) fn end_tag(&mut self, name: &[u8]) {
        match (name, self.within) {
            (b"dl", _) => {
                self.begin(Within::Nothing);
                self.heading = None;
                self.folders.leave();
            }
            (b"a", Within::Title)
            | (b"h3", Within::Heading)
            | (b"dd", Within::Notes | Within::Description) => {
                self.within = Within::Nothing;
            }
            _ => {}
        }
    }

    pub(super) fn text(&mut self, text: &[u8]) {
        match (self.within, &mut self.bookmark, &mut self.heading) {
            (Within::Title, Some(bookmark), _) => bookmark.push_title(text),
            (Within::Notes, Some(bookmark), _) => bookmark.push_notes(text),
            (Within::Heading, _, Some(heading)) => heading.push(text),
            _ => {}
        }
    }

    /// The end of the file.
    pub(super) fn end(&mut self) {
        self.begin(Within::Nothing);
        if !self.recognised {
            let reason = "it has neither bookmarks nor the mark of a bookmark file".into();
            self.rows.push_back(Err(ReadError::NotThisFormat { format: Format::Html, reason }));
        }
    }

    /// Ends the bookmark that was being read, and begins something else.
    fn begin(&mut self, within: Within) {
        self.within = within;
        if let Some(bookmark) = self.bookmark.take() {
            let folder = match self.options.folders {
                Folders::AsTags => self.folders.path().map(str::to_owned),
                Folders::Ignore => None,
            };
            self.rows.push_back(Ok(bookmark.row(folder)));
        }
    }
}
