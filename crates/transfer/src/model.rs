//! What files hold: links and tags as they are read, and as they are written.

use taglink_domain::model::{LinkId, TagId, Timestamp};

use crate::RowProblem;

/// What is read from a file, piece by piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A tag by itself: only in our own JSON, and before every link.
    Tag(ImportedTag),
    /// A link with its tags.
    Link(ImportedLink),
    /// A row that cannot be taken; those after it can.
    Skipped(RowProblem),
    /// A row that is taken, but not quite as it is.
    Note(RowProblem),
}

/// A link as a file tells it. The texts are as they stand there: nothing says that they are valid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportedLink {
    /// Where it stands, from 1: the line it begins on (HTML, CSV, plain list) or its number among the links (JSON,
    /// Pinboard).
    pub place: usize,
    /// Which link it was: only in our own JSON.
    pub link_id: Option<LinkId>,
    pub url: String,
    /// Never empty, except in our own JSON.
    pub title: Option<String>,
    /// Never empty, except in our own JSON.
    pub notes: Option<String>,
    /// Names of tags, in the file's order; empty in our own JSON, which has `taggings` instead.
    pub tags: Vec<String>,
    /// Tags that were told before as [`Row::Tag`]: only in our own JSON.
    pub taggings: Vec<ImportedTagging>,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
}

/// That a link has a tag, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportedTagging {
    pub tag_id: TagId,
    pub created_at: Timestamp,
}

/// A tag of our own JSON, whether or not a link has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedTag {
    /// Its number among the tags, from 1.
    pub place: usize,
    pub tag_id: TagId,
    pub tag: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A link that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedLink {
    pub link_id: LinkId,
    pub url: String,
    pub title: Option<String>,
    pub notes: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub tags: Vec<ExportedTagging>,
}

/// A tag of a link that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedTagging {
    pub tag_id: TagId,
    /// The tag's name: JSON refers to tags by id, the other formats by name.
    pub tag: String,
    pub created_at: Timestamp,
}

/// A tag that is to be written, whether or not a link has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedTag {
    pub tag_id: TagId,
    pub tag: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
