//! What stores, changes and removes links, tags and taglinks. All of it is rolled back.

use taglink_domain::model::{DatedTag, LinkUrl, NewLink};
use taglink_domain::port::TagLinkFilter;

use super::Query;
use super::library::{Library, OURS, dated_tag, new_link, pair, time};
use super::reading::{OWN, link_ids, tag_ids};

/// The number of the first link that does not exist.
const NEW: usize = 1_000_000;

pub(super) const QUERIES: &[Query] = &[
    ("a new link", |uow, _, round| {
        let new = new_link(NEW + round);
        assert_eq!(uow.find_or_create_link(&new).unwrap().id, new.id);
    }),
    ("a link that exists", |uow, it, round| {
        let known = again(it, round);
        assert_ne!(uow.find_or_create_link(&known).unwrap().id, known.id);
    }),
    ("many links, some new", |uow, it, round| {
        let new = (0..10).map(|at| new_link(NEW + 100 * (round + 1) + at));
        let links: Vec<NewLink> = new.chain((0..10).map(|at| again(it, round + at))).collect();
        assert_eq!(uow.find_or_create_links(&links).unwrap().len(), 20);
    }),
    ("links by their URLs", |uow, it, round| {
        let urls: Vec<_> = (0..20).map(|at| *again(it, round + at).url.hash()).collect();
        assert_eq!(uow.links_by_url(OURS, &urls).unwrap().len(), 20);
    }),
    ("which ids of links are taken", |uow, it, round| {
        assert_eq!(uow.taken_link_ids(&link_ids(it, round)).unwrap().len(), 20);
    }),
    ("which ids of tags are taken", |uow, it, round| {
        assert_eq!(uow.taken_tag_ids(&tag_ids(it, round)).unwrap().len(), 20);
    }),
    ("a new tag", |uow, _, round| {
        let new = dated_tag(OURS, format!("new {round}"), NEW);
        assert_eq!(uow.find_or_create_tag(&new.tag).unwrap().id, new.tag.id);
    }),
    ("a tag that exists", |uow, it, round| {
        let known = dated_tag(OURS, it.tag(round).name.clone(), NEW);
        assert_ne!(uow.find_or_create_tag(&known.tag).unwrap().id, known.tag.id);
    }),
    ("many tags, some new", |uow, it, round| {
        let new = (0..10).map(|at| dated_tag(OURS, format!("new {round} {at}"), NEW));
        let known = (0..10).map(|at| dated_tag(OURS, it.tag(round + at).name.clone(), NEW));
        let tags: Vec<DatedTag> = new.chain(known).collect();
        assert_eq!(uow.find_or_create_tags(&tags).unwrap().len(), 20);
    }),
    ("tags by their ids", |uow, it, round| {
        assert_eq!(uow.tags_with_ids(OURS, &tag_ids(it, round)).unwrap().len(), 20);
    }),
    ("tags by their names", |uow, it, round| {
        let names: Vec<&str> = (0..20).map(|at| it.tag(round + at).name.as_str()).collect();
        assert_eq!(uow.tags_by_name(OURS, &names).unwrap().len(), 20);
    }),
    ("locked tags", |uow, it, round| {
        assert_eq!(uow.lock_tags(OURS, &tag_ids(it, round)).unwrap().len(), 20);
    }),
    ("a tag put on a link", |uow, it, round| {
        uow.insert_taglink(&pair(it.rare_tag(), it.link(round))).unwrap();
    }),
    ("a tag put on a link unless it is there", |uow, it, round| {
        uow.ensure_taglink(&pair(it.tag(7 * round), it.link(round + 8))).unwrap();
    }),
    ("a tag that is on a link already", |uow, it, round| {
        uow.ensure_taglink(&pair(it.tag_of_link(round), it.link(round))).unwrap();
    }),
    ("many tags put on links", |uow, it, round| {
        let taglinks: Vec<_> = (0..20).map(|at| pair(it.rare_tag(), it.link(20 + round + at))).collect();
        uow.ensure_taglinks(&taglinks).unwrap();
    }),
    ("taglinks of many links", |uow, it, round| {
        assert!(uow.taglinks_of_links(OURS, &link_ids(it, round)).unwrap().len() >= 20);
    }),
    ("a changed link", |uow, it, round| {
        let mut link = it.link(round).clone();
        let url = LinkUrl::parse(format!("https://changed.example/{round}")).unwrap();
        url.as_str().clone_into(&mut link.url);
        link.title = Some(format!("Changed {round}"));
        assert!(uow.update_link(&link, Some(&url)).unwrap());
    }),
    ("a locked link", |uow, it, round| assert!(uow.lock_link(OURS, it.link(round).id).unwrap())),
    ("a renamed tag", |uow, it, round| {
        let name = dated_tag(OURS, format!("renamed {round}"), NEW).tag.name;
        assert!(uow.rename_tag(it.tag(round), &name, time(NEW)).unwrap());
    }),
    ("a tag taken off a link", |uow, it, round| {
        let (tag, link) = (it.tag_of_link(round).id, it.link(round).id);
        let filter = TagLinkFilter { tag_id: Some(tag), link_id: Some(link) };
        assert_eq!(uow.delete_taglinks(OWN, filter).unwrap(), 1);
    }),
    ("a link removed with its taglinks", |uow, it, round| {
        let id = it.link(round).id;
        let filter = TagLinkFilter { link_id: Some(id), tag_id: None };
        assert_ne!(uow.delete_taglinks(OWN, filter).unwrap(), 0);
        assert!(uow.delete_link(OWN, id).unwrap());
    }),
    ("a tag removed with its taglinks", |uow, it, round| {
        let id = it.tag(round).id;
        let filter = TagLinkFilter { tag_id: Some(id), link_id: None };
        assert_ne!(uow.delete_taglinks(OWN, filter).unwrap(), 0);
        assert!(uow.delete_tag(OWN, id).unwrap());
    }),
];

/// A link with the URL of one that exists.
fn again(it: &Library, round: usize) -> NewLink {
    let known = it.link(round);
    NewLink { url: LinkUrl::parse(known.url.clone()).unwrap(), ..new_link(NEW) }
}
