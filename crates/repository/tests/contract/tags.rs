//! Tags.

use taglink_domain::model::{AccountScope, Page, Tag, TagPosition};
use taglink_domain::port::{Constraint, RepositoryError};

use crate::fixture::{Fixture, OURS, SHARED, page};
use crate::on_every_database;

on_every_database!(
    a_tag_is_found_by_its_id_in_its_scope,
    a_second_tag_of_the_same_name_is_a_conflict,
    the_same_name_in_another_account_is_another_tag,
    finding_or_creating_gives_the_first,
    pages_follow_creation_and_can_be_narrowed_to_a_name,
    only_tags_of_the_scope_are_deleted,
);

fn a_tag_is_found_by_its_id_in_its_scope(fixture: &Fixture) {
    let other = fixture.other_account();
    let tag = fixture.tag(SHARED, "rust");
    let id = tag.id;
    for (scope, seen) in [(AccountScope::All, true), (OURS, true), (AccountScope::One(other), false)] {
        assert_eq!(fixture.read(move |uow| uow.tag(scope, id)), seen.then(|| tag.clone()), "{scope:?}");
    }
}

fn a_second_tag_of_the_same_name_is_a_conflict(fixture: &Fixture) {
    fixture.tag(SHARED, "Rust");
    let again = fixture.new_tag(SHARED, " rUST ");
    let refused = fixture.write(move |uow| uow.insert_tag(&again));
    assert_eq!(refused, Err(RepositoryError::Conflict(Constraint::TagName)));
}

fn the_same_name_in_another_account_is_another_tag(fixture: &Fixture) {
    let other = fixture.other_account();
    assert_ne!(fixture.tag(SHARED, "rust").id, fixture.tag(other, "rust").id);
}

fn finding_or_creating_gives_the_first(fixture: &Fixture) {
    let create = |name| {
        let new = fixture.new_tag(SHARED, name);
        fixture.write(move |uow| uow.find_or_create_tag(&new)).unwrap()
    };
    let first = create("Café");
    assert_eq!(first.name, "Café");
    assert_eq!(create("CAFE\u{301} "), first);
    assert_ne!(create("cafe"), first);
}

fn list(
    fixture: &Fixture,
    scope: AccountScope,
    key: Option<&str>,
    limit: u16,
    after: Option<TagPosition>,
) -> Page<Tag> {
    let key = key.map(str::to_owned);
    fixture.read(move |uow| uow.tags(scope, key.as_deref(), &page(limit, after)))
}

fn pages_follow_creation_and_can_be_narrowed_to_a_name(fixture: &Fixture) {
    let other = fixture.other_account();
    let tags: Vec<_> = ["c", "A", "b"].map(|name| fixture.tag(SHARED, name)).into();
    let foreign = fixture.tag(other, "a");
    let first = list(fixture, OURS, None, 2, None);
    assert_eq!((&first.items[..], first.has_more), (&tags[..2], true));
    let second = list(fixture, OURS, None, 2, first.items.last().map(TagPosition::from));
    assert_eq!((&second.items[..], second.has_more), (&tags[2..], false));
    assert_eq!(list(fixture, OURS, Some("a"), 9, None).items, [tags[1].clone()]);
    assert_eq!(list(fixture, AccountScope::All, Some("a"), 9, None).items, [tags[1].clone(), foreign]);
    assert_eq!(list(fixture, OURS, Some("A"), 9, None).items, [], "the key is compared by its bytes");
}

fn only_tags_of_the_scope_are_deleted(fixture: &Fixture) {
    let other = fixture.other_account();
    let id = fixture.tag(SHARED, "rust").id;
    let delete = |scope| fixture.write(move |uow| uow.delete_tag(scope, id)).unwrap();
    assert!(!delete(AccountScope::One(other)));
    assert!(delete(OURS));
    assert!(!delete(AccountScope::All));
}
