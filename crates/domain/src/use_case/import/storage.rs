//! What an import asks of the storage, and a dry run: what would be stored is kept in memory, on top of what is stored.

use std::collections::{HashMap, HashSet};

use super::super::editing;
use crate::model::{
    AccountId, DatedTag, Link, LinkChange, LinkId, NewLink, Tag, TagId, TagLink, Timestamp, UrlHash,
};
use crate::port::{BulkRepository, Result, UnitOfWork};

/// The methods of [`BulkRepository`] that an import uses, and the change of a link.
pub(super) trait Storage {
    fn taken_link_ids(&mut self, ids: &[LinkId]) -> Result<HashSet<LinkId>>;
    fn taken_tag_ids(&mut self, ids: &[TagId]) -> Result<HashSet<TagId>>;
    fn find_or_create_links(&mut self, new: &[NewLink]) -> Result<Vec<Link>>;
    fn find_or_create_tags(&mut self, new: &[DatedTag]) -> Result<Vec<Tag>>;
    fn taglinks_of_links(&mut self, account: AccountId, links: &[LinkId]) -> Result<Vec<(LinkId, TagId)>>;
    fn ensure_taglinks(&mut self, new: &[TagLink]) -> Result<()>;
    /// The link as it is after the change.
    fn change_link(&mut self, url: &UrlHash, link: Link, change: &LinkChange, at: Timestamp) -> Result<Link>;
}

impl Storage for dyn UnitOfWork + '_ {
    fn taken_link_ids(&mut self, ids: &[LinkId]) -> Result<HashSet<LinkId>> {
        Ok(BulkRepository::taken_link_ids(self, ids)?.into_iter().collect())
    }

    fn taken_tag_ids(&mut self, ids: &[TagId]) -> Result<HashSet<TagId>> {
        Ok(BulkRepository::taken_tag_ids(self, ids)?.into_iter().collect())
    }

    fn find_or_create_links(&mut self, new: &[NewLink]) -> Result<Vec<Link>> {
        BulkRepository::find_or_create_links(self, new)
    }

    fn find_or_create_tags(&mut self, new: &[DatedTag]) -> Result<Vec<Tag>> {
        BulkRepository::find_or_create_tags(self, new)
    }

    fn taglinks_of_links(&mut self, account: AccountId, links: &[LinkId]) -> Result<Vec<(LinkId, TagId)>> {
        let found = BulkRepository::taglinks_of_links(self, account, links)?;
        Ok(found.into_iter().map(|taglink| (taglink.link_id, taglink.tag_id)).collect())
    }

    fn ensure_taglinks(&mut self, new: &[TagLink]) -> Result<()> {
        BulkRepository::ensure_taglinks(self, new)
    }

    fn change_link(&mut self, _: &UrlHash, link: Link, change: &LinkChange, at: Timestamp) -> Result<Link> {
        editing::apply(self, link, change, at)
    }
}

/// Reads, and writes only to memory.
pub(super) struct DryRun<'a> {
    uow: &'a mut (dyn UnitOfWork + 'a),
    links: HashMap<UrlHash, Link>,
    link_ids: HashSet<LinkId>,
    /// By the keys of their names.
    tags: HashMap<String, Tag>,
    tag_ids: HashSet<TagId>,
    taglinks: HashMap<LinkId, Vec<TagId>>,
}

impl<'a> DryRun<'a> {
    pub(super) fn new(uow: &'a mut (dyn UnitOfWork + 'a)) -> Self {
        Self {
            uow,
            links: HashMap::new(),
            link_ids: HashSet::new(),
            tags: HashMap::new(),
            tag_ids: HashSet::new(),
            taglinks: HashMap::new(),
        }
    }
}

impl Storage for DryRun<'_> {
    fn taken_link_ids(&mut self, ids: &[LinkId]) -> Result<HashSet<LinkId>> {
        let mut taken = Storage::taken_link_ids(self.uow, ids)?;
        taken.extend(ids.iter().filter(|id| self.link_ids.contains(id)));
        Ok(taken)
    }

    fn taken_tag_ids(&mut self, ids: &[TagId]) -> Result<HashSet<TagId>> {
        let mut taken = Storage::taken_tag_ids(self.uow, ids)?;
        taken.extend(ids.iter().filter(|id| self.tag_ids.contains(id)));
        Ok(taken)
    }

    fn find_or_create_links(&mut self, new: &[NewLink]) -> Result<Vec<Link>> {
        let Some(account) = new.first().map(|first| first.account_id) else { return Ok(Vec::new()) };
        let urls: Vec<UrlHash> = new.iter().map(|new| *new.url.hash()).collect();
        for (url, link) in self.uow.links_by_url(account, &urls)? {
            self.links.entry(url).or_insert(link);
        }
        let links = &mut self.links;
        let found = new.iter().map(|new| {
            let link = links.entry(*new.url.hash()).or_insert_with(|| new.clone().into());
            self.link_ids.insert(link.id);
            link.clone()
        });
        Ok(found.collect())
    }

    fn find_or_create_tags(&mut self, new: &[DatedTag]) -> Result<Vec<Tag>> {
        let Some(account) = new.first().map(|first| first.tag.account_id) else { return Ok(Vec::new()) };
        let keys: Vec<&str> = new.iter().map(|new| new.tag.name.key()).collect();
        for (key, tag) in self.uow.tags_by_name(account, &keys)? {
            self.tags.entry(key).or_insert(tag);
        }
        let tags = &mut self.tags;
        let found = new.iter().map(|new| {
            let tag = tags.entry(new.tag.name.key().to_owned()).or_insert_with(|| new.tag.clone().into());
            self.tag_ids.insert(tag.id);
            tag.clone()
        });
        Ok(found.collect())
    }

    fn taglinks_of_links(&mut self, account: AccountId, links: &[LinkId]) -> Result<Vec<(LinkId, TagId)>> {
        let mut found = Storage::taglinks_of_links(self.uow, account, links)?;
        for link in links {
            found.extend(self.taglinks.get(link).into_iter().flatten().map(|tag| (*link, *tag)));
        }
        Ok(found)
    }

    fn ensure_taglinks(&mut self, new: &[TagLink]) -> Result<()> {
        for new in new {
            self.taglinks.entry(new.link_id).or_default().push(new.tag_id);
        }
        Ok(())
    }

    fn change_link(&mut self, url: &UrlHash, link: Link, change: &LinkChange, at: Timestamp) -> Result<Link> {
        let mut changed = change.applied_to(&link);
        if changed != link {
            changed.updated_at = at;
            changed.version += 1;
            self.links.insert(*url, changed.clone());
        }
        Ok(changed)
    }
}
