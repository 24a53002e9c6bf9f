//! Removing the tags that no link carries.

use taglink_domain::model::{AccountScope, Link, Owner};
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::taglinks::{self, CreateTagLink, CreateTagLinkError};
use taglink_domain::use_case::tags;

use crate::fixture::{Fixture, OURS, SHARED, at_once, failure_of, page};
use crate::on_every_database;

on_every_database!(
    unused_tags_follow_their_accounts_and_ids,
    unused_tags_of_the_scope_are_removed,
    a_tag_that_is_on_a_link_is_not_removed,
    a_tag_that_gets_a_link_meanwhile_stays,
);

fn unused_tags_follow_their_accounts_and_ids(fixture: &Fixture) {
    let other = fixture.other_account();
    let used = fixture.tag(SHARED, "used");
    fixture.taglink(&used, &fixture.link(SHARED, "https://example.com"));
    let foreign = [(other, fixture.tag(other, "foreign").id)];
    let mut ours = ["a", "b", "c"].map(|name| (SHARED, fixture.tag(SHARED, name).id));
    ours.sort_unstable();
    let find = |scope, after, most| fixture.read(move |uow| uow.unused_tags(scope, after, most));
    assert_eq!(find(OURS, None, 9), ours);
    assert_eq!(find(OURS, None, 2), ours[..2]);
    assert_eq!(find(OURS, Some(ours[1]), 2), ours[2..]);
    assert!(SHARED < other && foreign[0].1 < ours[0].1, "the account comes first");
    let all = [&ours[..], &foreign].concat();
    assert_eq!(find(AccountScope::All, None, 9), all);
    for at in 0..all.len() {
        assert_eq!(
            find(AccountScope::All, Some(all[at]), 2),
            all[at + 1..].iter().take(2).copied().collect::<Vec<_>>()
        );
    }
    assert_eq!(find(AccountScope::One(other), Some(ours[0]), 9), foreign, "also after a place before it");
}

fn unused_tags_of_the_scope_are_removed(fixture: &Fixture) {
    let other = fixture.other_account();
    let used = fixture.tag(SHARED, "used");
    fixture.taglink(&used, &fixture.link(SHARED, "https://example.com"));
    let many: Vec<_> = (0..1003).map(|number| fixture.new_tag(SHARED, &number.to_string())).collect();
    fixture.write(move |uow| many.iter().try_for_each(|tag| uow.insert_tag(tag).map(drop))).unwrap();
    fixture.tag(other, "foreign");
    let remove = |scope| fixture.write(move |uow| tags::delete_unused(uow, scope)).unwrap();
    assert_eq!(remove(OURS), 1003);
    assert_eq!(fixture.read(|uow| uow.tags(OURS, None, &page(9, None))).items, [used]);
    assert_eq!(remove(AccountScope::All), 1);
    assert_eq!(remove(AccountScope::All), 0);
}

fn a_tag_that_is_on_a_link_is_not_removed(fixture: &Fixture) {
    let (used, unused) = (fixture.tag(SHARED, "used"), fixture.tag(SHARED, "unused"));
    fixture.taglink(&used, &fixture.link(SHARED, "https://example.com"));
    let tags = [(SHARED, used.id), (SHARED, unused.id)];
    let failure = failure_of(fixture.store.as_ref(), move |uow| uow.delete_tags(&tags));
    assert!(matches!(failure, RepositoryError::MissingReference(_)), "{failure:?}");
    assert_eq!(fixture.rows_of(SHARED), [1, 2, 1]);
}

fn a_tag_that_gets_a_link_meanwhile_stays(fixture: &Fixture) {
    const CLIENTS: usize = 40;
    for round in 0..4 {
        let tags: Vec<_> =
            (0..CLIENTS).map(|number| fixture.tag(SHARED, &format!("{round} {number}"))).collect();
        let link: Link = fixture.link(SHARED, &format!("https://example.com/{round}"));
        let results = at_once(CLIENTS, |number| -> Result<bool, String> {
            if number % 10 == 0 {
                return match fixture.write(move |uow| tags::delete_unused(uow, OURS)) {
                    Ok(_) | Err(RepositoryError::Busy(_)) => Ok(false),
                    Err(odd) => Err(odd.to_string()),
                };
            }
            let command = CreateTagLink {
                owner: Owner::shared(),
                tag_id: tags[number].id.into(),
                link_id: link.id.into(),
                at: fixture.later(),
            };
            match fixture.write(move |uow| taglinks::create(uow, &command)) {
                Ok(_) => Ok(true),
                Err(
                    CreateTagLinkError::TagNotFound { .. }
                    | CreateTagLinkError::Repository(RepositoryError::Busy(_)),
                ) => Ok(false),
                Err(odd) => Err(odd.to_string()),
            }
        });
        for (tag, result) in tags.iter().zip(results) {
            let id = tag.id;
            if result.unwrap() {
                assert!(fixture.read(move |uow| uow.tag(OURS, id)).is_some(), "{tag:?} was put on a link");
            }
        }
    }
}
