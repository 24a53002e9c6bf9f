//! Writes bookmark files that browsers import: a flat list, with tags as Firefox writes them.
//!
//! What is lost: ids, fractions of seconds, tags without links, when a tag was put on a link, NUL characters (HTML
//! has none), white space at the ends of texts, line breaks in titles, the moment 1970-01-01T00:00:00Z (which stands
//! for an unknown one), and the difference between an empty title or note and none. A tag with a comma in its name
//! comes back as two, and notes that end as those of linkding do are read as those.

use std::io::{self, Write};

use super::text::{escaped, escaped_attribute, one_line};
use crate::ExportedLink;

/// Writes bookmark files.
#[derive(Debug)]
pub(crate) struct HtmlWriter;

impl HtmlWriter {
    pub(crate) fn head(out: &mut impl Write) -> io::Result<()> {
        out.write_all(
            b"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n\
            <META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; charset=UTF-8\">\n\
            <TITLE>Bookmarks</TITLE>\n\
            <H1>Bookmarks</H1>\n\
            <DL><p>\n",
        )
    }

    pub(crate) fn link(link: &ExportedLink, out: &mut impl Write) -> io::Result<()> {
        let tags: Vec<&str> = link.tags.iter().map(|tagging| tagging.tag.as_str()).collect();
        write!(
            out,
            "    <DT><A HREF=\"{}\" ADD_DATE=\"{}\" LAST_MODIFIED=\"{}\"",
            escaped_attribute(&link.url),
            link.created_at.seconds(),
            link.updated_at.seconds(),
        )?;
        if !tags.is_empty() {
            write!(out, " TAGS=\"{}\"", escaped_attribute(&tags.join(",")))?;
        }
        writeln!(out, ">{}</A>", escaped(&one_line(link.title.as_deref().unwrap_or_default())))?;
        match link.notes.as_deref().map(str::trim_ascii) {
            None | Some("") => Ok(()),
            Some(notes) => writeln!(out, "    <DD>{}", escaped(notes)),
        }
    }

    pub(crate) fn tail(out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"</DL><p>\n")
    }
}
