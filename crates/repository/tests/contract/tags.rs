//! Tags.

use taglink_domain::model::{AccountId, AccountScope, IdRef, LinkId, Owner, Page, Tag, TagId, TagPosition};
use taglink_domain::port::{Constraint, RepositoryError};
use taglink_domain::use_case::tags::{self, CreateTag, CreateTagError};

use crate::fixture::{Fixture, OURS, SHARED, page};
use crate::on_every_database;

on_every_database!(
    a_tag_is_found_by_its_id_in_its_scope,
    a_second_tag_of_the_same_name_is_a_conflict,
    the_same_name_in_another_account_is_another_tag,
    finding_or_creating_gives_the_first,
    pages_follow_creation_and_can_be_narrowed_to_a_name,
    over_all_accounts_pages_follow_the_account_first,
    tags_with_ids_are_those_of_the_account,
    tags_of_links_are_read_in_one_go_in_the_order_of_tags,
    links_are_counted_by_tag,
    a_scope_has_the_tags_and_the_counts_of_its_own_links,
    a_tag_needs_an_account_that_is_there,
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

fn over_all_accounts_pages_follow_the_account_first(fixture: &Fixture) {
    let others = [fixture.other_account(), fixture.other_account()];
    let moment = fixture.later();
    let mut expected = Vec::new();
    for name in ["c", "a", "b", "d", "e"] {
        for account in [others[1], SHARED, others[0]] {
            let mut new = fixture.new_tag(account, name);
            if name < "c" {
                new.created_at = moment;
            }
            expected.push(fixture.write(move |uow| uow.insert_tag(&new)).unwrap());
        }
    }
    expected.sort_by_key(|tag| (tag.account_id, tag.created_at, tag.id));
    let of_one_name: Vec<_> = expected.iter().filter(|tag| tag.name == "a").cloned().collect();
    for limit in [1, 2, 4, 20] {
        for (key, expected) in [(None, &expected), (Some("a"), &of_one_name)] {
            let mut seen: Vec<Tag> = Vec::new();
            loop {
                let after = seen.last().map(TagPosition::from);
                let found = list(fixture, AccountScope::All, key, limit, after);
                seen.extend(found.items);
                if !found.has_more {
                    break;
                }
            }
            assert_eq!(&seen, expected, "in pages of {limit}");
        }
    }
}

fn tags_with_ids_are_those_of_the_account(fixture: &Fixture) {
    let other = fixture.other_account();
    let (ours, theirs) = (["a", "b", "c"].map(|name| fixture.tag(SHARED, name)), fixture.tag(other, "a"));
    let ids = [ours[2].id, theirs.id, TagId::new(), ours[0].id];
    let find = |account| {
        let mut found = fixture.read(move |uow| uow.tags_with_ids(account, &ids));
        found.sort_by_key(|tag| tag.id);
        found
    };
    assert_eq!(find(SHARED), [ours[0].clone(), ours[2].clone()]);
    assert_eq!(find(other), [theirs]);
    assert_eq!(fixture.read(|uow| uow.tags_with_ids(SHARED, &[])), []);
}

fn tags_of_links_are_read_in_one_go_in_the_order_of_tags(fixture: &Fixture) {
    let (b, a) = (fixture.tag(SHARED, "b"), fixture.tag(SHARED, "a"));
    let (first, second) =
        (fixture.link(SHARED, "https://example.com"), fixture.link(SHARED, "https://example.org"));
    let bare = fixture.link(SHARED, "https://example.net");
    fixture.taglink(&a, &first);
    fixture.taglink(&b, &first);
    fixture.taglink(&b, &second);
    let ids = [first.id, second.id, bare.id];
    let found = fixture.read(move |uow| uow.tags_of_links(OURS, &ids));
    let of = |id: LinkId| -> Vec<TagId> {
        found.iter().filter(|(link, _)| *link == id).map(|(_, tag)| tag.id).collect()
    };
    assert_eq!(of(first.id), [b.id, a.id]);
    assert_eq!(of(second.id), [b.id]);
    assert!(of(bare.id).is_empty());
    assert!(fixture.read(|uow| uow.tags_of_links(OURS, &[])).is_empty());
}

fn links_are_counted_by_tag(fixture: &Fixture) {
    let (a, b) = (fixture.tag(SHARED, "a"), fixture.tag(SHARED, "b"));
    for url in ["https://example.com", "https://example.org"] {
        fixture.taglink(&a, &fixture.link(SHARED, url));
    }
    let ids = [a.id, b.id];
    assert_eq!(fixture.read(move |uow| uow.count_links(OURS, &ids)), [(a.id, 2)]);
    assert!(fixture.read(|uow| uow.count_links(OURS, &[])).is_empty());
}

fn a_scope_has_the_tags_and_the_counts_of_its_own_links(fixture: &Fixture) {
    let other = fixture.other_account();
    let [ours, theirs] = [SHARED, other].map(|account| {
        let (tag, link) = (fixture.tag(account, "a"), fixture.link(account, "https://example.com"));
        fixture.taglink(&tag, &link);
        (tag, link.id)
    });
    let (links, tags) = ([ours.1, theirs.1], [ours.0.id, theirs.0.id]);
    for (scope, seen) in [
        (OURS, vec![&ours]),
        (AccountScope::One(other), vec![&theirs]),
        (AccountScope::All, vec![&ours, &theirs]),
    ] {
        let mut found = fixture.read(move |uow| uow.tags_of_links(scope, &links));
        found.sort_by_key(|(link, _)| *link);
        assert_eq!(found, seen.iter().map(|(tag, link)| (*link, tag.clone())).collect::<Vec<_>>());
        let mut counted = fixture.read(move |uow| uow.count_links(scope, &tags));
        counted.sort_unstable();
        assert_eq!(counted, seen.iter().map(|(tag, _)| (tag.id, 1)).collect::<Vec<_>>());
    }
}

fn a_tag_needs_an_account_that_is_there(fixture: &Fixture) {
    for owner in [Owner::chosen(AccountId::new().into()), Owner::chosen(IdRef::new("blah".into()))] {
        let command = CreateTag { owner, name: fixture.new_tag(SHARED, "rust").name, at: fixture.later() };
        let refused = fixture.write(move |uow| tags::create(uow, &command));
        assert!(matches!(refused, Err(CreateTagError::AccountNotFound(_))), "{refused:?}");
    }
    let command =
        CreateTag { owner: Owner::shared(), name: fixture.new_tag(SHARED, "rust").name, at: fixture.later() };
    assert!(fixture.write(move |uow| tags::create(uow, &command)).is_ok());
}

fn only_tags_of_the_scope_are_deleted(fixture: &Fixture) {
    let other = fixture.other_account();
    let id = fixture.tag(SHARED, "rust").id;
    let delete = |scope| fixture.write(move |uow| uow.delete_tag(scope, id)).unwrap();
    assert!(!delete(AccountScope::One(other)));
    assert!(delete(OURS));
    assert!(!delete(AccountScope::All));
}
