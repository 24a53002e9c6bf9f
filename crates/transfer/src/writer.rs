//! Writes links into a file of any format that goes out.

use std::io::{self, Write};

use crate::csv::CsvWriter;
use crate::html::HtmlWriter;
use crate::json::JsonWriter;
use crate::{ExportFormat, ExportedLink, ExportedTag};

/// Writes a file piece by piece: [`head`](Self::head), then every [`tag`](Self::tag), then every
/// [`link`](Self::link), then [`tail`](Self::tail). It keeps nothing, so each piece can go into another buffer.
///
/// Every method fails where `out` does, and never where that is a `Vec`; but see [`tag`](Self::tag).
#[derive(Debug)]
pub struct Writer {
    format: FormatWriter,
}

#[derive(Debug)]
enum FormatWriter {
    Html,
    Json(JsonWriter),
    Csv,
}

impl Writer {
    /// A writer of that format.
    #[must_use]
    pub fn new(format: ExportFormat) -> Self {
        let format = match format {
            ExportFormat::Html => FormatWriter::Html,
            ExportFormat::Json => FormatWriter::Json(JsonWriter::default()),
            ExportFormat::Csv => FormatWriter::Csv,
        };
        Self { format }
    }

    /// Writes what comes before the first row.
    ///
    /// # Errors
    /// As `out` has them.
    pub fn head(&mut self, out: &mut impl Write) -> io::Result<()> {
        match self.format {
            FormatWriter::Html => HtmlWriter::head(out),
            FormatWriter::Json(_) => JsonWriter::head(out),
            FormatWriter::Csv => CsvWriter::head(out),
        }
    }

    /// Writes a tag; only JSON has a place for it. All that links have must have been written before the links.
    ///
    /// # Errors
    /// As `out` has them; `InvalidInput` after a link, in JSON.
    pub fn tag(&mut self, tag: &ExportedTag, out: &mut impl Write) -> io::Result<()> {
        match &mut self.format {
            FormatWriter::Json(writer) => writer.tag(tag, out),
            FormatWriter::Html | FormatWriter::Csv => Ok(()),
        }
    }

    /// Writes a link.
    ///
    /// # Errors
    /// As `out` has them.
    pub fn link(&mut self, link: &ExportedLink, out: &mut impl Write) -> io::Result<()> {
        match &mut self.format {
            FormatWriter::Html => HtmlWriter::link(link, out),
            FormatWriter::Json(writer) => writer.link(link, out),
            FormatWriter::Csv => CsvWriter::link(link, out),
        }
    }

    /// Writes what comes after the last row.
    ///
    /// # Errors
    /// As `out` has them.
    pub fn tail(&mut self, out: &mut impl Write) -> io::Result<()> {
        match &mut self.format {
            FormatWriter::Html => HtmlWriter::tail(out),
            FormatWriter::Json(writer) => writer.tail(out),
            FormatWriter::Csv => Ok(()),
        }
    }
}
