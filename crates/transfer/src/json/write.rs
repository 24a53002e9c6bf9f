//! Writes our own format: everything is carried exactly.

use std::io::{self, Write};

use super::row::{LinkRow, TagRow};
use crate::{ExportedLink, ExportedTag};

/// Writes our own format, one row a line.
#[derive(Debug, Default)]
pub(crate) struct JsonWriter {
    /// Whether the list of links has begun.
    in_links: bool,
    /// Whether the list that is being written has a row yet.
    has_rows: bool,
}

impl JsonWriter {
    pub(crate) fn head(out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"{\"format\":\"taglink\",\"version\":1,\n\"tags\":[")
    }

    /// # Errors
    /// `InvalidInput` after a link.
    pub(crate) fn tag(&mut self, tag: &ExportedTag, out: &mut impl Write) -> io::Result<()> {
        if self.in_links {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "tags are written before links"));
        }
        self.separate(out)?;
        serde_json::to_writer(out, &TagRow::from(tag)).map_err(io::Error::from)
    }

    pub(crate) fn link(&mut self, link: &ExportedLink, out: &mut impl Write) -> io::Result<()> {
        self.begin_links(out)?;
        self.separate(out)?;
        serde_json::to_writer(out, &LinkRow::from(link)).map_err(io::Error::from)
    }

    pub(crate) fn tail(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.begin_links(out)?;
        out.write_all(b"\n]}\n")
    }

    fn begin_links(&mut self, out: &mut impl Write) -> io::Result<()> {
        if !self.in_links {
            out.write_all(b"\n],\n\"links\":[")?;
            self.in_links = true;
            self.has_rows = false;
        }
        Ok(())
    }

    fn separate(&mut self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(if self.has_rows { b",\n" } else { b"\n" })?;
        self.has_rows = true;
        Ok(())
    }
}
