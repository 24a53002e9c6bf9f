//! The tags of an import: those with ids of their own, and those that are only named.

use std::collections::HashMap;
use std::ops::Range;

use super::storage::Storage;
use super::{ImportReport, ImportRows, ImportTag};
use crate::model::{AccountId, DatedTag, NewTag, Tag, TagId, TagName, Timestamp};
use crate::port::RepositoryError;

/// Which stored tag is meant by what a file says.
#[derive(Default)]
pub(super) struct KnownTags {
    /// By the place of a name.
    names: Vec<TagId>,
    /// By an id of the file.
    ids: HashMap<TagId, TagId>,
}

impl KnownTags {
    /// Adds those of the next part.
    pub(super) fn add(&mut self, part: Self) {
        self.names.extend(part.names);
        for (id, tag) in part.ids {
            self.ids.entry(id).or_insert(tag);
        }
    }

    /// The tag of a name.
    pub(super) fn named(&self, place: usize) -> Option<TagId> {
        self.names.get(place).copied()
    }

    /// The tag that has this id in the file.
    pub(super) fn with_id(&self, id: TagId) -> Option<TagId> {
        self.ids.get(&id).copied()
    }
}

/// A part of the tags of a file.
#[derive(Clone)]
pub(super) enum Part {
    /// Of those with ids of their own.
    Tags(Range<usize>),
    /// Of those that are only named.
    Names(Range<usize>),
}

/// The tags of a file in parts, each for one transaction.
pub(super) fn parts(rows: &ImportRows) -> impl Iterator<Item = Part> {
    let tags = super::run::parts(&rows.tags, |tag| text(&tag.name)).into_iter().map(Part::Tags);
    tags.chain(super::run::parts(&rows.names, text).into_iter().map(Part::Names))
}

fn text(name: &TagName) -> usize {
    name.as_str().len() + name.key().len()
}

/// Finds or creates the tags of a part; the parts come in their order.
pub(super) fn store(
    storage: &mut (impl Storage + ?Sized),
    account: AccountId,
    rows: &ImportRows,
    part: Part,
    at: Timestamp,
    known: &mut KnownTags,
    report: &mut ImportReport,
) -> Result<(), RepositoryError> {
    match part {
        Part::Tags(part) => {
            let tags = rows.tags.get(part).unwrap_or_default();
            store_with_ids(storage, account, tags, known, report)
        }
        Part::Names(part) => {
            let names = rows.names.get(part).unwrap_or_default().iter();
            let new: Vec<_> = names.map(|name| dated(account, TagId::new(), name, at, at)).collect();
            let stored = storage.find_or_create_tags(&new)?;
            report.tags_created += count_created(&new, &stored);
            known.names.extend(stored.iter().map(|tag| tag.id));
            Ok(())
        }
    }
}

fn store_with_ids(
    storage: &mut (impl Storage + ?Sized),
    account: AccountId,
    tags: &[ImportTag],
    known: &mut KnownTags,
    report: &mut ImportReport,
) -> Result<(), RepositoryError> {
    let wanted: Vec<TagId> = tags.iter().map(|tag| tag.id).collect();
    let mut taken = storage.taken_tag_ids(&wanted)?;
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(tags.len());
    let mut new: Vec<DatedTag> = Vec::with_capacity(tags.len());
    // Of several tags of one name the first counts; of several with one id as well.
    let place_of: Vec<usize> = tags
        .iter()
        .map(|tag| {
            *places.entry(tag.name.key()).or_insert_with(|| {
                let id = if taken.insert(tag.id) { tag.id } else { TagId::new() };
                new.push(dated(account, id, &tag.name, tag.created_at, tag.updated_at));
                new.len() - 1
            })
        })
        .collect();
    let stored = storage.find_or_create_tags(&new)?;
    report.tags_created += count_created(&new, &stored);
    for (tag, place) in tags.iter().zip(place_of) {
        let (Some(found), Some(new)) = (stored.get(place), new.get(place)) else { continue };
        if found.id != tag.id {
            let name = tag.name.as_str();
            report.note(tag.row, told(name, found.id == new.tag.id && new.tag.name == tag.name, found.id));
        }
        known.ids.entry(tag.id).or_insert(found.id);
    }
    Ok(())
}

fn told(name: &str, is_own: bool, id: TagId) -> String {
    if is_own {
        format!("tag: the id of {name} is in use, so it was given the id {id}")
    } else {
        format!("tag: {name} was merged into the tag {id} of the same name")
    }
}

fn dated(
    account_id: AccountId,
    id: TagId,
    name: &TagName,
    created_at: Timestamp,
    updated_at: Timestamp,
) -> DatedTag {
    DatedTag { tag: NewTag { id, account_id, name: name.clone(), created_at }, updated_at }
}

fn count_created(new: &[DatedTag], stored: &[Tag]) -> usize {
    new.iter().zip(stored).filter(|(new, stored)| new.tag.id == stored.id).count()
}
