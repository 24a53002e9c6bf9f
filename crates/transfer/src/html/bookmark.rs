//! A bookmark while it is read.

use super::references::decoded;
use super::start_tag::{Attribute, Fault, StartTag};
use super::text::one_line;
use crate::record::{Field, LeftOut, Record};
use crate::{ReadOptions, RowProblem};

/// The tag by which linkding tells that a bookmark is archived.
const LINKDING_ARCHIVED: &str = "linkding:bookmarks.archived";

/// What was read of a bookmark so far.
#[derive(Debug)]
pub(super) struct Bookmark {
    place: usize,
    tag: StartTag,
    pub(super) title: Text,
    pub(super) notes: Text,
    /// Whether it stands in a list, after `<DT>` or `<LI>`.
    pub(super) is_listed: bool,
    /// Whether the title ended with `</A>`.
    pub(super) is_closed: bool,
    /// The part of the page that it is in (Pocket).
    part: String,
}

/// A text of which at most so much is kept as it takes to know that it is too long.
#[derive(Debug, Default)]
pub(super) struct Text(Vec<u8>);

impl Text {
    pub(super) fn push(&mut self, text: &[u8], limit: usize) {
        let room = limit.saturating_add(1).saturating_sub(self.0.len());
        self.0.extend_from_slice(text.get(..room.min(text.len())).unwrap_or_default());
    }

    fn read(&self, place: usize, what: &str) -> Result<&str, RowProblem> {
        utf8(&self.0, place, what)
    }

    pub(super) fn lossy(&self) -> String {
        decoded(&one_line(&String::from_utf8_lossy(&self.0)))
    }
}

fn utf8<'a>(bytes: &'a [u8], place: usize, what: &str) -> Result<&'a str, RowProblem> {
    str::from_utf8(bytes).map_err(|_| RowProblem::wrong_charset(place, what))
}

impl Bookmark {
    pub(super) fn new(place: usize, tag: StartTag, is_listed: bool, part: &str) -> Self {
        let (title, notes) = (Text::default(), Text::default());
        Self { place, tag, title, notes, is_listed, is_closed: false, part: part.to_owned() }
    }

    /// The link, with one more tag for its folder.
    pub(super) fn record(
        &self,
        folder: Option<&str>,
        options: &ReadOptions,
        left_out: &mut LeftOut,
    ) -> Result<Record, RowProblem> {
        let place = self.place;
        match self.tag.fault {
            Some(Fault::Unclosed) => {
                return Err(RowProblem::new(place, "the tag of the bookmark is not closed"));
            }
            Some(Fault::Quote) => {
                return Err(RowProblem::new(place, "a quote in the bookmark's tag is missing, or too many"));
            }
            None => {}
        }
        if self.tag.bytes + self.title.0.len() + self.notes.0.len() > options.max_row_bytes {
            return Err(RowProblem::too_long(place, options.max_row_bytes));
        }
        if self.tag.get(Attribute::Href).is_none() {
            return Err(RowProblem::new(place, "the bookmark has no HREF"));
        }
        let value = |attribute, what| {
            let value = utf8(self.tag.get(attribute).unwrap_or_default(), place, what)?;
            Ok(decoded(value.trim_ascii()))
        };
        let mut record = Record::at(place);
        record.url = value(Attribute::Href, "HREF")?;
        record.title = {
            let title = self.title.read(place, "the title")?;
            decoded(&one_line(if self.is_closed { title } else { without_end(title) }))
        };
        record.notes.push(notes(self.notes.read(place, "the description")?));
        for (attribute, name, field) in [
            (Attribute::AddDate, "ADD_DATE", Field::Created),
            (Attribute::LastModified, "LAST_MODIFIED", Field::Updated),
            (Attribute::ToRead, "TOREAD", Field::Unread),
            (Attribute::Favorite, "DATA-IMPORTANT", Field::Favorite),
        ] {
            record.set(field, name, &value(attribute, name)?, options);
        }
        record.status(&self.part);
        if let Ok(tags) = serde_json::from_str(&value(Attribute::TagList, "DATA-TAGLINK-TAGS")?) {
            record.tags = tags;
        } else {
            record.tags = split_tags(&value(Attribute::Tags, "TAGS")?);
            if record.tags.iter().any(|tag| tag == LINKDING_ARCHIVED) {
                record.tags.retain(|tag| tag != LINKDING_ARCHIVED);
                record.status("archived");
            }
        }
        if let Some(folder) = folder {
            record.tag(folder.to_owned());
        }
        if self.tag.get(Attribute::Keyword).is_some_and(|keyword| !keyword.is_empty()) {
            left_out.add("SHORTCUTURL", place);
        }
        Ok(record)
    }
}

/// Tags are separated by commas, and by nothing else: so do Firefox, Pinboard, Raindrop, Pocket, Shaarli and
/// linkding. Firefox has tags with spaces in them.
fn split_tags(tags: &str) -> Vec<String> {
    tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

/// Whether tags can be told as [`split_tags`] reads them.
pub(super) fn can_be_split(joined: &str, tags: &[&str]) -> bool {
    split_tags(joined) == tags && !tags.contains(&LINKDING_ARCHIVED)
}

/// A title that had `<a>` in it was read up to the next bookmark.
fn without_end(title: &str) -> &str {
    let title = title.trim_ascii_end();
    let end = title.len().saturating_sub("</a>".len());
    match title.split_at_checked(end) {
        Some((before, end)) if end.eq_ignore_ascii_case("</a>") => before,
        _ => title,
    }
}

/// The description without white space at its ends. linkding appends the notes of the user to the description of
/// the page, between marks: here they become a paragraph.
fn notes(text: &str) -> String {
    let text = text.trim_ascii();
    let parts = text
        .strip_suffix("[/linkding-notes]")
        .and_then(|marked| marked.split_once("[linkding-notes]"))
        .map(|(description, notes)| (description.trim_ascii(), notes.trim_ascii()));
    decoded(&match parts {
        Some(("", notes)) => notes.to_owned(),
        Some((description, notes)) => format!("{description}\n\n{notes}"),
        None => text.to_owned(),
    })
}
