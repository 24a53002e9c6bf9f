//! The links of an import, some hundreds at a time.

use std::collections::{HashMap, HashSet};

use super::storage::Storage;
use super::tags::KnownTags;
use super::{ImportLink, ImportReport};
use crate::model::{AccountId, Edit, Link, LinkChange, LinkId, NewLink, TagId, TagLink, Timestamp, UrlHash};
use crate::port::RepositoryError;

/// A link that several rows may be about.
struct Target {
    link: Link,
    /// Whether it was stored just now, and no row was told of it yet.
    is_new: bool,
    /// Its tags, those that it is to get included.
    tags: HashSet<TagId>,
}

/// How much text a link has, in bytes.
pub(super) fn text(row: &ImportLink) -> usize {
    let title = row.title.as_ref().map_or(0, |title| title.as_str().len());
    let notes = row.notes.as_ref().map_or(0, |notes| notes.as_str().len());
    row.url.as_str().len() + title + notes
}

/// Finds or creates the links and puts their tags on them.
pub(super) fn store(
    storage: &mut (impl Storage + ?Sized),
    account: AccountId,
    rows: &[ImportLink],
    tags: &KnownTags,
    at: Timestamp,
    report: &mut ImportReport,
) -> Result<(), RepositoryError> {
    let mut targets = find_or_create(storage, account, rows, at)?;
    let mut taglinks = Vec::new();
    for row in rows {
        let Some(target) = targets.get_mut(row.url.hash()) else { continue };
        report.rows += 1;
        if let Some(id) = row.id.filter(|id| *id != target.link.id) {
            report.note(row.row, told(id, target));
        }
        let gained = merge(storage, target, row, tags, at, report)?;
        match (target.is_new, gained.is_empty()) {
            (true, _) => report.created += 1,
            (false, false) => report.merged += 1,
            (false, true) => report.unchanged += 1,
        }
        target.is_new = false;
        report.taglinks_created += gained.taglinks.len();
        taglinks.extend(gained.taglinks);
    }
    storage.ensure_taglinks(&taglinks)
}

/// What a link has got from a row.
struct Gained {
    details: bool,
    taglinks: Vec<TagLink>,
}

impl Gained {
    fn is_empty(&self) -> bool {
        !self.details && self.taglinks.is_empty()
    }
}

/// The links of these rows by their URLs, each with the tags that it has.
fn find_or_create(
    storage: &mut (impl Storage + ?Sized),
    account: AccountId,
    rows: &[ImportLink],
    at: Timestamp,
) -> Result<HashMap<UrlHash, Target>, RepositoryError> {
    let wanted: Vec<LinkId> = rows.iter().filter_map(|row| row.id).collect();
    let mut taken = storage.taken_link_ids(&wanted)?;
    let mut urls: HashSet<&UrlHash> = HashSet::with_capacity(rows.len());
    let new: Vec<NewLink> = rows
        .iter()
        .filter(|row| urls.insert(row.url.hash()))
        .map(|row| new_link(row, account, row.id.filter(|id| taken.insert(*id)).unwrap_or_default(), at))
        .collect();
    let stored = storage.find_or_create_links(&new)?;
    let known: Vec<LinkId> = stored
        .iter()
        .zip(&new)
        .filter(|(stored, new)| stored.id != new.id)
        .map(|(stored, _)| stored.id)
        .collect();
    let mut tags: HashMap<LinkId, HashSet<TagId>> = HashMap::with_capacity(known.len());
    for (link, tag) in storage.taglinks_of_links(account, &known)? {
        tags.entry(link).or_default().insert(tag);
    }
    let targets = stored.into_iter().zip(&new).map(|(link, new)| {
        let tags = tags.remove(&link.id).unwrap_or_default();
        (*new.url.hash(), Target { is_new: link.id == new.id, link, tags })
    });
    Ok(targets.collect())
}

fn new_link(row: &ImportLink, account_id: AccountId, id: LinkId, at: Timestamp) -> NewLink {
    let created_at = row.created_at.unwrap_or(at);
    NewLink {
        id,
        account_id,
        url: row.url.clone(),
        title: row.title.clone(),
        notes: row.notes.clone(),
        created_at,
        updated_at: row.updated_at.unwrap_or(created_at),
    }
}

/// Gives a link what it lacks of a row.
fn merge(
    storage: &mut (impl Storage + ?Sized),
    target: &mut Target,
    row: &ImportLink,
    tags: &KnownTags,
    at: Timestamp,
    report: &mut ImportReport,
) -> Result<Gained, RepositoryError> {
    let before = target.link.version;
    let missing = LinkChange {
        url: None,
        title: lacking(target.link.title.as_ref(), row.title.as_ref()),
        notes: lacking(target.link.notes.as_ref(), row.notes.as_ref()),
    };
    target.link = storage.change_link(row.url.hash(), target.link.clone(), &missing, at)?;
    let named = row.names.iter().filter_map(|place| tags.named(*place)).map(|tag_id| (tag_id, at));
    let mut known = Vec::with_capacity(row.taggings.len());
    for tagging in &row.taggings {
        match tags.with_id(tagging.tag_id) {
            Some(tag_id) => known.push((tag_id, tagging.created_at)),
            None => report
                .note(row.row, format!("the tag {} is not in the file, so it was left out", tagging.tag_id)),
        }
    }
    let mut taglinks = Vec::new();
    for (tag_id, created_at) in named.chain(known) {
        if target.tags.insert(tag_id) {
            let Link { account_id, id: link_id, created_at: link_created_at, .. } = target.link;
            taglinks.push(TagLink { account_id, tag_id, link_id, link_created_at, created_at });
        }
    }
    Ok(Gained { details: target.link.version != before, taglinks })
}

/// What is to be set where nothing is yet.
fn lacking<T: Clone>(stored: Option<&String>, offered: Option<&T>) -> Edit<T> {
    match (stored, offered) {
        (None, Some(offered)) => Edit::Set(offered.clone()),
        (Some(_), _) | (None, None) => Edit::Keep,
    }
}

fn told(id: LinkId, target: &Target) -> String {
    if target.is_new {
        format!("the id {id} is in use, so the link was given the id {}", target.link.id)
    } else {
        format!("the link {id} was merged into {}, which has the same URL", target.link.id)
    }
}
