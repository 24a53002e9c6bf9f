//! A bookmark while it is read.

use super::attributes::{Attribute, Attributes};
use super::text::one_line;
use crate::{BadRow, ImportedLink, Item, Row, moment};

/// What was read of a bookmark so far.
#[derive(Debug)]
pub(super) struct Bookmark {
    place: usize,
    attributes: Attributes,
    title: Vec<u8>,
    notes: Vec<u8>,
    too_long: bool,
    max_bytes: usize,
}

impl Bookmark {
    pub(super) fn new(place: usize, attributes: Attributes, max_bytes: usize) -> Self {
        let too_long = attributes.too_long();
        Self { place, attributes, title: Vec::new(), notes: Vec::new(), too_long, max_bytes }
    }

    pub(super) fn push_title(&mut self, text: &[u8]) {
        if self.has_room(text.len()) {
            self.title.extend_from_slice(text);
        }
    }

    pub(super) fn push_notes(&mut self, text: &[u8]) {
        if self.has_room(text.len()) {
            self.notes.extend_from_slice(text);
        }
    }

    fn has_room(&mut self, more: usize) -> bool {
        let used = self.attributes.bytes().saturating_add(self.title.len() + self.notes.len());
        self.too_long |= used.saturating_add(more) > self.max_bytes;
        !self.too_long
    }

    /// The link, with one more tag for its folder. Dates that cannot be read count as unknown.
    pub(super) fn row(&self, folder: Option<String>) -> Row {
        let place = self.place;
        if self.too_long {
            return Err(BadRow::too_long(place, self.max_bytes));
        }
        let text = |bytes, what| str::from_utf8(bytes).map_err(|_| BadRow::not_utf8(place, what));
        let value = |attribute, what| text(self.attributes.get(attribute).unwrap_or_default(), what);
        let time = |attribute, what| Ok(moment::from_number(value(attribute, what)?.trim_ascii()));
        if self.attributes.get(Attribute::Href).is_none() {
            return Err(BadRow::new(place, "the bookmark has no HREF"));
        }
        let mut tags = split_tags(value(Attribute::Tags, "TAGS")?);
        tags.extend(folder.filter(|folder| !tags.contains(folder)));
        Ok(Item::Link(ImportedLink {
            place,
            link_id: None,
            url: value(Attribute::Href, "HREF")?.trim_ascii().to_owned(),
            title: Some(one_line(text(&self.title, "the title")?)).filter(|title| !title.is_empty()),
            notes: Some(notes(text(&self.notes, "the description")?)).filter(|notes| !notes.is_empty()),
            tags,
            taggings: Vec::new(),
            created_at: time(Attribute::AddDate, "ADD_DATE")?,
            updated_at: time(Attribute::LastModified, "LAST_MODIFIED")?,
        }))
    }
}

/// Tags are separated by commas, and by nothing else: so do Firefox, Pinboard, Raindrop, Pocket, Shaarli and
/// linkding. Firefox has tags with spaces in them.
fn split_tags(tags: &str) -> Vec<String> {
    tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

/// The description without white space at its ends. linkding appends the notes of the user to the description of
/// the page, between marks: here they become a paragraph.
fn notes(text: &str) -> String {
    let text = text.trim_ascii();
    let parts = text
        .strip_suffix("[/linkding-notes]")
        .and_then(|marked| marked.split_once("[linkding-notes]"))
        .map(|(description, notes)| (description.trim_ascii(), notes.trim_ascii()));
    match parts {
        Some(("", notes)) => notes.to_owned(),
        Some((description, notes)) => format!("{description}\n\n{notes}"),
        None => text.to_owned(),
    }
}
