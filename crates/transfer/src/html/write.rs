//! Writes bookmark files that browsers import: a flat list, with tags as Firefox writes them.
//!
//! What is lost: ids, fractions of seconds, tags without links, when a tag was put on a link, NUL characters (HTML
//! has none), and dates that are not believed when they are read. If tags are not separated by commas without loss, an
//! attribute has them as JSON besides, which only our own reader knows.

use std::io::{self, Write};

use super::bookmark::can_be_split;
use super::text::{escaped, escaped_line};
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
            escaped_line(&link.url),
            link.created_at.seconds(),
            link.updated_at.seconds(),
        )?;
        let joined = tags.join(",");
        if !tags.is_empty() {
            write!(out, " TAGS=\"{}\"", escaped_line(&joined))?;
        }
        if !can_be_split(&joined, &tags) {
            write!(out, " DATA-TAGLINK-TAGS=\"{}\"", escaped_line(&serde_json::json!(tags).to_string()))?;
        }
        writeln!(out, ">{}</A>", escaped_line(link.title.as_deref().unwrap_or_default()))?;
        match link.notes.as_deref() {
            None | Some("") => Ok(()),
            Some(notes) => writeln!(out, "    <DD>{}", escaped(notes)),
        }
    }

    pub(crate) fn tail(out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"</DL><p>\n")
    }
}
