//! Changing links and tags that are there, and the tags of a link as a set.

use std::sync::Arc;
use std::thread;

use taglink_domain::model::{
    AccountId, AccountScope, Edit, Expected, IdRef, Link, LinkChange, LinkId, LinkUrl, Notes, Tag, TagId,
    TagName, Title,
};
use taglink_domain::port::{Constraint, RepositoryError};
use taglink_domain::use_case::editing::{self, EditError};
use taglink_domain::use_case::link_tags::{self, SetTagsError};
use taglink_domain::use_case::links::TagChoice;

use crate::fixture::{Fixture, OURS, SHARED};
use crate::on_every_database;

on_every_database!(
    a_changed_link_is_what_is_read_and_counts_its_version,
    a_link_of_another_version_is_not_updated,
    a_url_that_the_account_has_is_a_conflict,
    a_renamed_tag_is_found_by_its_new_name_alone,
    a_tag_cannot_take_the_name_of_another,
    a_change_that_changes_nothing_leaves_the_version,
    a_change_is_refused_if_the_row_is_not_as_expected,
    of_many_who_expect_the_same_version_one_changes_the_link,
    setting_tags_makes_them_exactly_these,
    setting_tags_with_an_unknown_id_changes_nothing,
    the_version_of_tags_tells_names_and_membership,
    another_accounts_rows_cannot_be_edited,
);

fn titled(title: &str) -> LinkChange {
    LinkChange { title: Edit::to(Title::parse(title).unwrap()), ..LinkChange::default() }
}

fn link_now(fixture: &Fixture, id: LinkId) -> Link {
    fixture.read(move |uow| uow.link(OURS, id)).unwrap()
}

fn named(name: &str) -> TagChoice {
    TagChoice::Named(TagName::parse(name.into()).unwrap())
}

fn set_tags(fixture: &Fixture, link: LinkId, choices: Vec<TagChoice>) -> Result<Vec<Tag>, SetTagsError> {
    let at = fixture.later();
    let id: IdRef<LinkId> = link.into();
    fixture
        .write(move |uow| link_tags::set(uow, OURS, &id, &choices, &Expected::Anything, at))
        .map(|(_, tags)| tags)
}

fn names(tags: &[Tag]) -> Vec<&str> {
    tags.iter().map(|tag| tag.name.as_str()).collect()
}

fn a_changed_link_is_what_is_read_and_counts_its_version(fixture: &Fixture) {
    let link = fixture.link(SHARED, "https://example.com");
    assert_eq!((link.version, link.title.as_deref(), link.notes.as_deref()), (1, None, None));
    let (id, at): (IdRef<LinkId>, _) = (link.id.into(), fixture.later());
    let change = LinkChange {
        url: Some(LinkUrl::parse("https://example.org/🍣".into()).unwrap()),
        title: Edit::to(Title::parse("Title 🍣").unwrap()),
        notes: Edit::to(Notes::parse("Notes\n".into()).unwrap()),
    };
    let changed = fixture
        .write(move |uow| editing::change_link(uow, OURS, &id, &change, &Expected::Anything, at))
        .unwrap();
    assert_eq!(changed, link_now(fixture, link.id));
    assert_eq!(changed.url, "https://example.org/🍣");
    assert_eq!(changed.title.as_deref(), Some("Title 🍣"));
    assert_eq!(changed.notes.as_deref(), Some("Notes\n"));
    assert_eq!((changed.version, changed.created_at, changed.updated_at), (2, link.created_at, at));
    let again = fixture.link(SHARED, "https://EXAMPLE.org/🍣");
    assert_eq!(again.id, link.id, "the new URL is the one that counts");
    assert_ne!(fixture.link(SHARED, "https://example.com").id, link.id, "and the old one is free");

    let (id, at): (IdRef<LinkId>, _) = (link.id.into(), fixture.later());
    let change = LinkChange { title: Edit::Clear, ..LinkChange::default() };
    let cleared = fixture
        .write(move |uow| editing::change_link(uow, OURS, &id, &change, &Expected::Anything, at))
        .unwrap();
    assert_eq!((cleared.title, cleared.notes.as_deref(), cleared.version), (None, Some("Notes\n"), 3));
}

fn a_link_of_another_version_is_not_updated(fixture: &Fixture) {
    let link = fixture.link(SHARED, "https://example.com");
    let stale = Link { version: 7, title: Some("stale".into()), ..link.clone() };
    assert_eq!(fixture.write(move |uow| uow.update_link(&stale, None)), Ok(false));
    assert_eq!(link_now(fixture, link.id), link);
}

fn a_url_that_the_account_has_is_a_conflict(fixture: &Fixture) {
    let (first, second) =
        (fixture.link(SHARED, "https://example.com"), fixture.link(SHARED, "https://example.org"));
    let url = LinkUrl::parse("https://EXAMPLE.com/".into()).unwrap();
    let wish = second.clone();
    let met = fixture.write(move |uow| uow.update_link(&wish, Some(&url)));
    assert_eq!(met, Err(RepositoryError::Conflict(Constraint::LinkUrl)));

    let (id, at): (IdRef<LinkId>, _) = (second.id.into(), fixture.later());
    let url = Some(LinkUrl::parse("https://EXAMPLE.com/".into()).unwrap());
    let change = LinkChange { url, ..LinkChange::default() };
    let told =
        fixture.write(move |uow| editing::change_link(uow, OURS, &id, &change, &Expected::Anything, at));
    assert!(matches!(told, Err(EditError::UrlTaken(url)) if url == "https://EXAMPLE.com/"));
    assert_eq!((link_now(fixture, first.id), link_now(fixture, second.id)), (first, second));
}

fn a_renamed_tag_is_found_by_its_new_name_alone(fixture: &Fixture) {
    let tag = fixture.tag(SHARED, "Rust");
    let (id, at): (IdRef<TagId>, _) = (tag.id.into(), fixture.later());
    let name = TagName::parse("Cafe\u{301}".into()).unwrap();
    let renamed = fixture
        .write(move |uow| editing::rename_tag(uow, OURS, &id, &name, &Expected::Anything, at))
        .unwrap();
    assert_eq!((renamed.name.as_str(), renamed.version, renamed.updated_at), ("Café", 2, at));
    assert_eq!(renamed.created_at, tag.created_at);
    let by_key = |key: &'static str| {
        fixture
            .read(move |uow| uow.tags(OURS, Some(key), &taglink_domain::model::PageRequest::default()))
            .items
    };
    assert_eq!(by_key("café"), [renamed]);
    assert_eq!(by_key("rust"), []);
}

fn a_tag_cannot_take_the_name_of_another(fixture: &Fixture) {
    let (rust, _go) = (fixture.tag(SHARED, "rust"), fixture.tag(SHARED, "go"));
    let (id, at): (IdRef<TagId>, _) = (rust.id.into(), fixture.later());
    let name = TagName::parse("GO".into()).unwrap();
    let met = fixture.write(move |uow| editing::rename_tag(uow, OURS, &id, &name, &Expected::Anything, at));
    assert!(matches!(met, Err(EditError::NameTaken(name)) if name.as_sent() == "GO"));

    let (id, at): (IdRef<TagId>, _) = (rust.id.into(), fixture.later());
    let name = TagName::parse("RUST".into()).unwrap();
    let respelt = fixture
        .write(move |uow| editing::rename_tag(uow, OURS, &id, &name, &Expected::Anything, at))
        .unwrap();
    assert_eq!(
        (respelt.name.as_str(), respelt.version),
        ("RUST", 2),
        "its own name in other letters is free"
    );
}

fn a_change_that_changes_nothing_leaves_the_version(fixture: &Fixture) {
    let link = fixture.link(SHARED, "https://example.com");
    let (id, at): (IdRef<LinkId>, _) = (link.id.into(), fixture.later());
    let change = LinkChange { title: Edit::Clear, ..LinkChange::default() };
    let same = fixture
        .write(move |uow| editing::change_link(uow, OURS, &id, &change, &Expected::Anything, at))
        .unwrap();
    assert_eq!(same, link);
    assert_eq!(link_now(fixture, link.id), link);
}

fn a_change_is_refused_if_the_row_is_not_as_expected(fixture: &Fixture) {
    let (link, tag) = (fixture.link(SHARED, "https://example.com"), fixture.tag(SHARED, "rust"));
    let (link_id, tag_id): (IdRef<LinkId>, IdRef<TagId>) = (link.id.into(), tag.id.into());
    for versions in [vec![], vec!["2".to_owned()], vec!["0".into(), "01".into()]] {
        let (expected, id, at) = (Expected::Versions(versions.clone()), link_id.clone(), fixture.later());
        let met = fixture.write(move |uow| editing::change_link(uow, OURS, &id, &titled("x"), &expected, at));
        assert!(matches!(met, Err(EditError::Changed)), "{versions:?}");
        let (expected, id) = (Expected::Versions(versions.clone()), link_id.clone());
        let met = fixture.write(move |uow| editing::delete_link(uow, OURS, &id, &expected));
        assert!(matches!(met, Err(EditError::Changed)), "{versions:?}");
        let (expected, id) = (Expected::Versions(versions), tag_id.clone());
        let met = fixture.write(move |uow| editing::delete_tag(uow, OURS, &id, &expected));
        assert!(matches!(met, Err(EditError::Changed)));
    }
    let expected = Expected::Versions(vec!["9".into(), "1".into()]);
    let (id, wish) = (link_id, expected.clone());
    assert!(fixture.write(move |uow| editing::delete_link(uow, OURS, &id, &wish)).unwrap());
    assert!(fixture.write(move |uow| editing::delete_tag(uow, OURS, &tag_id, &expected)).unwrap());
}

fn of_many_who_expect_the_same_version_one_changes_the_link(fixture: &Fixture) {
    const CLIENTS: usize = 8;
    let link = fixture.link(SHARED, "https://example.com");
    let won = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let id: IdRef<LinkId> = link.id.into();
                let (store, at) = (Arc::clone(&fixture.store), fixture.later());
                scope.spawn(move || {
                    let store: &dyn taglink_domain::port::Store = store.as_ref();
                    let change = titled(&format!("client {number}"));
                    let expected = Expected::Versions(vec!["1".into()]);
                    let changed =
                        store.write(move |uow| editing::change_link(uow, OURS, &id, &change, &expected, at));
                    match futures_executor::block_on(changed) {
                        Ok(link) => Some(link),
                        Err(EditError::Changed) => None,
                        Err(other) => panic!("{other}"),
                    }
                })
            })
            .collect();
        clients.into_iter().filter_map(|client| client.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(won, [link_now(fixture, link.id)]);
}

fn setting_tags_makes_them_exactly_these(fixture: &Fixture) {
    let link = fixture.link(SHARED, "https://example.com");
    let (kept, dropped) = (fixture.tag(SHARED, "kept"), fixture.tag(SHARED, "dropped"));
    let kept_pair = fixture.taglink(&kept, &link);
    fixture.taglink(&dropped, &link);
    let by_id = TagChoice::Existing(kept.id.into());
    let tags = set_tags(fixture, link.id, vec![named("new"), by_id, named("NEW "), named("Kept")]).unwrap();
    assert_eq!(names(&tags), ["kept", "new"]);
    let id = link.id;
    let stored = fixture.read(move |uow| uow.tags_of_links(OURS, &[id]));
    assert_eq!(stored.into_iter().map(|(_, tag)| tag).collect::<Vec<_>>(), tags);
    let filter = taglink_domain::port::TagLinkFilter { link_id: Some(link.id), tag_id: Some(kept.id) };
    let pairs =
        fixture.read(move |uow| uow.taglinks(OURS, filter, &taglink_domain::model::PageRequest::default()));
    assert_eq!(pairs.items, [kept_pair], "what stays is not made anew");
    assert!(fixture.read(move |uow| uow.tag(OURS, dropped.id)).is_some(), "the tag itself stays");
    assert!(set_tags(fixture, link.id, Vec::new()).unwrap().is_empty());
}

fn setting_tags_with_an_unknown_id_changes_nothing(fixture: &Fixture) {
    let link = fixture.link(SHARED, "https://example.com");
    fixture.taglink(&fixture.tag(SHARED, "kept"), &link);
    let unknown = TagChoice::Existing(TagId::new().into());
    let met = set_tags(fixture, link.id, vec![named("new"), unknown]);
    assert!(matches!(met, Err(SetTagsError::TagNotFound(_))));
    let (id, key) = (link.id, "new");
    assert_eq!(fixture.read(move |uow| uow.tags_of_links(OURS, &[id])).len(), 1);
    let page = taglink_domain::model::PageRequest::default();
    assert!(fixture.read(move |uow| uow.tags(OURS, Some(key), &page)).items.is_empty());
}

fn the_version_of_tags_tells_names_and_membership(fixture: &Fixture) {
    let link = fixture.link(SHARED, "https://example.com");
    let first = set_tags(fixture, link.id, vec![named("a"), named("b")]).unwrap();
    let second = set_tags(fixture, link.id, vec![named("b"), named("a")]).unwrap();
    assert_eq!(link_tags::version(&first), link_tags::version(&second));
    let third = set_tags(fixture, link.id, vec![named("a")]).unwrap();
    assert_ne!(link_tags::version(&first), link_tags::version(&third));
    let (id, at): (IdRef<TagId>, _) = (third[0].id.into(), fixture.later());
    let name = TagName::parse("c".into()).unwrap();
    let renamed = fixture
        .write(move |uow| editing::rename_tag(uow, OURS, &id, &name, &Expected::Anything, at))
        .unwrap();
    assert_ne!(link_tags::version(&third), link_tags::version(&[renamed]));

    let (id, at): (IdRef<LinkId>, _) = (link.id.into(), fixture.later());
    let expected = Expected::Versions(vec![link_tags::version(&first)]);
    let met = fixture.write(move |uow| link_tags::set(uow, OURS, &id, &[named("x")], &expected, at));
    assert!(matches!(met, Err(SetTagsError::Edit(EditError::Changed))));
}

fn another_accounts_rows_cannot_be_edited(fixture: &Fixture) {
    let (link, tag) = (fixture.link(SHARED, "https://example.com"), fixture.tag(SHARED, "rust"));
    let theirs = AccountScope::One(fixture.other_account());
    assert_ne!(theirs, AccountScope::One(AccountId::SHARED));
    let (id, at): (IdRef<LinkId>, _) = (link.id.into(), fixture.later());
    let met = fixture
        .write(move |uow| editing::change_link(uow, theirs, &id, &titled("x"), &Expected::Anything, at));
    assert!(matches!(met, Err(EditError::NotFound)));
    let (id, at): (IdRef<LinkId>, _) = (link.id.into(), fixture.later());
    let met =
        fixture.write(move |uow| link_tags::set(uow, theirs, &id, &[named("x")], &Expected::Anything, at));
    assert!(matches!(met, Err(SetTagsError::Edit(EditError::NotFound))));
    let (id, at): (IdRef<TagId>, _) = (tag.id.into(), fixture.later());
    let name = TagName::parse("x".into()).unwrap();
    let met = fixture.write(move |uow| editing::rename_tag(uow, theirs, &id, &name, &Expected::Anything, at));
    assert!(matches!(met, Err(EditError::NotFound)));
    assert_eq!(link_now(fixture, link.id), link);
}
