//! Writes links as comma-separated values (RFC 4180), in UTF-8 and without a byte order mark.
//!
//! Cells that a spreadsheet could take for a formula are marked as text, and lists of tags are written so that
//! they are read exactly; see [`super::cell`]. The mark protects who opens the file as what it is: a program that
//! is told to split it at semicolons or tabs finds cells where there are none.
//!
//! What is lost: ids, tags without links, when a tag was put on a link, white space around a URL, and the
//! difference between an empty title or note and none.

use std::io::{self, Write};

use super::cell::{guarded, join_tags};
use crate::ExportedLink;

/// Writes comma-separated values.
#[derive(Debug)]
pub(crate) struct CsvWriter;

impl CsvWriter {
    pub(crate) fn head(out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"url,title,notes,tags,created_at,updated_at\r\n")
    }

    pub(crate) fn link(link: &ExportedLink, out: &mut impl Write) -> io::Result<()> {
        let tags: Vec<&str> = link.tags.iter().map(|tagging| tagging.tag.as_str()).collect();
        let cells = [
            guarded(&link.url),
            guarded(link.title.as_deref().unwrap_or_default()),
            guarded(link.notes.as_deref().unwrap_or_default()),
            guarded(&join_tags(&tags)),
            link.created_at.to_string(),
            link.updated_at.to_string(),
        ]
        .map(quoted);
        out.write_all(cells.join(",").as_bytes())?;
        out.write_all(b"\r\n")
    }
}

fn quoted(cell: String) -> String {
    if cell.contains([',', '"', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}
