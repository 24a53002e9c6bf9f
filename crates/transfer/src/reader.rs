//! Reads links from a file of any format.

use std::io::BufRead;

use crate::csv::CsvReader;
use crate::html::HtmlReader;
use crate::json::JsonReader;
use crate::pinboard::PinboardReader;
use crate::source::Source;
use crate::urls::UrlsReader;
use crate::{BadRow, Format, Item, ReadError};

/// A row that was read, or why it could not be.
pub type Row = Result<Item, BadRow>;

/// What becomes of the folders that bookmarks are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Folders {
    /// They are forgotten.
    Ignore,
    /// A link gets a tag more: the names of its folders, from the outermost in, joined with `/`. The folders that
    /// every browser has (`Bookmarks bar`, `Other bookmarks` and such) are not named.
    #[default]
    AsTags,
}

/// How to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    pub folders: Folders,
    /// The longest row, in bytes of its text that matters; at least 1. A longer one is a [`BadRow`]. Memory is
    /// bounded by a small multiple of this.
    pub max_row_bytes: usize,
}

impl Default for ReadOptions {
    /// Folders become tags; a row has at most 1 MiB.
    fn default() -> Self {
        Self { folders: Folders::default(), max_row_bytes: 1024 * 1024 }
    }
}

/// Reads a file row by row, in bounded memory.
///
/// ```
/// use taglink_transfer::{Format, Item, ReadOptions, Reader};
///
/// # fn main() -> Result<(), taglink_transfer::ReadError> {
/// let file = b"# mine\nhttps://example.com\n".as_slice();
/// for row in Reader::new(Format::Urls, ReadOptions::default(), file) {
///     match row? {
///         Ok(Item::Link(link)) => assert_eq!((link.place, link.url.as_str()), (2, "https://example.com")),
///         Ok(Item::Tag(_)) => {}
///         Err(bad) => eprintln!("{bad}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Reader<R: BufRead> {
    format: FormatReader<R>,
    finished: bool,
}

#[derive(Debug)]
enum FormatReader<R: BufRead> {
    Html(Box<HtmlReader<R>>),
    Json(Box<JsonReader<R>>),
    Csv(Box<CsvReader<R>>),
    Pinboard(Box<PinboardReader<R>>),
    Urls(Box<UrlsReader<R>>),
}

impl<R: BufRead> Reader<R> {
    /// Starts reading; nothing is fetched yet.
    #[must_use]
    pub fn new(format: Format, options: ReadOptions, input: R) -> Self {
        let source = Source::new(input);
        let format = match format {
            Format::Html => FormatReader::Html(Box::new(HtmlReader::new(source, options))),
            Format::Json => FormatReader::Json(Box::new(JsonReader::new(source, options.max_row_bytes))),
            Format::Csv => FormatReader::Csv(Box::new(CsvReader::new(source, options))),
            Format::Pinboard => {
                FormatReader::Pinboard(Box::new(PinboardReader::new(source, options.max_row_bytes)))
            }
            Format::Urls => FormatReader::Urls(Box::new(UrlsReader::new(source, options.max_row_bytes))),
        };
        Self { format, finished: false }
    }
}

/// After a [`ReadError`] there are no more rows.
impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Row, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let next = match &mut self.format {
            FormatReader::Html(reader) => reader.next_row(),
            FormatReader::Json(reader) => reader.next_row(),
            FormatReader::Csv(reader) => reader.next_row(),
            FormatReader::Pinboard(reader) => reader.next_row(),
            FormatReader::Urls(reader) => reader.next_row(),
        };
        self.finished = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}
