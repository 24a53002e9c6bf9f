//! Taglinks.

use taglink_domain::model::{AccountScope, LinkId, Page, TagId, TagLink, TagLinkPosition};
use taglink_domain::port::{Constraint, RepositoryError, Table, TagLinkFilter};
use taglink_domain::use_case::taglinks::{self, TagLinkQuery};

use crate::fixture::{Fixture, OURS, SHARED, page};
use crate::on_every_database;

on_every_database!(
    a_second_taglink_of_the_same_pair_is_a_conflict,
    ensuring_a_taglink_keeps_the_first,
    filters_agree_with_everything_given,
    pages_follow_the_account_then_the_tag_then_the_link,
    deleting_removes_what_matches_in_the_scope,
    a_filter_finds_the_same_in_all_accounts_as_in_its_own,
);

fn list(fixture: &Fixture, scope: AccountScope, filter: TagLinkFilter) -> Vec<TagLink> {
    fixture.read(move |uow| uow.taglinks(scope, filter, &page(100, None))).items
}

fn a_second_taglink_of_the_same_pair_is_a_conflict(fixture: &Fixture) {
    let (tag, link) = (fixture.tag(SHARED, "rust"), fixture.link(SHARED, "https://example.com"));
    let first = fixture.taglink(&tag, &link);
    let again = fixture.pair(&tag, &link);
    let refused = fixture.write(move |uow| uow.insert_taglink(&again));
    assert_eq!(refused, Err(RepositoryError::Conflict(Constraint::PrimaryKey(Table::TagLink))));
    assert_eq!(list(fixture, OURS, TagLinkFilter::default()), [first]);
}

fn ensuring_a_taglink_keeps_the_first(fixture: &Fixture) {
    let (tag, link) = (fixture.tag(SHARED, "rust"), fixture.link(SHARED, "https://example.com"));
    let first = fixture.taglink(&tag, &link);
    let again = fixture.pair(&tag, &link);
    fixture.write(move |uow| uow.ensure_taglink(&again)).unwrap();
    assert_eq!(list(fixture, OURS, TagLinkFilter::default()), [first]);
}

fn filters_agree_with_everything_given(fixture: &Fixture) {
    let tags = ["a", "b"].map(|name| fixture.tag(SHARED, name));
    let links = ["https://a.example", "https://b.example"].map(|url| fixture.link(SHARED, url));
    let all = [(0, 0), (0, 1), (1, 0)].map(|(tag, link)| fixture.taglink(&tags[tag], &links[link]));
    let of = |tag: Option<usize>, link: Option<usize>| TagLinkFilter {
        tag_id: tag.map(|tag| tags[tag].id),
        link_id: link.map(|link| links[link].id),
    };
    assert_eq!(list(fixture, OURS, of(None, None)), all);
    assert_eq!(list(fixture, OURS, of(Some(0), None)), all[..2]);
    assert_eq!(list(fixture, OURS, of(None, Some(0))), [all[0].clone(), all[2].clone()]);
    assert_eq!(list(fixture, OURS, of(Some(0), Some(1))), all[1..2]);
    assert_eq!(list(fixture, OURS, of(Some(1), Some(1))), []);
    assert_eq!(list(fixture, AccountScope::One(fixture.other_account()), of(None, None)), []);
}

/// Everything that agrees with a filter, read by pages.
fn walk(fixture: &Fixture, scope: AccountScope, filter: TagLinkFilter, limit: u16) -> Vec<TagLink> {
    let mut seen: Vec<TagLink> = Vec::new();
    loop {
        let after = seen.last().map(TagLinkPosition::from);
        let found: Page<TagLink> = fixture.read(move |uow| uow.taglinks(scope, filter, &page(limit, after)));
        assert!(found.items.len() <= usize::from(limit));
        seen.extend(found.items);
        if !found.has_more {
            return seen;
        }
    }
}

fn pages_follow_the_account_then_the_tag_then_the_link(fixture: &Fixture) {
    let other = fixture.other_account();
    let (moment, mut all) = (fixture.later(), Vec::new());
    for account in [other, SHARED] {
        let tags = ["a", "b", "c"].map(|name| fixture.tag(account, name));
        // Links are ordered by their creation times, and those created at the same time by their ids.
        let links = [0, 1, 0].map(|before| {
            let mut new = fixture.new_link(account, &format!("https://example.com/{}", LinkId::new()));
            if before == 0 {
                new.created_at = moment;
            }
            fixture.write(move |uow| uow.find_or_create_link(&new)).unwrap()
        });
        for tag in tags.iter().rev() {
            all.extend(links.iter().map(|link| fixture.taglink(tag, link)));
        }
    }
    all.sort_by_key(|taglink| TagLinkPosition::from(taglink));
    let (ours, theirs) = all.split_at(9);
    assert!(ours.iter().all(|taglink| taglink.account_id == SHARED));
    let everything = TagLinkFilter::default();
    for limit in [1, 2, 4, 6] {
        assert_eq!(walk(fixture, AccountScope::All, everything, limit), all, "in pages of {limit}");
        for (account, all) in [(SHARED, ours), (other, theirs)] {
            let scope = AccountScope::One(account);
            assert_eq!(walk(fixture, scope, everything, limit), all, "in pages of {limit}");
            let (tag, link) = (all[4].tag_id, all[4].link_id);
            for scope in [scope, AccountScope::All] {
                let filter = TagLinkFilter { tag_id: Some(tag), link_id: None };
                assert_eq!(walk(fixture, scope, filter, limit), all[3..6], "in pages of {limit}");
                let filter = TagLinkFilter { tag_id: None, link_id: Some(link) };
                let of_link = [all[1].clone(), all[4].clone(), all[7].clone()];
                assert_eq!(walk(fixture, scope, filter, limit), of_link, "in pages of {limit}");
                let filter = TagLinkFilter { tag_id: Some(tag), link_id: Some(link) };
                assert_eq!(walk(fixture, scope, filter, limit), all[4..5], "in pages of {limit}");
                let after = Some(TagLinkPosition::from(&all[4]));
                let behind = fixture.read(move |uow| uow.taglinks(scope, filter, &page(limit, after)));
                assert_eq!(behind, Page::empty(), "nothing comes after the only one");
            }
        }
    }
}

fn deleting_removes_what_matches_in_the_scope(fixture: &Fixture) {
    let other = fixture.other_account();
    let tags = ["a", "b"].map(|name| fixture.tag(SHARED, name));
    let link = fixture.link(SHARED, "https://example.com");
    let kept = fixture.taglink(&tags[0], &link);
    fixture.taglink(&tags[1], &link);
    let filter = TagLinkFilter { tag_id: Some(tags[1].id), link_id: None };
    let delete = |scope| fixture.write(move |uow| uow.delete_taglinks(scope, filter)).unwrap();
    assert_eq!(delete(AccountScope::One(other)), 0);
    assert_eq!(delete(OURS), 1);
    assert_eq!(delete(OURS), 0);
    assert_eq!(list(fixture, OURS, TagLinkFilter::default()), [kept]);
}

fn a_filter_finds_the_same_in_all_accounts_as_in_its_own(fixture: &Fixture) {
    let other = fixture.other_account();
    let [ours, foreign] = [SHARED, other].map(|account| {
        let tags = ["a", "b"].map(|name| fixture.tag(account, name));
        let links = ["https://a.example", "https://b.example"].map(|url| fixture.link(account, url));
        [(0, 0), (0, 1), (1, 0)].map(|(tag, link)| fixture.taglink(&tags[tag], &links[link]))
    });
    let find = |scope, tag_id: Option<TagId>, link_id: Option<LinkId>| {
        let query = TagLinkQuery { tag_id: tag_id.map(Into::into), link_id: link_id.map(Into::into) };
        fixture.read(move |uow| taglinks::list(uow, scope, &query, &page(9, None))).items
    };
    assert_eq!(find(AccountScope::All, None, None), [&ours[..], &foreign[..]].concat());
    for (scope, rows) in [(OURS, ours), (AccountScope::One(other), foreign)] {
        let (tag, link) = (rows[0].tag_id, rows[0].link_id);
        for scope in [AccountScope::All, scope] {
            assert_eq!(find(scope, Some(tag), None), rows[..2]);
            assert_eq!(find(scope, None, Some(link)), [rows[0].clone(), rows[2].clone()]);
            assert_eq!(find(scope, Some(rows[2].tag_id), Some(link)), rows[2..]);
            assert_eq!(find(scope, Some(TagId::new()), None), []);
            assert_eq!(find(scope, None, Some(LinkId::new())), []);
        }
    }
}
