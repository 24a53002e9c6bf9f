//! The rows of one account while they are sorted out.

use std::collections::HashMap;

use super::super::import::{ImportLink, ImportRows, ImportTag};
use super::source::{LinkRow, TagRow};
use crate::model::id::made_at;
use crate::model::{IdRef, LinkId, LinkUrl, TagId, TagName, Timestamp};
use uuid::Uuid;

/// By what an id of the source is known: MariaDB takes ids for the same that differ in case, or in spaces at their end.
pub(super) fn key(id: &str) -> String {
    id.trim().to_lowercase()
}

/// An id as it is shown, also if there is none.
pub(super) fn shown(id: Option<&str>) -> String {
    const SHOWN_CHARS: usize = 60;
    let visible = |character: char| if character.is_control() { '\u{fffd}' } else { character };
    id.map_or_else(|| "NULL".to_owned(), |id| id.chars().take(SHOWN_CHARS).map(visible).collect())
}

/// An id that is kept, or a fresh one and why.
pub(super) fn id_of<T>(text: Option<&str>) -> (T, Option<String>)
where
    T: From<Uuid> + Copy + Default + std::fmt::Display,
{
    if let Some(id) = text.and_then(|text| IdRef::new(text.trim().to_owned()).id()) {
        return (id, None);
    }
    let id = T::default();
    (id, Some(format!("its id is no UUID, so it was given the id {id}")))
}

/// The rows of one account, in the form of an import. Their row numbers are places in a list of labels.
#[derive(Debug, Default)]
pub(super) struct Dataset {
    pub(super) rows: ImportRows,
    links_by_key: HashMap<String, usize>,
}

impl Dataset {
    /// Takes a tag over; why not, if not.
    pub(super) fn add_tag(
        &mut self,
        label: usize,
        id: TagId,
        row: &TagRow,
        at: Timestamp,
    ) -> Result<(), String> {
        let name = row.tag.as_deref().ok_or("the tag is NULL")?;
        let name = TagName::adapt(name).map_err(|error| format!("{error}: {}", shown(Some(name))))?;
        let created_at = made_at(id, at).unwrap_or(at);
        self.rows.tags.push(ImportTag { row: label, id, name, created_at, updated_at: created_at });
        Ok(())
    }

    /// Takes a link over; why not, if not.
    pub(super) fn add_link(
        &mut self,
        label: usize,
        id: LinkId,
        row: &LinkRow,
        at: Timestamp,
    ) -> Result<(), String> {
        let text = row.link.as_deref().ok_or("the link is NULL")?.trim();
        let url =
            LinkUrl::parse(text.to_owned()).map_err(|error| format!("{error}: {}", shown(Some(text))))?;
        self.links_by_key.insert(key(row.link_id.as_deref().unwrap_or_default()), self.rows.links.len());
        let created_at = made_at(id, at);
        self.rows.links.push(ImportLink {
            row: label,
            id: Some(id),
            url,
            title: None,
            notes: None,
            names: Vec::new(),
            taggings: Vec::new(),
            created_at,
            updated_at: None,
        });
        Ok(())
    }

    /// The link that has this id in the source.
    pub(super) fn link(&mut self, id: &str) -> Option<&mut ImportLink> {
        let place = *self.links_by_key.get(&key(id))?;
        self.rows.links.get_mut(place)
    }

    /// The rows, the oldest first as far as that is known, so that of several with one URL or name it is kept.
    pub(super) fn into_rows(mut self) -> ImportRows {
        self.rows.links.sort_by_key(|link| (link.created_at.is_none(), link.created_at));
        self.rows.tags.sort_by_key(|tag| tag.created_at);
        self.rows
    }
}
