//! Reads links from a file of any format.

use std::io::{self, BufReader, Cursor, Read};
use std::ops::ControlFlow;

use taglink_domain::model::Timestamp;

use crate::{Format, ReadError, Row, charset, csv, html, json, urls};

/// Receives the rows in the order of the file; `Break` ends the reading with [`ReadError::Stopped`].
pub type Sink<'a> = dyn FnMut(Row) -> ControlFlow<()> + 'a;

/// Whether something that is not a tag in the file becomes one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Convert {
    Ignore,
    #[default]
    ToTags,
}

/// How to read.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// The folders that a bookmark is in: a tag with their names, from the outermost in, joined with `/`. The folders
    /// that every browser has (`Bookmarks bar`, `Other bookmarks` and such) are not named.
    pub folders: Convert,
    /// What other services know of a link: the tags `state/unread`, `state/archived` and `state/favorite`.
    pub states: Convert,
    /// The character set that was declared beside the file; a byte order mark in it is stronger.
    pub charset: Option<String>,
    /// The longest row, in bytes of its text that matters. A longer one is skipped. Memory is bounded by a small
    /// multiple of this, or of 1 MiB, and by `max_rows`.
    pub max_row_bytes: usize,
    /// How many rows are held back at most, where the name of a folder comes after its links.
    pub max_rows: usize,
    /// Dates that are later than tomorrow are not believed.
    pub now: Timestamp,
}

impl ReadOptions {
    /// The usual options: folders and states become tags; a row has at most 1 MiB.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            folders: Convert::default(),
            states: Convert::default(),
            charset: None,
            max_row_bytes: 1024 * 1024,
            max_rows: usize::MAX,
            now,
        }
    }

    /// What a value or a row may have in bytes before it ends the reading, so that memory is bounded.
    pub(crate) fn hard_limit(&self) -> usize {
        self.max_row_bytes.max(1024 * 1024).saturating_mul(4)
    }
}

/// Reads a file row by row, in bounded memory. If no format is named, the beginning of the file decides.
///
/// # Errors
/// If it is no such file, is damaged or cut off, or cannot be fetched; or the sink wants no more.
///
/// ```
/// use std::ops::ControlFlow;
/// use taglink_domain::model::{Clock, SystemClock};
/// use taglink_transfer::{Format, ReadOptions, Row, read};
///
/// let file = b"# mine\nhttps://example.com\n".as_slice();
/// let mut links = Vec::new();
/// let format = read(None, &ReadOptions::new(SystemClock.now()), file, &mut |row| {
///     if let Row::Link(link) = row {
///         links.push((link.place, link.url));
///     }
///     ControlFlow::Continue(())
/// });
/// assert_eq!(format?, Format::Urls);
/// assert_eq!(links, [(2, "https://example.com".to_owned())]);
/// # Ok::<(), taglink_transfer::ReadError>(())
/// ```
pub fn read(
    format: Option<Format>,
    options: &ReadOptions,
    input: impl Read,
    sink: &mut Sink<'_>,
) -> Result<Format, ReadError> {
    let (start, rest) = beginning(input)?;
    crate::format::refuse_binary(&start)?;
    let (start, rest) = beginning(charset::decoded(start, rest, options.charset.as_deref())?)?;
    let format = match (format, Format::detect(&start)) {
        (Some(format), Some(found)) if found != format && found.is_json() && format.is_json() => {
            return Err(ReadError::NotThisFormat {
                format,
                reason: format!("it is one of the format {found}"),
            });
        }
        (Some(format), _) | (None, Some(format)) => format,
        (None, None) => return Err(crate::format::unknown(&start)),
    };
    let delimiter = csv::delimiter(&start);
    let text = BufReader::with_capacity(64 * 1024, Cursor::new(start).chain(rest));
    match format {
        Format::Html => html::read(text, options, sink),
        Format::Json => json::read_own(text, options, sink),
        Format::Csv => csv::read(text, delimiter, options, sink),
        Format::Urls => urls::read(text, options, sink),
        other => json::read_foreign(other, text, options, sink),
    }?;
    Ok(format)
}

/// The first bytes of a file, enough to recognise it by, and the rest of it.
fn beginning<R: Read>(mut input: R) -> io::Result<(Vec<u8>, R)> {
    const BYTES: u64 = 16 * 1024;
    let mut start = Vec::new();
    input.by_ref().take(BYTES).read_to_end(&mut start)?;
    Ok((start, input))
}

/// Hands a row over.
pub(crate) fn push(row: Row, sink: &mut Sink<'_>) -> Result<(), ReadError> {
    if sink(row).is_break() { Err(ReadError::Stopped) } else { Ok(()) }
}
