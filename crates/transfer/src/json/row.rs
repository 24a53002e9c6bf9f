//! The rows of our own format, as JSON has them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use taglink_domain::model::{LinkId, TagId, Timestamp};

use crate::{ExportedLink, ExportedTag, ImportedLink, ImportedTag, ImportedTagging};

#[derive(Deserialize, Serialize)]
pub(super) struct TagRow {
    #[serde(with = "super::notation::id")]
    tag_id: TagId,
    tag: String,
    #[serde(with = "super::notation::time")]
    created_at: Timestamp,
    #[serde(with = "super::notation::time")]
    updated_at: Timestamp,
}

#[derive(Deserialize, Serialize)]
pub(super) struct LinkRow {
    #[serde(with = "super::notation::id")]
    link_id: LinkId,
    link: String,
    title: Option<String>,
    notes: Option<String>,
    #[serde(with = "super::notation::time")]
    created_at: Timestamp,
    #[serde(with = "super::notation::time")]
    updated_at: Timestamp,
    tags: Vec<TaggingRow>,
}

#[derive(Deserialize, Serialize)]
struct TaggingRow {
    #[serde(with = "super::notation::id")]
    tag_id: TagId,
    #[serde(with = "super::notation::time")]
    created_at: Timestamp,
}

impl TagRow {
    pub(super) fn imported(self, place: usize) -> ImportedTag {
        let Self { tag_id, tag, created_at, updated_at } = self;
        ImportedTag { place, tag_id, tag, created_at, updated_at }
    }
}

impl LinkRow {
    /// # Errors
    /// Says that a tag is named twice.
    pub(super) fn imported(self, place: usize) -> Result<ImportedLink, String> {
        let mut seen = BTreeSet::new();
        if let Some(twice) = self.tags.iter().find(|row| !seen.insert(row.tag_id)) {
            return Err(format!("has the tag {} twice", twice.tag_id));
        }
        let taggings =
            self.tags.iter().map(|row| ImportedTagging { tag_id: row.tag_id, created_at: row.created_at });
        Ok(ImportedLink {
            place,
            link_id: Some(self.link_id),
            url: self.link,
            title: self.title,
            notes: self.notes,
            tags: Vec::new(),
            taggings: taggings.collect(),
            created_at: Some(self.created_at),
            updated_at: Some(self.updated_at),
        })
    }
}

impl From<&ExportedTag> for TagRow {
    fn from(tag: &ExportedTag) -> Self {
        Self {
            tag_id: tag.tag_id,
            tag: tag.tag.clone(),
            created_at: tag.created_at,
            updated_at: tag.updated_at,
        }
    }
}

impl From<&ExportedLink> for LinkRow {
    fn from(link: &ExportedLink) -> Self {
        let tags = link.tags.iter().map(|tag| TaggingRow { tag_id: tag.tag_id, created_at: tag.created_at });
        Self {
            link_id: link.link_id,
            link: link.url.clone(),
            title: link.title.clone(),
            notes: link.notes.clone(),
            created_at: link.created_at,
            updated_at: link.updated_at,
            tags: tags.collect(),
        }
    }
}
