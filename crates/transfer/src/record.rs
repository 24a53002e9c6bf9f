//! A link as it is put together from the fields that other programs give it, whatever the notation of the file.

use std::collections::BTreeSet;

use taglink_domain::model::Timestamp;

use crate::reader::{Sink, push};
use crate::{Convert, ImportedLink, ReadError, ReadOptions, Row, RowProblem, date};

/// What a column, a member or an attribute can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Url,
    Title,
    Notes,
    /// The notes; the title, if there is no other (Pinboard).
    Description,
    Tags,
    Folder,
    Created,
    Updated,
    Unread,
    Archived,
    Favorite,
    /// Whether it was read: if so it is archived, else unread (wallabag).
    IsRead,
    /// One of the above as a word (Pocket, Readeck).
    Status,
    /// Means something to the program that wrote it, and to nobody else.
    Technical,
}

impl Field {
    /// The field that programs give this name, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "url" | "href" | "uri" | "link" => Self::Url,
            "title" | "name" => Self::Title,
            "notes" | "note" | "extended" | "excerpt" | "selection" | "summary" | "comment" => Self::Notes,
            "description" => Self::Description,
            "tags" | "labels" => Self::Tags,
            "folder" | "collection" => Self::Folder,
            "created_at" | "created" | "createdat" | "time_added" | "timestamp" | "date" | "time"
            | "savedat" | "dateadded" | "date_added" | "add_date" => Self::Created,
            "updated_at" | "updated" | "updatedat" | "lastmodified" | "last_modified" | "date_modified" => {
                Self::Updated
            }
            "toread" | "unread" => Self::Unread,
            "archived" => Self::Archived,
            "is_archived" | "is_read" => Self::IsRead,
            "favorite" | "favourite" | "favourited" | "is_starred" | "is_fav" | "is_marked" | "starred"
            | "data-important" => Self::Favorite,
            "status" | "state" => Self::Status,
            "id" | "guid" | "hash" | "meta" | "index" | "type" | "typecode" | "root" | "version" | "slug"
            | "icon" | "iconuri" | "icon_uri" | "cover" | "thumbnail" | "image" | "preview"
            | "preview_picture" | "pdf" | "readable" | "monolith" | "domain_name" | "http_status"
            | "mimetype" | "reading_time" | "readingprogress" | "language" | "user_id" | "user_name"
            | "user_email" | "collectionid" | "ownerid" | "createdbyid" | "parentid" | "importdate"
            | "lastpreserved" | "indexversion" | "date_last_used" | "uid" | "hashed_url"
            | "hashed_given_url" | "checksum" | "headers" | "color" | "icon_weight" | "iconweight" => {
                Self::Technical
            }
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => Self::Technical,
            _ => return None,
        })
    }
}

/// A link that is being put together.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) place: usize,
    pub(crate) url: String,
    pub(crate) title: String,
    pub(crate) notes: Vec<String>,
    pub(crate) tags: Vec<String>,
    description: String,
    /// Whether it is written as Pinboard does.
    is_pinboard: bool,
    states: BTreeSet<&'static str>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    told: Vec<String>,
}

impl Record {
    pub(crate) fn at(place: usize) -> Self {
        Self { place, ..Self::default() }
    }

    /// Takes a field from its text; the tags are for the caller to split.
    pub(crate) fn set(&mut self, field: Field, name: &str, text: &str, options: &ReadOptions) {
        let is_so = matches!(text.trim().to_ascii_lowercase().as_str(), "1" | "yes" | "true");
        self.is_pinboard |= name.eq_ignore_ascii_case("href") || name.eq_ignore_ascii_case("extended");
        match field {
            Field::Url if self.url.is_empty() => text.trim_ascii().clone_into(&mut self.url),
            Field::Title if self.title.is_empty() => text.clone_into(&mut self.title),
            Field::Notes if !text.is_empty() => self.notes.push(text.to_owned()),
            Field::Description => text.clone_into(&mut self.description),
            Field::Created => self.created_at = self.date(name, text, options).or(self.created_at),
            Field::Updated => self.updated_at = self.date(name, text, options).or(self.updated_at),
            Field::Unread if is_so => self.state("unread"),
            Field::Archived | Field::IsRead if is_so => self.state("archived"),
            Field::Favorite if is_so => self.state("favorite"),
            Field::IsRead if !text.is_empty() => self.state("unread"),
            Field::Status => self.status(text),
            _ => {}
        }
    }

    fn date(&mut self, name: &str, text: &str, options: &ReadOptions) -> Option<Timestamp> {
        date::read(text, options.now).unwrap_or_else(|problem| {
            self.told.push(format!("{name} {problem}; the date is that of the import"));
            None
        })
    }

    /// Reads a word for what became of the link.
    pub(crate) fn status(&mut self, word: &str) {
        match word.trim().to_ascii_lowercase().as_str() {
            "unread" | "to read" | "toread" => self.state("unread"),
            "archive" | "archived" | "read" | "read archive" => self.state("archived"),
            "starred" | "favorite" | "favourite" => self.state("favorite"),
            _ => {}
        }
    }

    fn state(&mut self, state: &'static str) {
        self.states.insert(state);
    }

    pub(crate) fn tell(&mut self, problem: String) {
        self.told.push(problem);
    }

    /// Adds a tag unless it is there.
    pub(crate) fn tag(&mut self, tag: String) {
        if !self.tags.contains(&tag) {
            self.tags.push(tag);
        }
    }

    /// The link, and what there is to report about it.
    pub(crate) fn push(mut self, options: &ReadOptions, sink: &mut Sink<'_>) -> Result<(), ReadError> {
        let place = self.place;
        if self.title.is_empty() && self.is_pinboard {
            self.title = std::mem::take(&mut self.description);
        }
        if !self.description.is_empty() {
            self.notes.push(std::mem::take(&mut self.description));
        }
        if options.states == Convert::ToTags {
            for state in std::mem::take(&mut self.states) {
                self.tag(format!("state/{state}"));
            }
        }
        for message in self.told {
            push(Row::Note(RowProblem::new(place, message)), sink)?;
        }
        let link = ImportedLink {
            place,
            link_id: None,
            url: self.url,
            title: Some(self.title).filter(|title| !title.is_empty()),
            notes: Some(self.notes.join("\n\n")).filter(|notes| !notes.is_empty()),
            tags: self.tags,
            taggings: Vec::new(),
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        push(Row::Link(link), sink)
    }
}

/// The names of fields for which there is no place here, reported once for the whole file.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    names: BTreeSet<String>,
    place: usize,
}

impl LeftOut {
    const MAX_NAMES: usize = 20;
    const MAX_CHARS: usize = 40;

    /// Notes a field that holds something.
    pub(crate) fn add(&mut self, name: &str, place: usize) {
        if self.names.len() < Self::MAX_NAMES {
            self.place = if self.names.is_empty() { place } else { self.place };
            self.names.insert(name.chars().take(Self::MAX_CHARS).collect());
        }
    }

    pub(crate) fn tell(self, sink: &mut Sink<'_>) -> Result<(), ReadError> {
        if self.names.is_empty() {
            return Ok(());
        }
        let names = self.names.into_iter().collect::<Vec<_>>().join(", ");
        let message =
            format!("from here on, the file holds what has no place here and was left out: {names}");
        push(Row::Note(RowProblem::new(self.place, message)), sink)
    }
}

/// Whether a text says something.
pub(crate) fn says_something(text: &str) -> bool {
    !matches!(text.trim(), "" | "0" | "no" | "false" | "null" | "\"\"" | "[]" | "{}" | "\"no\"" | "\"0\"")
}

/// A tag of the names of folders, without those that are blank.
pub(crate) fn folder_tag<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.map(str::trim).filter(|name| !name.is_empty()).collect();
    (!names.is_empty()).then(|| names.join("/"))
}
