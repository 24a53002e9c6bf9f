//! Lists of links, of all, of tags, and of what is searched for.

use taglink_domain::model::{AccountScope, Link};
use taglink_domain::port::UnitOfWork;
use taglink_domain::search::{
    LinkPlace, LinkSearch, SearchQuery, SortField, SortOrder, SortValue, TagFilter, TagPattern, title_key,
};

use super::Query;
use super::library::{Library, OURS};
use super::reading::{OWN, PAGE, page};

const ALL: AccountScope = AccountScope::All;

pub(super) const QUERIES: &[Query] = &[
    ("links, first page", |uow, _, _| first(uow, OWN, &sorted("created"))),
    ("links, deep page", |uow, it, round| deep(uow, OWN, it, round, &sorted("created"))),
    ("links, latest", |uow, _, _| first(uow, OWN, &sorted("-created"))),
    ("links, before the latest", |uow, it, round| deep(uow, OWN, it, round, &sorted("-created"))),
    ("links by title", |uow, _, _| first(uow, OWN, &sorted("title"))),
    ("links by title, deep page", |uow, it, round| deep(uow, OWN, it, round, &sorted("title"))),
    ("links by title, last first", |uow, it, round| deep(uow, OWN, it, round, &sorted("-title"))),
    ("links by change", |uow, _, _| first(uow, OWN, &sorted("updated"))),
    ("links by change, deep page", |uow, it, round| deep(uow, OWN, it, round, &sorted("updated"))),
    ("links by change, last first", |uow, it, round| deep(uow, OWN, it, round, &sorted("-updated"))),
    ("links, first page, as admin", |uow, _, _| first(uow, ALL, &sorted("created"))),
    ("links, deep page, as admin", |uow, it, round| deep(uow, ALL, it, round, &sorted("created"))),
    ("links, latest, as admin", |uow, _, _| first(uow, ALL, &sorted("-created"))),
    ("links by title, deep page, as admin", |uow, it, round| deep(uow, ALL, it, round, &sorted("title"))),
    ("links by change, deep page, as admin", |uow, it, round| deep(uow, ALL, it, round, &sorted("updated"))),
    ("links of a common tag", |uow, it, _| first(uow, OWN, &tagged(by_id(it), "created"))),
    ("links of a common tag, deep page", |uow, it, round| {
        deep(uow, OWN, it, round, &tagged(by_id(it), "created"));
    }),
    ("links of a common tag, latest", |uow, it, _| first(uow, OWN, &tagged(by_id(it), "-created"))),
    ("links of a common tag, deep page, as admin", |uow, it, round| {
        deep(uow, ALL, it, round, &tagged(by_id(it), "created"));
    }),
    ("links of a common tag by name", |uow, _, _| {
        first(uow, OWN, &tagged(by_name("common"), "created"));
    }),
    ("links of a common tag by name, deep page", |uow, it, round| {
        deep(uow, OWN, it, round, &tagged(by_name("common"), "created"));
    }),
    ("links of two tags", |uow, it, round| {
        let filters = [by_id(it), TagFilter::Id(it.tag(round).id)];
        let search = LinkSearch { tags: Some(filters.into()), ..LinkSearch::default() };
        deep(uow, OWN, it, round, &search);
    }),
    ("links of a rare tag by title", |uow, it, _| {
        few(uow, &tagged(TagFilter::Id(it.rare_tag().id), "title"));
    }),
    ("a common word", |uow, _, _| first(uow, OWN, &search("\"everywhere\"", "created"))),
    ("a common word, deep page", |uow, it, round| {
        deep(uow, OWN, it, round, &search("\"everywhere\"", "created"));
    }),
    ("a common word, latest", |uow, _, _| first(uow, OWN, &search("\"everywhere\"", "-created"))),
    ("a common word by title, deep page", |uow, it, round| {
        deep(uow, OWN, it, round, &search("\"everywhere\"", "title"));
    }),
    ("the beginning of a common word, deep page", |uow, it, round| {
        deep(uow, OWN, it, round, &search("everywh", "created"));
    }),
    ("two common words, deep page", |uow, it, round| {
        deep(uow, OWN, it, round, &search("\"everywhere\" \"frequent\"", "created"));
    }),
    ("a rare word", |uow, _, _| few(uow, &search("\"seldom\"", "created"))),
    ("a rare word, by its beginning", |uow, _, _| few(uow, &search("seldo", "title"))),
    ("a common and a rare word", |uow, _, _| few(uow, &search("\"everywhere\" \"seldom\"", "created"))),
    ("a common site, deep page", |uow, it, round| {
        deep(uow, OWN, it, round, &search("site:common.example", "created"));
    }),
    ("a rare site", |uow, _, _| few(uow, &search("site:rare.example", "created"))),
    ("a common word in a rare tag", |uow, _, _| few(uow, &search("everywhere tag:seldom", "created"))),
    ("a word that nothing has", |uow, _, _| {
        let found = uow.search_links(OWN, &search("\"nowhere\"", "created"), &page(None)).unwrap();
        assert!(found.links.is_empty());
    }),
];

fn sorted(sort: &str) -> LinkSearch {
    LinkSearch { sort: SortOrder::parse(sort).unwrap(), ..LinkSearch::default() }
}

fn tagged(tag: TagFilter, sort: &str) -> LinkSearch {
    LinkSearch { tags: Some(vec![tag]), ..sorted(sort) }
}

fn by_id(it: &Library) -> TagFilter {
    TagFilter::Id(it.common_tag().id)
}

fn by_name(name: &str) -> TagFilter {
    TagFilter::Pattern(TagPattern::parse(name).unwrap())
}

fn search(q: &str, sort: &str) -> LinkSearch {
    LinkSearch { query: SearchQuery::parse(q).unwrap(), ..sorted(sort) }
}

fn place(link: &Link, field: SortField) -> LinkPlace {
    let value = match field {
        SortField::Created => SortValue::Created(link.created_at),
        SortField::Title => SortValue::Title(title_key(link.title.as_deref())),
        SortField::Updated => SortValue::Updated(link.updated_at),
    };
    LinkPlace { account_id: OURS, value, id: link.id }
}

/// The first page of many.
fn first(uow: &mut dyn UnitOfWork, scope: AccountScope, search: &LinkSearch) {
    let found = uow.search_links(scope, search, &page(None)).unwrap();
    assert_eq!((found.links.len(), found.next.is_some()), (usize::from(PAGE), true));
}

/// A page in the middle of many.
fn deep(uow: &mut dyn UnitOfWork, scope: AccountScope, it: &Library, round: usize, search: &LinkSearch) {
    let after = place(it.link(round), search.sort.field);
    let found = uow.search_links(scope, search, &page(Some(after))).unwrap();
    assert_eq!((found.links.len(), found.next.is_some()), (usize::from(PAGE), true));
}

/// The few that are found.
fn few(uow: &mut dyn UnitOfWork, search: &LinkSearch) {
    let found = uow.search_links(OWN, search, &page(None)).unwrap();
    assert_eq!((found.links.len(), found.next), (5, None));
}
