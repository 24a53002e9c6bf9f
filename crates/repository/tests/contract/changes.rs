//! The change feed: what is told of each change, and when there is none.

use taglink_domain::model::{
    AccountId, AccountScope, Change, ChangeSeq, Changed, IdRef, Limit, Link, Owner, TagName,
};
use taglink_domain::port::{RepositoryError, TagLinkFilter};
use taglink_domain::use_case::changes::{ReadChangesError, Start};
use taglink_domain::use_case::{links, taglinks, tags};
use taglink_repository::with_unit_of_work;

use crate::feed::{all, latest, numbers, read};
use crate::fixture::{Fixture, OURS, SHARED};
use crate::on_every_database;

on_every_database!(
    what_is_stored_is_told_with_its_rows_as_they_are,
    what_is_there_already_is_not_told_again,
    a_link_under_a_new_tag_is_told_in_one_go_the_taglink_last,
    a_removal_is_told_with_everything_that_hung_on_it,
    an_admin_changes_the_feed_of_the_account_that_owns_the_rows,
    what_changes_nothing_takes_no_number,
    what_was_stored_and_removed_in_one_go_is_told_as_gone,
    several_changes_of_one_row_that_nobody_has_read_are_one,
    a_row_that_is_there_again_is_told_once_more,
    changes_tell_how_things_are_now,
    an_id_that_another_account_has_taken_over_is_gone,
    an_account_that_is_removed_takes_its_changes_along,
    pages_begin_behind_a_number,
    an_account_that_there_is_not_has_no_changes,
    commands_are_told_as_well,
);

fn told(fixture: &Fixture) -> Vec<Changed> {
    now(all(fixture.store.as_ref(), SHARED))
}

fn now(changes: Vec<Change>) -> Vec<Changed> {
    changes.into_iter().map(|change| change.now).collect()
}

fn what_is_stored_is_told_with_its_rows_as_they_are(fixture: &Fixture) {
    let link = fixture.link(SHARED, "https://example.com");
    let tag = fixture.tag(SHARED, "rust");
    let taglink = fixture.taglink(&tag, &link);
    let changes = all(fixture.store.as_ref(), SHARED);
    assert_eq!(numbers(&changes), [1, 2, 3]);
    assert!(changes.is_sorted_by_key(|change| change.changed_at));
    assert_eq!(now(changes), [Changed::Link(link), Changed::Tag(tag), Changed::TagLink(taglink)]);
    assert_eq!(latest(fixture.store.as_ref(), SHARED), 3);
}

fn what_is_there_already_is_not_told_again(fixture: &Fixture) {
    let (link, tag) = (fixture.link(SHARED, "https://example.com"), fixture.tag(SHARED, "rust"));
    fixture.taglink(&tag, &link);
    let (link, tag, pair) = (
        fixture.new_link(SHARED, "https://example.com"),
        fixture.new_tag(SHARED, "rust"),
        fixture.pair(&tag, &link),
    );
    for _ in 0..3 {
        let (link, tag, pair) = (link.clone(), tag.clone(), pair.clone());
        fixture
            .write(move |uow| {
                uow.find_or_create_link(&link)?;
                uow.find_or_create_tag(&tag)?;
                uow.ensure_taglink(&pair)
            })
            .unwrap();
    }
    assert_eq!(told(fixture).len(), 3);
}

fn create_link(fixture: &Fixture, tag: &str) -> links::CreateLink {
    links::CreateLink {
        owner: Owner::shared(),
        url: fixture.new_link(SHARED, "https://example.com").url,
        tag: links::TagChoice::Named(fixture.new_tag(SHARED, tag).name),
        title: None,
        notes: None,
        created_at: None,
        at: fixture.later(),
    }
}

fn a_link_under_a_new_tag_is_told_in_one_go_the_taglink_last(fixture: &Fixture) {
    let command = create_link(fixture, "rust");
    fixture.write(move |uow| links::create(uow, &command)).unwrap();
    let changes = all(fixture.store.as_ref(), SHARED);
    assert!(changes.iter().all(|change| change.changed_at == changes[0].changed_at));
    assert!(
        matches!(now(changes)[..], [Changed::Tag(_), Changed::Link(_), Changed::TagLink(_)]),
        "what is tied comes first"
    );
}

fn a_removal_is_told_with_everything_that_hung_on_it(fixture: &Fixture) {
    let tags = ["a", "b"].map(|name| fixture.tag(SHARED, name));
    let links = ["https://a.example", "https://b.example"].map(|url| fixture.link(SHARED, url));
    for (tag, link) in [(0, 0), (0, 1), (1, 0)] {
        fixture.taglink(&tags[tag], &links[link]);
    }
    let before = latest(fixture.store.as_ref(), SHARED);
    let id = IdRef::from(tags[0].id);
    fixture.write(move |uow| tags::delete(uow, OURS, &id)).unwrap();
    let after =
        read(fixture.store.as_ref(), SHARED, Start::After(ChangeSeq::new(before).unwrap()), 9).unwrap();
    let mut gone = now(after.items);
    assert_eq!(gone.pop(), Some(Changed::TagGone(tags[0].id)), "the tag itself comes last");
    gone.sort_by_key(|change| matches!(change, Changed::TagLinkGone(_, link) if *link == links[1].id));
    assert_eq!(
        gone,
        [Changed::TagLinkGone(tags[0].id, links[0].id), Changed::TagLinkGone(tags[0].id, links[1].id)]
    );
}

fn an_admin_changes_the_feed_of_the_account_that_owns_the_rows(fixture: &Fixture) {
    let other = fixture.other_account();
    let (tag, link) = (fixture.tag(other, "rust"), fixture.link(other, "https://example.com"));
    fixture.taglink(&tag, &link);
    assert_eq!(latest(fixture.store.as_ref(), other), 3);
    fixture
        .write(move |uow| {
            uow.delete_taglinks(AccountScope::All, TagLinkFilter { tag_id: Some(tag.id), link_id: None })?;
            uow.delete_link(AccountScope::All, link.id)?;
            uow.delete_tag(AccountScope::All, tag.id)
        })
        .unwrap();
    assert_eq!(latest(fixture.store.as_ref(), SHARED), 0);
    let changes = all(fixture.store.as_ref(), other);
    assert_eq!(numbers(&changes), [1, 2, 3, 4, 5, 6]);
    assert_eq!(
        now(changes)[3..],
        [Changed::TagLinkGone(tag.id, link.id), Changed::LinkGone(link.id), Changed::TagGone(tag.id)]
    );
}

fn what_changes_nothing_takes_no_number(fixture: &Fixture) {
    let (tag, link) = (fixture.tag(SHARED, "rust"), fixture.link(SHARED, "https://example.com"));
    let taken = latest(fixture.store.as_ref(), SHARED);
    let other = fixture.other_account();
    let theirs = AccountScope::One(other);
    fixture
        .write(move |uow| {
            uow.tag(OURS, tag.id)?;
            uow.delete_taglinks(OURS, TagLinkFilter { tag_id: Some(tag.id), link_id: None })?;
            uow.delete_taglinks(AccountScope::All, TagLinkFilter { tag_id: None, link_id: Some(link.id) })?;
            uow.delete_tag(theirs, tag.id)?;
            uow.delete_link(theirs, link.id)
        })
        .unwrap();
    let again = fixture.new_tag(SHARED, "RUST");
    assert!(fixture.write(move |uow| uow.insert_tag(&again)).is_err());
    let (undone, second) = (fixture.new_tag(SHARED, "undone"), fixture.new_tag(SHARED, "rust"));
    let failed = fixture.write(move |uow| {
        uow.insert_tag(&undone)?;
        uow.insert_tag(&second)
    });
    assert!(failed.is_err());
    let query = taglinks::TagLinkQuery { tag_id: Some(IdRef::new("blah".into())), link_id: None };
    assert_eq!(fixture.write(move |uow| taglinks::delete(uow, OURS, &query)), Ok(0));
    assert_eq!(latest(fixture.store.as_ref(), SHARED), taken);
    assert_eq!(latest(fixture.store.as_ref(), other), 0);
    fixture.tag(SHARED, "next");
    assert_eq!(latest(fixture.store.as_ref(), SHARED), taken + 1, "what was undone left no gap");
}

fn what_was_stored_and_removed_in_one_go_is_told_as_gone(fixture: &Fixture) {
    let new = fixture.new_tag(SHARED, "rust");
    let id = new.id;
    fixture
        .write(move |uow| {
            uow.insert_tag(&new)?;
            uow.delete_tag(OURS, new.id)
        })
        .unwrap();
    assert_eq!(told(fixture), [Changed::TagGone(id)]);
}

fn several_changes_of_one_row_that_nobody_has_read_are_one(fixture: &Fixture) {
    let (tag, link) = (fixture.tag(SHARED, "rust"), fixture.link(SHARED, "https://example.com"));
    let pair = fixture.taglink(&tag, &link);
    let titled = Link { title: Some("Title".into()), ..link.clone() };
    assert_eq!(fixture.write(move |uow| uow.update_link(&titled, None)), Ok(true));
    let (name, at, old) = (TagName::parse("Rust".into()).unwrap(), fixture.later(), tag.clone());
    assert_eq!(fixture.write(move |uow| uow.rename_tag(&old, &name, at)), Ok(true));
    let changes = all(fixture.store.as_ref(), SHARED);
    assert_eq!(numbers(&changes), [1, 2, 3]);
    let [Changed::Tag(tag_now), Changed::Link(link_now), Changed::TagLink(pair_now)] = &now(changes)[..]
    else {
        panic!("they keep their places, so that what is tied comes first");
    };
    assert_eq!((tag_now.name.as_str(), link_now.title.as_deref(), pair_now), ("Rust", Some("Title"), &pair));

    let id = IdRef::from(tag.id);
    assert_eq!(fixture.write(move |uow| tags::delete(uow, OURS, &id)), Ok(true));
    let (renamed, at) = (link_now.clone(), fixture.later());
    let untitled = Link { title: None, updated_at: at, ..renamed };
    assert_eq!(fixture.write(move |uow| uow.update_link(&untitled, None)), Ok(true));
    let changes = all(fixture.store.as_ref(), SHARED);
    assert_eq!(numbers(&changes), (1..=6).collect::<Vec<_>>(), "a change after a read gets a new number");
    assert!(matches!(&now(changes)[3..], [Changed::TagLinkGone(..), Changed::TagGone(_), Changed::Link(_)]));
}

fn a_row_that_is_there_again_is_told_once_more(fixture: &Fixture) {
    let (tag, link) = (fixture.tag(SHARED, "rust"), fixture.link(SHARED, "https://example.com"));
    assert_eq!(latest(fixture.store.as_ref(), SHARED), 2);
    let (pair, filter) =
        (fixture.taglink(&tag, &link), TagLinkFilter { tag_id: Some(tag.id), link_id: Some(link.id) });
    assert_eq!(fixture.write(move |uow| uow.delete_taglinks(OURS, filter)), Ok(1));
    let again = fixture.taglink(&tag, &link);
    assert_ne!(pair, again);
    assert_eq!(told(fixture)[2..], [Changed::TagLink(again)], "it came, went and came between two looks");
    assert_eq!(fixture.write(move |uow| uow.delete_taglinks(OURS, filter)), Ok(1));
    let gone = Changed::TagLinkGone(tag.id, link.id);
    assert_eq!(told(fixture)[2..], [gone.clone(), gone]);
}

fn changes_tell_how_things_are_now(fixture: &Fixture) {
    let tag = fixture.tag(SHARED, "rust");
    fixture.sql(&format!("UPDATE tag SET name = 'Rust' WHERE tag_id = {}", fixture.id_sql(tag.id)));
    let [Changed::Tag(now)] = &told(fixture)[..] else { panic!("there is one change") };
    assert_eq!(now.name, "Rust");
    fixture.write(move |uow| uow.delete_tag(OURS, tag.id)).unwrap();
    assert_eq!(told(fixture), [Changed::TagGone(tag.id), Changed::TagGone(tag.id)]);
}

fn an_id_that_another_account_has_taken_over_is_gone(fixture: &Fixture) {
    let other = fixture.other_account();
    let (tag, link) = (fixture.tag(SHARED, "rust"), fixture.link(SHARED, "https://example.com"));
    assert_eq!(latest(fixture.store.as_ref(), SHARED), 2);
    fixture.write(move |uow| uow.delete_tag(OURS, tag.id)).unwrap();
    fixture.write(move |uow| uow.delete_link(OURS, link.id)).unwrap();
    let mut theirs = (fixture.new_tag(other, "theirs"), fixture.new_link(other, "https://theirs.example"));
    (theirs.0.id, theirs.1.id) = (tag.id, link.id);
    fixture
        .write(move |uow| {
            uow.insert_tag(&theirs.0)?;
            uow.find_or_create_link(&theirs.1)
        })
        .unwrap();
    let (tag, link) = (Changed::TagGone(tag.id), Changed::LinkGone(link.id));
    assert_eq!(told(fixture), [tag.clone(), link.clone(), tag, link]);
}

fn an_account_that_is_removed_takes_its_changes_along(fixture: &Fixture) {
    let account = fixture.other_account();
    let (tag, link) = (fixture.tag(account, "rust"), fixture.link(account, "https://example.com"));
    fixture.taglink(&tag, &link);
    fixture.tag(SHARED, "ours");
    assert_eq!(latest(fixture.store.as_ref(), account), 3);
    fixture.tag(account, "without a number");
    assert!(fixture.delete_account(AccountScope::All, account));
    assert_eq!(latest(fixture.store.as_ref(), account), 0);
    let expired = read(fixture.store.as_ref(), account, Start::After(ChangeSeq::new(3).unwrap()), 9);
    assert!(matches!(expired, Err(ReadChangesError::Expired)), "{expired:?}");
    assert_eq!(told(fixture).len(), 1, "ours stay");
}

fn pages_begin_behind_a_number(fixture: &Fixture) {
    let tags: Vec<_> =
        (0..7).map(|number| Changed::Tag(fixture.tag(SHARED, &format!("tag {number}")))).collect();
    let limit = Limit::parse("3").unwrap();
    assert_eq!(latest(fixture.store.as_ref(), SHARED), 7);
    for after in 0..9_usize {
        let seq = ChangeSeq::new(i64::try_from(after).unwrap()).unwrap();
        let found = fixture.read(move |uow| uow.changes(SHARED, seq, limit));
        let expected: Vec<_> = tags.iter().skip(after).take(3).cloned().collect();
        assert_eq!(now(found), expected, "after {after}");
    }
}

fn an_account_that_there_is_not_has_no_changes(fixture: &Fixture) {
    let nobody = AccountId::new();
    assert_eq!(fixture.read(move |uow| uow.latest_change(nobody)), ChangeSeq::START);
    assert_eq!(fixture.read(|uow| uow.latest_change(SHARED)), ChangeSeq::START);
    assert!(!fixture.read(move |uow| uow.has_pending_changes(nobody)));
    for start in [Start::Latest, Start::After(ChangeSeq::START)] {
        let found = read(fixture.store.as_ref(), nobody, start, 9).unwrap();
        assert!(found.items.is_empty() && found.last == ChangeSeq::START);
    }
}

fn commands_are_told_as_well(fixture: &Fixture) {
    let new = fixture.new_tag(SHARED, "rust");
    let id = new.id;
    with_unit_of_work(&fixture.database.url, |uow| uow.insert_tag(&new)).unwrap();
    let undone = fixture.new_tag(SHARED, "undone");
    let failed = with_unit_of_work(&fixture.database.url, |uow| {
        uow.insert_tag(&undone)?;
        Err::<(), _>(RepositoryError::Internal("on purpose".into()))
    });
    assert!(failed.is_err());
    assert!(matches!(&told(fixture)[..], [Changed::Tag(tag)] if tag.id == id));
}
