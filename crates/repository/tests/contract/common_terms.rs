//! Terms that more links have than are sorted for a page: their links are read in order.

use taglink_domain::model::{AccountScope, Link, Owner, TagName, Timestamp, Title};
use taglink_domain::search::{LinkSearch, SearchQuery, SortOrder};
use taglink_domain::use_case::import::ImportRows;

use crate::fixture::{Fixture, OURS, SHARED};
use crate::importing::row;
use crate::on_every_database;

on_every_database!(the_links_of_a_common_term_are_found_in_their_order);

/// More than a page is sorted for.
const LINKS: usize = 5_500;

type Holds<'a> = &'a dyn Fn(&Link) -> bool;

fn search(q: &str, sort: &str) -> LinkSearch {
    let query = SearchQuery::parse(q).unwrap();
    LinkSearch { query, tags: None, sort: SortOrder::parse(sort).unwrap() }
}

/// All pages.
fn walk(fixture: &Fixture, search: &LinkSearch) -> Vec<Link> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let found = fixture.page_of_links(OURS, search, 1000, after);
        all.extend(found.links);
        after = found.next;
        if after.is_none() {
            return all;
        }
    }
}

fn the_links_of_a_common_term_are_found_in_their_order(fixture: &Fixture) {
    let rows = ImportRows {
        names: vec![TagName::parse("odd".into()).unwrap()],
        links: (0..LINKS)
            .map(|number| {
                let host = if number % 10 == 0 { "other.example" } else { "www.example.org" };
                let mut link = row(number, &format!("https://{host}/{number}"));
                link.title =
                    Title::parse(&format!("Common {}", ["red", "blue", "green"][number % 3])).unwrap();
                link.names = if number % 2 == 1 { vec![0] } else { Vec::new() };
                // Not in the order of their ids, and some at the same time.
                let micros = i64::try_from((number * 7919) % LINKS / 2).unwrap();
                link.created_at = Timestamp::from_micros(1_600_000_000_000_000 + micros);
                link
            })
            .collect(),
        ..ImportRows::default()
    };
    fixture.import(Owner::own(SHARED), rows, false).unwrap();
    let mut expected = fixture.all_links(OURS);
    expected.sort_by_key(|link| (link.created_at, link.id));
    assert_eq!(expected.len(), LINKS);
    let is_odd = |link: &Link| link.url.ends_with(['1', '3', '5', '7', '9']);
    let title = |link: &Link, word: &str| link.title.as_ref().unwrap().ends_with(word);
    let on_site = |link: &Link| link.url.contains("example.org");
    let cases: [(&str, Holds<'_>); 5] = [
        ("\"common\"", &|_| true),
        ("\"common\" -\"red\" -tag:odd", &|link| !title(link, "red") && !is_odd(link)),
        ("\"common blue\" site:example.org", &|link| title(link, "blue") && on_site(link)),
        ("site:org", &on_site),
        ("\"common\" -tag:odd -site:www.example.org", &|link| !is_odd(link) && !on_site(link)),
    ];
    for (q, holds) in cases {
        let mut wanted: Vec<Link> = expected.iter().filter(|link| holds(link)).cloned().collect();
        assert!(!wanted.is_empty(), "{q}");
        assert_eq!(walk(fixture, &search(q, "created")), wanted, "{q}");
        wanted.reverse();
        assert_eq!(walk(fixture, &search(q, "-created")), wanted, "{q}");
    }
    let everybody = fixture.page_of_links(AccountScope::All, &search("\"common\"", "created"), 1000, None);
    assert_eq!(everybody.links, expected[..1000]);
}
