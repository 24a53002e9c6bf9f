//! Each constraint that a use case can meet is violated once, and is told by its name where the database names it.

use taglink_domain::model::{AccountId, LinkId, TagId, TagLink};
use taglink_domain::port::{Constraint, RepositoryError, TagLinkFilter};
use taglink_repository::Backend;

use crate::fixture::{Fixture, OURS, SHARED};
use crate::on_every_database;

on_every_database!(
    a_link_or_tag_needs_its_account,
    a_taglink_needs_its_tag_and_its_link,
    rows_of_two_accounts_cannot_be_tied,
    a_tag_or_link_that_is_in_use_cannot_be_deleted,
    ids_are_unique,
);

/// SQLite does not tell which foreign key refused.
fn missing(fixture: &Fixture, constraint: Constraint) -> RepositoryError {
    let named = fixture.database.url.backend() != Backend::Sqlite;
    RepositoryError::MissingReference(named.then_some(constraint))
}

/// A store turns a missing reference into "busy" after its retries, so the use case itself keeps what it met.
fn failure_of(
    fixture: &Fixture,
    mut write: impl FnMut(&mut dyn taglink_domain::port::UnitOfWork) -> Result<(), RepositoryError>
    + Send
    + 'static,
) -> RepositoryError {
    #[derive(Debug)]
    enum Met {
        Failure(RepositoryError),
        Nothing,
    }
    impl From<RepositoryError> for Met {
        fn from(error: RepositoryError) -> Self {
            Self::Failure(error)
        }
    }
    impl taglink_domain::port::UseCaseError for Met {
        fn repository(&self) -> Option<&RepositoryError> {
            None
        }
    }
    match fixture.write(move |uow| -> Result<(), Met> {
        write(uow)?;
        Err(Met::Nothing)
    }) {
        Err(Met::Failure(error)) => error,
        other => panic!("the constraint was not enforced: {other:?}"),
    }
}

fn a_link_or_tag_needs_its_account(fixture: &Fixture) {
    let nobody = AccountId::new();
    let link = fixture.new_link(nobody, "https://example.com");
    let met = failure_of(fixture, move |uow| uow.find_or_create_link(&link).map(drop));
    assert_eq!(met, missing(fixture, Constraint::LinkAccount));
    let tag = fixture.new_tag(nobody, "rust");
    let met = failure_of(fixture, move |uow| uow.insert_tag(&tag).map(drop));
    assert_eq!(met, missing(fixture, Constraint::TagAccount));
}

fn a_taglink_needs_its_tag_and_its_link(fixture: &Fixture) {
    let (tag, link) = (fixture.tag(SHARED, "rust"), fixture.link(SHARED, "https://example.com"));
    let without_tag = TagLink { tag_id: TagId::new(), ..fixture.pair(&tag, &link) };
    let without_link = TagLink { link_id: LinkId::new(), ..fixture.pair(&tag, &link) };
    for (taglink, constraint) in
        [(without_tag, Constraint::TagLinkTag), (without_link, Constraint::TagLinkLink)]
    {
        let again = taglink.clone();
        let met = failure_of(fixture, move |uow| uow.insert_taglink(&taglink));
        assert_eq!(met, missing(fixture, constraint));
        let met = failure_of(fixture, move |uow| uow.ensure_taglink(&again));
        assert_eq!(met, missing(fixture, constraint), "a conflict clause does not hide it");
    }
}

fn rows_of_two_accounts_cannot_be_tied(fixture: &Fixture) {
    let other = fixture.other_account();
    let (tag, foreign) = (fixture.tag(SHARED, "rust"), fixture.link(other, "https://example.com"));
    for account_id in [SHARED, other] {
        let taglink = TagLink { account_id, ..fixture.pair(&tag, &foreign) };
        let met = failure_of(fixture, move |uow| uow.insert_taglink(&taglink));
        assert!(matches!(met, RepositoryError::MissingReference(_)), "{met}");
    }
}

fn a_tag_or_link_that_is_in_use_cannot_be_deleted(fixture: &Fixture) {
    let (tag, link) = (fixture.tag(SHARED, "rust"), fixture.link(SHARED, "https://example.com"));
    fixture.taglink(&tag, &link);
    let met = failure_of(fixture, move |uow| uow.delete_tag(OURS, tag.id).map(drop));
    assert_eq!(met, missing(fixture, Constraint::TagLinkTag));
    let met = failure_of(fixture, move |uow| uow.delete_link(OURS, link.id).map(drop));
    assert_eq!(met, missing(fixture, Constraint::TagLinkLink));
    let of_link = TagLinkFilter { link_id: Some(link.id), tag_id: None };
    fixture.write(move |uow| uow.delete_taglinks(OURS, of_link)).unwrap();
    assert_eq!(fixture.write(move |uow| uow.delete_link(OURS, link.id)), Ok(true));
}

fn ids_are_unique(fixture: &Fixture) {
    let mut tag = fixture.new_tag(SHARED, "other");
    tag.id = fixture.tag(SHARED, "rust").id;
    let met = failure_of(fixture, move |uow| uow.insert_tag(&tag).map(drop));
    assert_eq!(met, RepositoryError::Conflict(Constraint::TagPrimaryKey));
}
