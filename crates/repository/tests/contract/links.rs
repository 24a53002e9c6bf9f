//! Links.

use taglink_domain::model::{
    AccountId, AccountScope, IdRef, Link, LinkId, LinkUrl, NewLink, Owner, TagId, TagName,
};
use taglink_domain::search::{LinkPlace, LinkSearch, TagFilter, TagPattern};
use taglink_domain::use_case::links::{self, CreateLink, CreateLinkError, TagChoice};

use crate::fixture::{Fixture, OURS, SHARED, links_by_pages};
use crate::on_every_database;

on_every_database!(
    a_link_is_found_by_its_id_in_its_scope,
    a_url_is_stored_once_per_account_as_first_sent,
    pages_follow_creation_then_id,
    a_page_may_begin_behind_a_place_that_no_link_has,
    links_of_a_tag_are_found_by_its_id_and_by_its_name,
    pages_of_a_tags_links_follow_the_links_order,
    a_link_needs_an_account_and_a_tag_that_are_there,
    only_a_link_of_the_account_is_locked,
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

/// Walks all pages of two links.
fn walk(fixture: &Fixture, scope: AccountScope, search: &LinkSearch) -> Vec<Link> {
    links_by_pages(fixture.store.as_ref(), scope, search, 2)
}

fn tagged(filters: impl IntoIterator<Item = TagFilter>) -> LinkSearch {
    LinkSearch { tags: Some(filters.into_iter().collect()), ..LinkSearch::default() }
}

fn named(name: &str) -> TagFilter {
    TagFilter::Pattern(TagPattern::parse(name).unwrap())
}

fn pages_follow_creation_then_id(fixture: &Fixture) {
    let accounts = [SHARED, fixture.other_account(), fixture.other_account()];
    let same_moment = fixture.later();
    let mut expected: Vec<Link> = (0..15)
        .map(|number| {
            let mut new = fixture.new_link(accounts[number % 3], &format!("https://example.com/{number}"));
            if number % 2 == 0 {
                new.created_at = same_moment;
            }
            fixture.write(move |uow| uow.find_or_create_link(&new)).unwrap()
        })
        .collect();
    expected.sort_by_key(|link| (link.account_id, link.created_at, link.id));
    let all = LinkSearch::default();
    assert_eq!(
        walk(fixture, AccountScope::All, &all),
        expected,
        "over all accounts, the account comes first"
    );
    for account in accounts {
        let own: Vec<_> = expected.iter().filter(|link| link.account_id == account).cloned().collect();
        assert_eq!(own.len(), 5);
        assert_eq!(walk(fixture, AccountScope::One(account), &all), own);
    }
}

fn a_page_may_begin_behind_a_place_that_no_link_has(fixture: &Fixture) {
    let links: Vec<Link> =
        (0..4).map(|number| fixture.link(SHARED, &format!("https://{number}.example"))).collect();
    let tag = fixture.tag(SHARED, "all");
    for link in &links {
        fixture.taglink(&tag, link);
    }
    for search in [LinkSearch::default(), tagged([TagFilter::Id(tag.id)]), tagged([named("all")])] {
        let first = fixture.page_of_links(OURS, &search, 2, None);
        assert_eq!(
            (&first.links[..], first.next.as_ref()),
            (&links[..2], Some(&LinkPlace::by_creation(&links[1])))
        );
        let gone = links[1].id;
        let deleted = fixture.write(move |uow| links::delete(uow, OURS, &gone.into()));
        assert!(deleted.is_ok());
        let second = fixture.page_of_links(OURS, &search, 2, first.next);
        assert_eq!((&second.links[..], second.next), (&links[2..], None));
        let again = fixture.new_link(SHARED, "https://1.example");
        let again =
            NewLink { id: gone, created_at: links[1].created_at, updated_at: links[1].updated_at, ..again };
        let pair = fixture.pair(&tag, &links[1]);
        fixture
            .write(move |uow| {
                uow.find_or_create_link(&again)?;
                uow.ensure_taglink(&pair)
            })
            .unwrap();
    }
    for scope in [OURS, AccountScope::All] {
        let last = Some(LinkPlace::by_creation(&links[3]));
        assert_eq!(fixture.page_of_links(scope, &LinkSearch::default(), 2, last).links, []);
    }
}

fn links_of_a_tag_are_found_by_its_id_and_by_its_name(fixture: &Fixture) {
    let other = fixture.other_account();
    let (tag, foreign_tag) = (fixture.tag(SHARED, "Rust"), fixture.tag(other, "rust"));
    let (tagged_link, foreign) =
        (fixture.link(SHARED, "https://a.example"), fixture.link(other, "https://a.example"));
    fixture.link(SHARED, "https://untagged.example");
    fixture.taglink(&tag, &tagged_link);
    fixture.taglink(&foreign_tag, &foreign);

    let by_id = tagged([TagFilter::Id(tag.id)]);
    let ids = |scope, search: &LinkSearch| -> Vec<_> {
        walk(fixture, scope, search).into_iter().map(|link| link.id).collect()
    };
    assert_eq!(ids(OURS, &by_id), [tagged_link.id]);
    assert_eq!(ids(AccountScope::All, &by_id), [tagged_link.id]);
    assert_eq!(ids(AccountScope::One(other), &by_id), []);
    for name in ["rust", "RUST "] {
        assert_eq!(ids(OURS, &tagged([named(name)])), [tagged_link.id]);
        assert_eq!(ids(AccountScope::All, &tagged([named(name)])), [tagged_link.id, foreign.id]);
    }
    for search in [tagged([]), tagged([named("rus")]), tagged([TagFilter::Id(TagId::new())])] {
        assert_eq!(ids(OURS, &search), []);
        assert_eq!(ids(AccountScope::All, &search), []);
    }
}

fn pages_of_a_tags_links_follow_the_links_order(fixture: &Fixture) {
    let other = fixture.other_account();
    let [ours, theirs] = [SHARED, other].map(|account| {
        let tags = ["all", "even"].map(|name| fixture.tag(account, name));
        let links: Vec<Link> =
            (0..5).map(|number| fixture.link(account, &format!("https://{number}.example"))).collect();
        for (number, link) in links.iter().enumerate().rev() {
            fixture.taglink(&tags[0], link);
            if number % 2 == 0 {
                fixture.taglink(&tags[1], link);
            }
        }
        (tags.map(|tag| tag.id), links)
    });
    for (scope, (ids, links)) in [(OURS, &ours), (AccountScope::One(other), &theirs)] {
        let [all, even] = ids.map(TagFilter::Id);
        assert_eq!(walk(fixture, scope, &tagged([all.clone()])), *links);
        assert_eq!(walk(fixture, scope, &tagged([named("all")])), *links);
        assert_eq!(walk(fixture, scope, &tagged([even, all])), *links, "one that carries both comes once");
    }
    let both = [&ours.1[..], &theirs.1[..]].concat();
    assert_eq!(walk(fixture, AccountScope::All, &tagged([named("all")])), both);
    assert_eq!(walk(fixture, AccountScope::All, &tagged([named("even"), named("all")])), both);
}

fn a_link_needs_an_account_and_a_tag_that_are_there(fixture: &Fixture) {
    let other = fixture.other_account();
    let (ours, theirs) = (fixture.tag(SHARED, "ours"), fixture.tag(other, "theirs"));
    let create = |owner: &Owner, tag: &TagChoice| {
        let command = CreateLink {
            owner: owner.clone(),
            url: LinkUrl::parse("https://example.com".into()).unwrap(),
            tag: tag.clone(),
            title: None,
            notes: None,
            created_at: None,
            at: fixture.later(),
        };
        let again = command.clone();
        let found = fixture.write(move |uow| links::create(uow, &command));
        let new = fixture.write(move |uow| links::create_new(uow, &again));
        (found, new)
    };
    let named = TagChoice::Named(TagName::parse("rust".into()).unwrap());
    let existing = TagChoice::Existing(ours.id.into());
    for nobody in [Owner::chosen(AccountId::new().into()), Owner::chosen(IdRef::new("blah".into()))] {
        for tag in [&named, &existing] {
            let (found, new) = create(&nobody, tag);
            assert!(matches!(found, Err(CreateLinkError::AccountNotFound(_))), "{found:?}");
            assert!(matches!(new, Err(CreateLinkError::AccountNotFound(_))), "{new:?}");
        }
    }
    for tag in [TagId::new().into(), theirs.id.into(), IdRef::new("blah".into())] {
        let (found, new) = create(&Owner::shared(), &TagChoice::Existing(tag));
        assert!(matches!(found, Err(CreateLinkError::TagNotFound { .. })), "{found:?}");
        assert!(matches!(new, Err(CreateLinkError::TagNotFound { .. })), "{new:?}");
    }
    assert_eq!([fixture.rows_of(SHARED), fixture.rows_of(other)], [[0, 1, 0]; 2]);
}

fn only_a_link_of_the_account_is_locked(fixture: &Fixture) {
    let other = fixture.other_account();
    let link = fixture.link(SHARED, "https://example.com");
    let id = link.id;
    let lock = |account, id| fixture.write(move |uow| uow.lock_link(account, id));
    assert_eq!(lock(SHARED, id), Ok(true));
    assert_eq!((lock(other, id), lock(SHARED, LinkId::new())), (Ok(false), Ok(false)));
    assert_eq!(fixture.read(move |uow| uow.link(OURS, id)), Some(link), "it is not changed by that");
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
