//! Exporting page by page, and that what is imported again is the same.

use taglink_domain::model::{AccountId, AccountScope, LinkUrl, Notes, Owner, PageRequest, TagName, Title};
use taglink_domain::port::TagLinkFilter;
use taglink_domain::search::{LinkSearch, SearchQuery};
use taglink_domain::use_case::export::{self, LinkSource, TaggedLink};
use taglink_domain::use_case::import::{ImportLink, ImportRows, ImportTag, ImportTagging};

use crate::fixture::{Fixture, SHARED, page};
use crate::importing::row;
use crate::on_every_database;

on_every_database!(
    every_link_is_exported_once_and_in_order,
    links_that_match_are_exported_alone,
    what_was_exported_is_imported_as_the_same,
    the_account_must_be_there,
);

fn exported(fixture: &Fixture, source: &LinkSource) -> Vec<TaggedLink> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let (source, place) = (source.clone(), after);
        let (links, next) = fixture.snapshot(move |uow| export::tagged_links(uow, &source, place.as_ref()));
        all.extend(links);
        match next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

fn everything_of(account: AccountId) -> LinkSource {
    let source = LinkSource { account, search: LinkSearch::default() };
    assert!(source.is_everything());
    source
}

fn fill(fixture: &Fixture, account: AccountId, links: usize) {
    for number in 0..links {
        let mut new = fixture.new_link(account, &format!("https://example.org/{number}"));
        new.title = Title::parse(&format!("Title {number}")).unwrap();
        new.notes = Notes::parse(" notes\n".into()).unwrap();
        new.updated_at = fixture.later();
        let link = fixture.write(move |uow| uow.find_or_create_link(&new)).unwrap();
        for name in ["all", if number % 2 == 0 { "even" } else { "odd" }] {
            let new = fixture.new_tag(account, name);
            let tag = fixture.write(move |uow| uow.find_or_create_tag(&new)).unwrap();
            fixture.taglink(&tag, &link);
        }
    }
    fixture.tag(account, "unused");
}

fn every_link_is_exported_once_and_in_order(fixture: &Fixture) {
    let other = fixture.other_account();
    fill(fixture, other, 1);
    fill(fixture, SHARED, 260);
    let links = exported(fixture, &everything_of(SHARED));
    assert_eq!(links.len(), 260);
    assert!(links.is_sorted_by_key(|link| (link.link.created_at, link.link.id)));
    let names = |link: &TaggedLink| link.tags.iter().map(|(tag, _)| tag.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&links[259]), ["all", "odd"]);
    assert!(links.iter().all(|link| link.tags.iter().all(|(_, since)| *since > link.link.created_at)));
}

fn links_that_match_are_exported_alone(fixture: &Fixture) {
    fill(fixture, SHARED, 10);
    for (wanted, count) in [("tag:odd", 5), ("tag:all -tag:odd", 5), ("tag:unused", 0), ("title", 10)] {
        let search = LinkSearch { query: SearchQuery::parse(wanted).unwrap(), ..LinkSearch::default() };
        let found = exported(fixture, &LinkSource { account: SHARED, search });
        assert_eq!(found.len(), count, "{wanted:?}");
        assert!(found.is_sorted_by_key(|link| (link.link.created_at, link.link.id)));
    }
}

fn what_was_exported_is_imported_as_the_same(fixture: &Fixture) {
    let account = fixture.other_account();
    fill(fixture, account, 300);
    let scope = AccountScope::One(account);
    let state = || {
        fixture.snapshot(move |uow| {
            Ok((
                uow.search_links(scope, &LinkSearch::default(), &page(1000, None))?.links,
                uow.tags(scope, None, &PageRequest::default())?.items,
                uow.taglinks(scope, TagLinkFilter::default(), &page(1000, None))?.items,
            ))
        })
    };
    let before = state();
    let links = exported(fixture, &everything_of(account));
    let tags = fixture.read(move |uow| export::tags(uow, account, None)).items;
    let rows = ImportRows {
        tags: tags
            .iter()
            .map(|tag| ImportTag {
                row: 1,
                id: tag.id,
                name: TagName::parse(tag.name.clone()).unwrap(),
                created_at: tag.created_at,
                updated_at: tag.updated_at,
            })
            .collect(),
        links: links
            .iter()
            .map(|TaggedLink { link, tags }| ImportLink {
                id: Some(link.id),
                url: LinkUrl::parse(link.url.clone()).unwrap(),
                title: link.title.as_deref().and_then(|title| Title::parse(title).unwrap()),
                notes: link.notes.clone().and_then(|notes| Notes::parse(notes).unwrap()),
                taggings: tags
                    .iter()
                    .map(|(tag, since)| ImportTagging { tag_id: tag.id, created_at: *since })
                    .collect(),
                created_at: Some(link.created_at),
                updated_at: Some(link.updated_at),
                ..row(1, &link.url)
            })
            .collect(),
        ..ImportRows::default()
    };
    fixture.write(move |uow| uow.delete_rows_of_account(account)).unwrap();
    assert_eq!(fixture.rows_of(account), [0, 0, 0]);
    let report = fixture.import(Owner::own(account), rows, false).unwrap();
    assert_eq!((report.created, report.tags_created, report.problems.len()), (300, 4, 0));
    assert_eq!(state(), before);
}

fn the_account_must_be_there(fixture: &Fixture) {
    let gone = Owner::chosen(AccountId::new().into());
    assert_eq!(fixture.read(move |uow| export::account(uow, &gone)), None);
    assert_eq!(fixture.read(|uow| export::account(uow, &Owner::shared())), Some(SHARED));
}
