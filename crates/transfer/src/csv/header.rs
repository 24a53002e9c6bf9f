//! The header: which column holds what, in the words of several programs.

use super::record::{Record, RecordReader};

/// What a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Url,
    Title,
    Notes,
    Tags,
    Folder,
    CreatedAt,
    UpdatedAt,
}

impl Column {
    /// The names of such a column, in lower case. If a file has several, the first name whose cell is not empty
    /// counts: Raindrop has the `note` of the user and an `excerpt` of the page.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Url => &["url", "link", "href"],
            Self::Title => &["title"],
            Self::Notes => &["notes", "note", "description", "excerpt", "selection"],
            Self::Tags => &["tags"],
            Self::Folder => &["folder"],
            Self::CreatedAt => &["created_at", "created", "time_added", "timestamp", "date"],
            Self::UpdatedAt => &["updated_at", "updated"],
        }
    }
}

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Header {
    names: Vec<String>,
}

impl Header {
    /// The columns that the first record names, if one of them holds URLs.
    pub(super) fn new(record: &Record) -> Option<Self> {
        let names = record
            .cells()
            .map(|cell| String::from_utf8_lossy(cell).trim().to_ascii_lowercase())
            .collect::<Vec<_>>();
        let known = Column::Url.names().iter().any(|name| names.iter().any(|other| other == name));
        known.then_some(Self { names })
    }

    /// The cell of that column, or an empty one.
    pub(super) fn cell<'a>(&self, column: Column, record: &'a Record) -> &'a [u8] {
        column
            .names()
            .iter()
            .filter_map(|name| self.names.iter().position(|other| other == name))
            .filter_map(|index| record.cell(index))
            .find(|cell| !cell.is_empty())
            .unwrap_or_default()
    }
}

/// Whether a line is a header that can be used.
pub(crate) fn is_header(line: &[u8]) -> bool {
    const LONGEST: usize = 4096;
    let mut source = crate::source::Source::new(line);
    match RecordReader::new(LONGEST).next(&mut source) {
        Ok(Some(record)) => !record.too_long && Header::new(&record).is_some(),
        Ok(None) | Err(_) => false,
    }
}
