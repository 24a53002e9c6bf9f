//! Links, tags, taglinks and changes that are looked up, and lists of them.

use taglink_domain::model::{
    AccountScope, ChangeSeq, Limit, LinkId, PageRequest, TagId, TagLinkPosition, TagPosition,
};
use taglink_domain::port::{TagLinkFilter, UnitOfWork};
use taglink_domain::search::TagPattern;

use super::Query;
use super::library::{Library, OURS, pair};

pub(super) const OWN: AccountScope = AccountScope::One(OURS);

/// The size of pages.
pub(super) const PAGE: u16 = 20;

pub(super) fn page<P>(after: Option<P>) -> PageRequest<P> {
    PageRequest { limit: Limit::parse(&PAGE.to_string()).unwrap(), after }
}

pub(super) const QUERIES: &[Query] = &[
    ("link by id", |uow, it, round| assert!(uow.link(OWN, it.link(round).id).unwrap().is_some())),
    ("link by id, as admin", |uow, it, round| {
        assert!(uow.link(AccountScope::All, it.link(round).id).unwrap().is_some());
    }),
    ("tag by id", |uow, it, round| assert!(uow.tag(OWN, it.tag(round).id).unwrap().is_some())),
    ("tag by id, as admin", |uow, it, round| {
        assert!(uow.tag(AccountScope::All, it.tag(round).id).unwrap().is_some());
    }),
    ("tag by name", |uow, it, round| tag_by_name(uow, OWN, it, round)),
    ("tag by name, as admin", |uow, it, round| tag_by_name(uow, AccountScope::All, it, round)),
    ("tags, first page", |uow, _, _| tags(uow, OWN, None)),
    ("tags, deep page", |uow, it, round| tags(uow, OWN, Some(it.tag(round).into()))),
    ("tags, first page, as admin", |uow, _, _| tags(uow, AccountScope::All, None)),
    ("tags, deep page, as admin", |uow, it, round| tags(uow, AccountScope::All, Some(it.tag(round).into()))),
    ("tags below a tag", |uow, it, round| {
        let Ok(TagPattern::Tree(root)) = TagPattern::parse(&format!("{}/*", it.tag(round).name)) else {
            panic!("a pattern with a star");
        };
        assert_eq!(uow.tags_below(OWN, &root, &page(None)).unwrap().items.len(), 1);
    }),
    ("tags of a page of links", |uow, it, round| tags_of_links(uow, OWN, it, round)),
    ("tags of a page of links, as admin", |uow, it, round| tags_of_links(uow, AccountScope::All, it, round)),
    ("numbers of links of a page of tags", |uow, it, round| count_links(uow, OWN, it, round)),
    ("numbers of links of a page of tags, as admin", |uow, it, round| {
        count_links(uow, AccountScope::All, it, round);
    }),
    ("taglinks, first page", |uow, _, _| assert_eq!(taglinks(uow, OWN, None, None, None), 20)),
    ("taglinks, deep page", |uow, it, round| {
        let after = TagLinkPosition::from(&pair(it.tag(round), it.link(round)));
        assert_eq!(taglinks(uow, OWN, None, None, Some(after)), 20);
    }),
    ("taglinks, deep page in a common tag", |uow, it, round| {
        let after = TagLinkPosition::from(&pair(it.common_tag(), it.link(round)));
        assert_eq!(taglinks(uow, OWN, None, None, Some(after)), 20);
    }),
    ("taglinks, first page, as admin", |uow, _, _| {
        assert_eq!(taglinks(uow, AccountScope::All, None, None, None), 20);
    }),
    ("taglinks, deep page, as admin", |uow, it, round| {
        let after = TagLinkPosition::from(&pair(it.tag(round), it.link(round)));
        assert_eq!(taglinks(uow, AccountScope::All, None, None, Some(after)), 20);
    }),
    ("taglinks of a tag, first page", |uow, it, _| {
        assert_eq!(taglinks(uow, OWN, Some(it.common_tag().id), None, None), 20);
    }),
    ("taglinks of a tag, deep page", |uow, it, round| {
        let after = TagLinkPosition::from(&pair(it.common_tag(), it.link(round)));
        assert_eq!(taglinks(uow, OWN, Some(it.common_tag().id), None, Some(after)), 20);
    }),
    ("taglinks of a tag, deep page, as admin", |uow, it, round| {
        let after = TagLinkPosition::from(&pair(it.common_tag(), it.link(round)));
        assert_eq!(taglinks(uow, AccountScope::All, Some(it.common_tag().id), None, Some(after)), 20);
    }),
    ("taglinks of a link", |uow, it, round| {
        assert_ne!(taglinks(uow, OWN, None, Some(it.link(round).id), None), 0);
    }),
    ("taglinks of a link, as admin", |uow, it, round| {
        assert_ne!(taglinks(uow, AccountScope::All, None, Some(it.link(round).id), None), 0);
    }),
    ("a tag on a link", |uow, it, round| {
        let (tag, link) = (it.tag_of_link(round).id, it.link(round).id);
        assert_eq!(taglinks(uow, OWN, Some(tag), Some(link), None), 1);
    }),
    ("changes, first page", |uow, _, _| changes(uow, 0)),
    ("changes, deep page", |uow, it, round| changes(uow, it.links.len() + round)),
    ("whether changes are pending", |uow, _, _| assert!(uow.has_pending_changes(OURS).unwrap())),
    ("number of the latest change", |uow, _, _| {
        assert!(uow.latest_change(OURS).unwrap() > ChangeSeq::START);
    }),
];

fn tag_by_name(uow: &mut dyn UnitOfWork, scope: AccountScope, it: &Library, round: usize) {
    let name = Some(it.tag(round).name.as_str());
    assert!(!uow.tags(scope, name, &page(None)).unwrap().items.is_empty());
}

fn tags(uow: &mut dyn UnitOfWork, scope: AccountScope, after: Option<TagPosition>) {
    assert_eq!(uow.tags(scope, None, &page(after)).unwrap().items.len(), usize::from(PAGE));
}

/// The ids of a page of links.
pub(super) fn link_ids(it: &Library, round: usize) -> Vec<LinkId> {
    (0..20).map(|at| it.link(round + at).id).collect()
}

/// The ids of a page of tags.
pub(super) fn tag_ids(it: &Library, round: usize) -> Vec<TagId> {
    (0..20).map(|at| it.tag(round + at).id).collect()
}

fn tags_of_links(uow: &mut dyn UnitOfWork, scope: AccountScope, it: &Library, round: usize) {
    assert!(uow.tags_of_links(scope, &link_ids(it, round)).unwrap().len() >= 20);
}

fn count_links(uow: &mut dyn UnitOfWork, scope: AccountScope, it: &Library, round: usize) {
    assert_eq!(uow.count_links(scope, &tag_ids(it, round)).unwrap().len(), 20);
}

fn taglinks(
    uow: &mut dyn UnitOfWork,
    scope: AccountScope,
    tag_id: Option<TagId>,
    link_id: Option<LinkId>,
    after: Option<TagLinkPosition>,
) -> usize {
    uow.taglinks(scope, TagLinkFilter { tag_id, link_id }, &page(after)).unwrap().items.len()
}

fn changes(uow: &mut dyn UnitOfWork, after: usize) {
    let after = ChangeSeq::new(after.try_into().unwrap()).unwrap();
    assert_eq!(uow.changes(OURS, after, page::<()>(None).limit).unwrap().len(), usize::from(PAGE));
}
