//! What is to be imported: rows that are read and valid, so that transactions have nothing left to do but store.

use crate::model::{LinkId, LinkUrl, Notes, Owner, TagId, TagName, Timestamp, Title};

use super::ImportReport;

/// A wish to import the rows of a file.
#[derive(Clone, Debug)]
pub struct Import {
    pub owner: Owner,
    pub rows: ImportRows,
    /// Whether nothing is to be stored.
    pub dry_run: bool,
    pub at: Timestamp,
}

/// The rows of a file.
#[derive(Clone, Debug, Default)]
pub struct ImportRows {
    /// Tags with an id and times of their own.
    pub tags: Vec<ImportTag>,
    /// The names of tags that links carry, each once.
    pub names: Vec<TagName>,
    pub links: Vec<ImportLink>,
    /// What was met while reading: the rows that are not here.
    pub read: ImportReport,
}

/// A tag as it was elsewhere.
#[derive(Clone, Debug)]
pub struct ImportTag {
    /// Where it stands in the file, for the report.
    pub row: usize,
    pub id: TagId,
    pub name: TagName,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A link, and the tags it shall carry.
#[derive(Clone, Debug)]
pub struct ImportLink {
    /// Where it stands in the file, for the report.
    pub row: usize,
    /// The id it had elsewhere, which it keeps if nobody has it here.
    pub id: Option<LinkId>,
    pub url: LinkUrl,
    pub title: Option<Title>,
    pub notes: Option<Notes>,
    /// Its tags, as places in [`ImportRows::names`].
    pub names: Vec<usize>,
    /// Its tags, as ids in [`ImportRows::tags`].
    pub taggings: Vec<ImportTagging>,
    /// If unknown, it is now.
    pub created_at: Option<Timestamp>,
    /// If unknown, it is `created_at`.
    pub updated_at: Option<Timestamp>,
}

/// That a link has a tag, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportTagging {
    pub tag_id: TagId,
    pub created_at: Timestamp,
}
