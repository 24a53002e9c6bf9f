//! Links.

use taglink_domain::model::{AccountScope, Link, LinkId, LinkPosition, Page};
use taglink_domain::port::{LinkFilter, TagSelector};

use crate::fixture::{Fixture, OURS, SHARED, page};
use crate::on_every_database;

on_every_database!(
    a_link_is_found_by_its_id_in_its_scope,
    a_url_is_stored_once_per_account_as_first_sent,
    pages_follow_creation_then_id,
    links_of_a_tag_are_found_by_its_id_and_by_its_name,
    pages_of_a_tags_links_follow_the_links_order,
    only_links_of_the_scope_are_deleted,
);

fn a_link_is_found_by_its_id_in_its_scope(fixture: &Fixture) {
    let other = fixture.other_account();
    let link = fixture.link(SHARED, "https://example.com/a");
    let id = link.id;
    for (scope, seen) in [(AccountScope::All, true), (OURS, true), (AccountScope::One(other), false)] {
        assert_eq!(fixture.read(move |uow| uow.link(scope, id)), seen.then(|| link.clone()), "{scope:?}");
    }
    assert_eq!(fixture.read(|uow| uow.link(AccountScope::All, LinkId::new())), None);
}

fn a_url_is_stored_once_per_account_as_first_sent(fixture: &Fixture) {
    let other = fixture.other_account();
    let first = fixture.link(SHARED, "HTTP://Example.com:80");
    assert_eq!(fixture.link(SHARED, "http://example.com/"), first);
    assert_eq!(first.url, "HTTP://Example.com:80");
    assert_ne!(fixture.link(other, "http://example.com/").id, first.id);
    assert_ne!(fixture.link(SHARED, "http://example.com/#part").id, first.id);
}

fn list(
    fixture: &Fixture,
    scope: AccountScope,
    filter: LinkFilter,
    limit: u16,
    after: Option<LinkPosition>,
) -> Page<Link> {
    fixture.read(move |uow| uow.links(scope, &filter, &page(limit, after)))
}

/// Walks all pages of two rows, checks that each says rightly whether more follow, and returns the rows.
fn walk(fixture: &Fixture, scope: AccountScope, filter: &LinkFilter) -> Vec<Link> {
    let mut seen: Vec<Link> = Vec::new();
    loop {
        let after = seen.last().map(LinkPosition::from);
        let found = list(fixture, scope, filter.clone(), 2, after);
        assert!(found.items.len() <= 2);
        seen.extend(found.items);
        if !found.has_more {
            return seen;
        }
    }
}

fn pages_follow_creation_then_id(fixture: &Fixture) {
    let other = fixture.other_account();
    let same_moment = fixture.later();
    let mut expected: Vec<Link> = (0..5)
        .map(|number| {
            let mut new = fixture.new_link(SHARED, &format!("https://example.com/{number}"));
            if number % 2 == 0 {
                new.created_at = same_moment;
            }
            fixture.write(move |uow| uow.find_or_create_link(&new)).unwrap()
        })
        .collect();
    let foreign = fixture.link(other, "https://example.com/0");
    expected.sort_by_key(|link| (link.created_at, link.id));
    assert_eq!(walk(fixture, OURS, &LinkFilter::All), expected);
    expected.push(foreign);
    assert_eq!(walk(fixture, AccountScope::All, &LinkFilter::All), expected);
}

fn links_of_a_tag_are_found_by_its_id_and_by_its_name(fixture: &Fixture) {
    let other = fixture.other_account();
    let (tag, foreign_tag) = (fixture.tag(SHARED, "Rust"), fixture.tag(other, "rust"));
    let (tagged, foreign) =
        (fixture.link(SHARED, "https://a.example"), fixture.link(other, "https://a.example"));
    fixture.link(SHARED, "https://untagged.example");
    fixture.taglink(&tag, &tagged);
    fixture.taglink(&foreign_tag, &foreign);

    let by_id = LinkFilter::Tagged(TagSelector::Id(tag.id));
    let by_name = LinkFilter::Tagged(TagSelector::NameKey("rust".into()));
    let unknown = LinkFilter::Tagged(TagSelector::NameKey("Rust".into()));
    let ids = |scope, filter: &LinkFilter| -> Vec<_> {
        list(fixture, scope, filter.clone(), 10, None).items.into_iter().map(|link| link.id).collect()
    };
    assert_eq!(ids(OURS, &by_id), [tagged.id]);
    assert_eq!(ids(OURS, &by_name), [tagged.id]);
    assert_eq!(ids(AccountScope::All, &by_name), [tagged.id, foreign.id]);
    assert_eq!(ids(AccountScope::One(other), &by_id), []);
    assert_eq!(ids(OURS, &unknown), [], "the key is compared by its bytes");
}

fn pages_of_a_tags_links_follow_the_links_order(fixture: &Fixture) {
    let tag = fixture.tag(SHARED, "all");
    let links: Vec<Link> =
        (0..5).map(|number| fixture.link(SHARED, &format!("https://{number}.example"))).collect();
    for link in links.iter().rev() {
        fixture.taglink(&tag, link);
    }
    assert_eq!(walk(fixture, OURS, &LinkFilter::Tagged(TagSelector::Id(tag.id))), links);
    assert_eq!(walk(fixture, OURS, &LinkFilter::Tagged(TagSelector::NameKey("all".into()))), links);
}

fn only_links_of_the_scope_are_deleted(fixture: &Fixture) {
    let other = fixture.other_account();
    let id = fixture.link(SHARED, "https://example.com").id;
    let delete = |scope| fixture.write(move |uow| uow.delete_link(scope, id)).unwrap();
    assert!(!delete(AccountScope::One(other)));
    assert!(delete(OURS));
    assert!(!delete(AccountScope::All));
    assert_eq!(fixture.read(move |uow| uow.link(AccountScope::All, id)), None);
}
