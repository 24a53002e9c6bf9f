//! The tags of an import: those with ids of their own, and those that are only named.

use std::collections::{HashMap, HashSet};

use super::{ImportReport, ImportRows, ImportTag};
use crate::model::{AccountId, DatedTag, NewTag, Tag, TagId, TagName, Timestamp};
use crate::port::{RepositoryError, UnitOfWork};

/// Which stored tag is meant by what a file says.
pub(super) struct KnownTags {
    /// By the place of a name.
    names: Vec<TagId>,
    /// By an id of the file.
    ids: HashMap<TagId, TagId>,
}

impl KnownTags {
    /// The tag of a name.
    pub(super) fn named(&self, place: usize) -> Option<TagId> {
        self.names.get(place).copied()
    }

    /// The tag that has this id in the file.
    pub(super) fn with_id(&self, id: TagId) -> Option<TagId> {
        self.ids.get(&id).copied()
    }
}

/// Finds or creates the tags.
pub(super) fn store(
    uow: &mut dyn UnitOfWork,
    account: AccountId,
    rows: &ImportRows,
    at: Timestamp,
    report: &mut ImportReport,
) -> Result<KnownTags, RepositoryError> {
    let ids = store_with_ids(uow, account, &rows.tags, report)?;
    let new = rows.names.iter().map(|name| dated(account, TagId::new(), name, at, at)).collect::<Vec<_>>();
    let stored = uow.find_or_create_tags(&new)?;
    report.tags_created += count_created(&new, &stored);
    Ok(KnownTags { names: stored.iter().map(|tag| tag.id).collect(), ids })
}

fn store_with_ids(
    uow: &mut dyn UnitOfWork,
    account: AccountId,
    tags: &[ImportTag],
    report: &mut ImportReport,
) -> Result<HashMap<TagId, TagId>, RepositoryError> {
    let wanted: Vec<TagId> = tags.iter().map(|tag| tag.id).collect();
    let mut taken: HashSet<TagId> = uow.taken_tag_ids(&wanted)?.into_iter().collect();
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
    let stored = uow.find_or_create_tags(&new)?;
    report.tags_created += count_created(&new, &stored);
    let mut ids = HashMap::with_capacity(tags.len());
    for (tag, place) in tags.iter().zip(place_of) {
        let (Some(found), Some(new)) = (stored.get(place), new.get(place)) else { continue };
        if found.id != tag.id {
            let name = tag.name.as_str();
            report.note(tag.row, told(name, found.id == new.tag.id && new.tag.name == tag.name, found.id));
        }
        ids.entry(tag.id).or_insert(found.id);
    }
    Ok(ids)
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
