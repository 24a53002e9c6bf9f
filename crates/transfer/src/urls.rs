//! A plain list: one URL a line. Blank lines and those that begin with `#` are skipped (`text/uri-list`, RFC 2483).

use std::io::BufRead;

use crate::source::Source;
use crate::{BadRow, ImportedLink, Item, ReadError, Row};

/// Reads a plain list. Any text is one: what is no URL is found out when the link is stored.
#[derive(Debug)]
pub(crate) struct UrlsReader<R> {
    source: Source<R>,
    max_row_bytes: usize,
}

/// A line, as far as it was kept.
struct Line {
    bytes: Vec<u8>,
    too_long: bool,
}

impl<R: BufRead> UrlsReader<R> {
    pub(crate) fn new(source: Source<R>, max_row_bytes: usize) -> Self {
        Self { source, max_row_bytes }
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, ReadError> {
        loop {
            let place = self.source.line();
            let Some(line) = self.next_line()? else { return Ok(None) };
            let text = line.bytes.trim_ascii();
            if text.starts_with(b"#") {
                continue;
            }
            if line.too_long {
                return Ok(Some(Err(BadRow::too_long(place, self.max_row_bytes))));
            }
            if text.is_empty() {
                continue;
            }
            let row = match str::from_utf8(text) {
                Ok(url) => Ok(Item::Link(ImportedLink { place, url: url.to_owned(), ..Default::default() })),
                Err(_) => Err(BadRow::not_utf8(place, "the line")),
            };
            return Ok(Some(row));
        }
    }

    fn next_line(&mut self) -> Result<Option<Line>, ReadError> {
        let mut line = Line { bytes: Vec::new(), too_long: false };
        if self.source.peek()?.is_none() {
            return Ok(None);
        }
        loop {
            let limit = self.max_row_bytes;
            let ended = self.source.take(|chunk| {
                let end = chunk.iter().position(|byte| *byte == b'\n');
                let text = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
                let room = limit.saturating_sub(line.bytes.len());
                line.too_long |= text.len() > room;
                line.bytes.extend(text.iter().take(room));
                (end.map_or(chunk.len(), |end| end + 1), chunk.is_empty() || end.is_some())
            })?;
            if ended {
                return Ok(Some(line));
            }
        }
    }
}
