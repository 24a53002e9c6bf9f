//! Many clients at once: one row, and no failure that a client could not act on.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use taglink_domain::model::{IdRef, Link, LinkUrl, Owner, TagId, TagName, Timestamp};
use taglink_domain::port::{RepositoryError, Store};
use taglink_domain::use_case::links::{CreateLink, CreateLinkError, TagChoice};
use taglink_domain::use_case::taglinks::{CreateTagLink, CreateTagLinkError};
use taglink_domain::use_case::tags::{CreateTag, CreateTagError};
use taglink_domain::use_case::{links, taglinks, tags};
use taglink_repository::Backend;

use crate::fixture::{Fixture, OURS, SHARED, at_once, page};
use crate::on_every_database;

on_every_database!(
    one_of_many_creates_the_tag,
    all_of_many_get_the_same_link_and_tag,
    one_of_many_creates_the_taglink,
    creating_links_while_their_tag_is_deleted_never_fails_oddly,
    who_changes_many_rows_of_an_account_waits_for_others_who_do,
);

const CLIENTS: usize = 50;

fn create_link(fixture: &Fixture, url: &str, tag: TagChoice) -> Result<Link, CreateLinkError> {
    let command = CreateLink {
        owner: Owner::shared(),
        url: LinkUrl::parse(url.into()).unwrap(),
        tag,
        title: None,
        notes: None,
        created_at: None,
        at: fixture.later(),
    };
    fixture.write(move |uow| links::create(uow, &command))
}

fn named(name: &str) -> TagChoice {
    TagChoice::Named(TagName::parse(name.into()).unwrap())
}

fn one_of_many_creates_the_tag(fixture: &Fixture) {
    let name = TagName::parse("rust".into()).unwrap();
    let results = at_once(CLIENTS, |_| {
        let command = CreateTag { owner: Owner::shared(), name: name.clone(), at: fixture.later() };
        fixture.write(move |uow| tags::create(uow, &command))
    });
    let created = results.iter().filter(|result| result.is_ok()).count();
    let refused =
        results.iter().filter(|result| matches!(result, Err(CreateTagError::NameTaken { .. }))).count();
    assert_eq!((created, refused), (1, CLIENTS - 1), "{results:?}");
}

fn all_of_many_get_the_same_link_and_tag(fixture: &Fixture) {
    let results = at_once(CLIENTS, |_| create_link(fixture, "https://example.com", named("rust")));
    let first = results[0].as_ref().unwrap();
    assert!(results.iter().all(|result| result.as_ref().unwrap() == first));
    let stored = fixture
        .read(|uow| uow.taglinks(OURS, taglink_domain::port::TagLinkFilter::default(), &page(9, None)));
    assert_eq!(stored.items.len(), 1);
}

fn one_of_many_creates_the_taglink(fixture: &Fixture) {
    let (tag, link) = (fixture.tag(SHARED, "rust"), fixture.link(SHARED, "https://example.com"));
    let command = Arc::new(|at: Timestamp| CreateTagLink {
        owner: Owner::shared(),
        tag_id: IdRef::new(tag.id.to_string()),
        link_id: IdRef::new(link.id.to_string()),
        at,
    });
    let results = at_once(CLIENTS, |_| {
        let command = command(fixture.later());
        fixture.write(move |uow| taglinks::create(uow, &command))
    });
    let created = results.iter().filter(|result| result.is_ok()).count();
    let refused =
        results.iter().filter(|result| matches!(result, Err(CreateTagLinkError::Exists { .. }))).count();
    assert_eq!((created, refused), (1, CLIENTS - 1), "{results:?}");
}

fn creating_links_while_their_tag_is_deleted_never_fails_oddly(fixture: &Fixture) {
    for round in 0..4 {
        let tag = fixture.tag(SHARED, &format!("tag {round}"));
        let id = IdRef::<TagId>::new(tag.id.to_string());
        let results = at_once(CLIENTS, |number| {
            if number % 10 == 0 {
                let id = id.clone();
                return fixture
                    .write(move |uow| tags::delete(uow, OURS, &id))
                    .map(drop)
                    .map_err(|error| error.to_string());
            }
            let choice = if number % 2 == 0 { TagChoice::Existing(id.clone()) } else { named(&tag.name) };
            match create_link(fixture, &format!("https://example.com/{round}/{}", number % 7), choice) {
                Ok(_)
                | Err(
                    CreateLinkError::TagNotFound { .. }
                    | CreateLinkError::Repository(RepositoryError::Busy(_)),
                ) => Ok(()),
                Err(odd) => Err(odd.to_string()),
            }
        });
        for result in results {
            assert_eq!(result, Ok(()));
        }
    }
}

fn who_changes_many_rows_of_an_account_waits_for_others_who_do(fixture: &Fixture) {
    let (locked, is_locked) = mpsc::channel::<()>();
    let (done, is_done) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            is_locked.recv().unwrap();
            fixture.write(|uow| uow.lock_for_many(SHARED)).unwrap();
            // The one who waited for it may have ended.
            done.send(()).ok();
        });
        let early = fixture.write(move |uow| -> Result<_, RepositoryError> {
            uow.lock_for_many(SHARED)?;
            locked.send(()).unwrap();
            Ok(is_done.recv_timeout(Duration::from_millis(500)))
        });
        assert_eq!(early.unwrap(), Err(mpsc::RecvTimeoutError::Timeout));
    });
    assert_eq!(fixture.write(|uow| uow.lock_for_many(SHARED)), Ok(()));
}

/// SQLite has one writer anyway.
#[test]
fn who_changes_one_row_does_not_wait_for_who_changes_many() {
    for backend in [Backend::Postgres, Backend::Mariadb] {
        let fixture = Fixture::new(backend);
        let (other, link) = (fixture.other_account(), fixture.link(SHARED, "https://example.com"));
        for _ in 0..2 {
            let (store, link, new) =
                (Arc::clone(&fixture.store), link.id, fixture.new_tag(SHARED, &TagId::new().to_string()));
            let met = fixture.write(move |uow| {
                uow.lock_for_many(SHARED)?;
                let (store, new): (&dyn Store, _) = (store.as_ref(), new.clone());
                futures_executor::block_on(store.write(move |uow| uow.insert_tag(&new)))?;
                futures_executor::block_on(store.write(move |uow| uow.lock_link(SHARED, link)))?;
                futures_executor::block_on(store.write(move |uow| uow.number_changes(SHARED)))?;
                futures_executor::block_on(store.write(move |uow| uow.lock_for_many(other)))
            });
            assert_eq!(met, Ok(()), "{backend:?}");
        }
    }
}
