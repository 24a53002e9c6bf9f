//! Many clients at once: one row, and no failure that a client could not act on.

use std::sync::Arc;

use taglink_domain::model::{IdRef, Link, LinkUrl, Owner, TagId, TagName, Timestamp};
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::links::{CreateLink, CreateLinkError, TagChoice};
use taglink_domain::use_case::taglinks::{CreateTagLink, CreateTagLinkError};
use taglink_domain::use_case::tags::{CreateTag, CreateTagError};
use taglink_domain::use_case::{links, taglinks, tags};

use crate::fixture::{Fixture, OURS, SHARED, at_once, page};
use crate::on_every_database;

on_every_database!(
    one_of_many_creates_the_tag,
    all_of_many_get_the_same_link_and_tag,
    one_of_many_creates_the_taglink,
    creating_links_while_their_tag_is_deleted_never_fails_oddly,
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
