//! Each constraint that a use case can meet is violated once, and is told by its name where the database names it.

use taglink_domain::model::{
    AccountId, ApiToken, LinkId, NewAccount, NewLink, RefreshToken, Session, SessionId, Subject, TagId,
    TagLink, UserId,
};
use taglink_domain::port::{Constraint, RepositoryError, Table, TagLinkFilter, UnitOfWork};
use taglink_repository::Backend;

use crate::fixture::{Fixture, OURS, SHARED, failure_of};
use crate::on_every_database;

on_every_database!(
    a_link_or_tag_needs_its_account,
    a_taglink_needs_its_tag_and_its_link,
    rows_of_two_accounts_cannot_be_tied,
    a_tag_or_link_that_is_in_use_cannot_be_deleted,
    ids_are_unique,
    a_credential_needs_its_subject,
    a_refresh_token_needs_its_session,
    a_credential_has_exactly_one_subject,
    a_user_or_account_that_has_credentials_cannot_be_deleted,
    an_account_that_owns_something_cannot_be_deleted,
    ids_and_hashes_of_credentials_are_unique,
    an_origin_is_remembered_once,
);

/// SQLite does not tell which foreign key refused.
fn missing(fixture: &Fixture, constraint: Constraint) -> RepositoryError {
    let named = fixture.database.url.backend() != Backend::Sqlite;
    RepositoryError::MissingReference(named.then_some(constraint))
}

fn a_link_or_tag_needs_its_account(fixture: &Fixture) {
    let nobody = AccountId::new();
    let link = fixture.new_link(nobody, "https://example.com");
    let met = failure_of(fixture.store.as_ref(), move |uow| uow.find_or_create_link(&link).map(drop));
    assert_eq!(met, missing(fixture, Constraint::LinkAccount));
    let tag = fixture.new_tag(nobody, "rust");
    let met = failure_of(fixture.store.as_ref(), move |uow| uow.insert_tag(&tag).map(drop));
    assert_eq!(met, missing(fixture, Constraint::TagAccount));
}

fn a_taglink_needs_its_tag_and_its_link(fixture: &Fixture) {
    let (tag, link) = (fixture.tag(SHARED, "rust"), fixture.link(SHARED, "https://example.com"));
    let without_tag = TagLink { tag_id: TagId::new(), ..fixture.pair(&tag, &link) };
    let without_link = TagLink { link_id: LinkId::new(), ..fixture.pair(&tag, &link) };
    let elsewhere = TagLink { link_created_at: fixture.later(), ..fixture.pair(&tag, &link) };
    for (taglink, constraint) in [
        (without_tag, Constraint::TagLinkTag),
        (without_link, Constraint::TagLinkLink),
        (elsewhere, Constraint::TagLinkLink),
    ] {
        let again = taglink.clone();
        let met = failure_of(fixture.store.as_ref(), move |uow| uow.insert_taglink(&taglink));
        assert_eq!(met, missing(fixture, constraint));
        let met = failure_of(fixture.store.as_ref(), move |uow| uow.ensure_taglink(&again));
        assert_eq!(met, missing(fixture, constraint), "a conflict clause does not hide it");
    }
}

fn rows_of_two_accounts_cannot_be_tied(fixture: &Fixture) {
    let other = fixture.other_account();
    let (tag, foreign) = (fixture.tag(SHARED, "rust"), fixture.link(other, "https://example.com"));
    for account_id in [SHARED, other] {
        let taglink = TagLink { account_id, ..fixture.pair(&tag, &foreign) };
        let met = failure_of(fixture.store.as_ref(), move |uow| uow.insert_taglink(&taglink));
        assert!(matches!(met, RepositoryError::MissingReference(_)), "{met}");
    }
}

fn a_tag_or_link_that_is_in_use_cannot_be_deleted(fixture: &Fixture) {
    let (tag, link) = (fixture.tag(SHARED, "rust"), fixture.link(SHARED, "https://example.com"));
    fixture.taglink(&tag, &link);
    let met = failure_of(fixture.store.as_ref(), move |uow| uow.delete_tag(OURS, tag.id).map(drop));
    assert_eq!(met, missing(fixture, Constraint::TagLinkTag));
    let met = failure_of(fixture.store.as_ref(), move |uow| uow.delete_link(OURS, link.id).map(drop));
    assert_eq!(met, missing(fixture, Constraint::TagLinkLink));
    let of_link = TagLinkFilter { link_id: Some(link.id), tag_id: None };
    fixture.write(move |uow| uow.delete_taglinks(OURS, of_link)).unwrap();
    assert_eq!(fixture.write(move |uow| uow.delete_link(OURS, link.id)), Ok(true));
}

fn ids_are_unique(fixture: &Fixture) {
    let mut tag = fixture.new_tag(SHARED, "other");
    tag.id = fixture.tag(SHARED, "rust").id;
    let met = failure_of(fixture.store.as_ref(), move |uow| uow.insert_tag(&tag).map(drop));
    assert_eq!(met, RepositoryError::Conflict(Constraint::PrimaryKey(Table::Tag)));
    let other = fixture.other_account();
    let taken = fixture.link(SHARED, "https://example.com");
    let [created_at, later] = [taken.created_at, fixture.later()];
    for (account, created_at) in [(SHARED, created_at), (SHARED, later), (other, created_at), (other, later)]
    {
        let new = fixture.new_link(account, "https://example.org");
        let link = NewLink { id: taken.id, created_at, ..new };
        let met = failure_of(fixture.store.as_ref(), move |uow| uow.find_or_create_link(&link).map(drop));
        let is_refused = match met {
            RepositoryError::Conflict(constraint) => constraint == Constraint::PrimaryKey(Table::Link),
            // MariaDB leaves out whatever row is taken; then none is there with this URL.
            RepositoryError::Busy(_) => fixture.backend() == Backend::Mariadb,
            _ => false,
        };
        assert!(is_refused, "{account}");
        assert_eq!(fixture.rows_of(account)[0], usize::from(account == SHARED));
    }
}

fn a_credential_needs_its_subject(fixture: &Fixture) {
    for (subject, of_session, of_token) in [
        (Subject::User(UserId::new()), Constraint::SessionUser, Constraint::ApiTokenUser),
        (Subject::Account(AccountId::new()), Constraint::SessionAccount, Constraint::ApiTokenAccount),
    ] {
        let session = fixture.new_session(subject);
        let met = failure_of(fixture.store.as_ref(), move |uow| uow.insert_session(&session));
        assert_eq!(met, missing(fixture, of_session));
        let (token, hash) = (fixture.new_api_token(subject), fixture.hash());
        let met = failure_of(fixture.store.as_ref(), move |uow| uow.insert_api_token(&token, hash));
        assert_eq!(met, missing(fixture, of_token));
    }
}

fn a_refresh_token_needs_its_session(fixture: &Fixture) {
    let token = fixture.new_refresh_token(SessionId::new());
    let met = failure_of(fixture.store.as_ref(), move |uow| uow.insert_refresh_token(&token));
    assert_eq!(met, missing(fixture, Constraint::RefreshTokenSession));
}

/// Whether the database refuses SQL that no port can make.
fn refuses(fixture: &Fixture, sql: &str) -> bool {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fixture.sql(sql))).is_err()
}

fn a_credential_has_exactly_one_subject(fixture: &Fixture) {
    let (user, account) = (fixture.user("ada").id, fixture.id_sql(fixture.other_account()));
    fixture.session(Subject::User(user));
    fixture.api_token(Subject::User(user));
    for table in ["session", "api_token"] {
        assert!(refuses(fixture, &format!("UPDATE {table} SET account_id = {account}")), "both");
        assert!(refuses(fixture, &format!("UPDATE {table} SET user_id = NULL")), "neither");
        fixture.sql(&format!("UPDATE {table} SET user_id = NULL, account_id = {account}"));
    }
}

fn a_user_or_account_that_has_credentials_cannot_be_deleted(fixture: &Fixture) {
    let (user, account) = (fixture.user("ada").id, fixture.other_account());
    let store = fixture.store.as_ref();
    for (subject, of_session, of_token) in [
        (Subject::User(user), Constraint::SessionUser, Constraint::ApiTokenUser),
        (Subject::Account(account), Constraint::SessionAccount, Constraint::ApiTokenAccount),
    ] {
        let delete = move |uow: &mut dyn UnitOfWork| match subject {
            Subject::User(id) => uow.delete_user(id).map(drop),
            Subject::Account(id) => uow.delete_account(id).map(drop),
        };
        fixture.session(subject);
        assert_eq!(failure_of(store, delete), missing(fixture, of_session));
        fixture.write(move |uow| uow.delete_sessions_of(subject)).unwrap();
        fixture.api_token(subject);
        assert_eq!(failure_of(store, delete), missing(fixture, of_token));
        fixture.write(move |uow| uow.delete_api_tokens_of(subject)).unwrap();
        assert_eq!(fixture.write(delete), Ok(()));
    }
}

fn an_account_that_owns_something_cannot_be_deleted(fixture: &Fixture) {
    let account = fixture.other_account();
    fixture.tag(account, "rust");
    let met = failure_of(fixture.store.as_ref(), move |uow| uow.delete_account(account).map(drop));
    // The tag is in the way, and so is the change that tells of it.
    let one_of = [Constraint::TagAccount, Constraint::ChangeAccount].map(|key| missing(fixture, key));
    assert!(one_of.contains(&met), "{met}");
    fixture.write(move |uow| uow.delete_rows_of_account(account)).unwrap();
    fixture.sql(&format!("INSERT INTO account_lock (account_id) VALUES ({})", fixture.id_sql(account)));
    let met = failure_of(fixture.store.as_ref(), move |uow| uow.delete_account(account).map(drop));
    assert_eq!(met, missing(fixture, Constraint::AccountLockAccount));
}

fn ids_and_hashes_of_credentials_are_unique(fixture: &Fixture) {
    let user = Subject::User(fixture.user("ada").id);
    let (session, refresh) = fixture.session(user);
    let (token, hash) = fixture.api_token(user);
    let fresh = fixture.hash();
    let same_hash = RefreshToken { hash: refresh, ..fixture.new_refresh_token(session.id) };
    let same_account = NewAccount { id: fixture.other_account(), ..fixture.new_account("ada@example.org") };
    let same_session = Session { id: session.id, ..fixture.new_session(user) };
    let same_token = ApiToken { id: token.id, ..fixture.new_api_token(user) };
    let other_token = fixture.new_api_token(user);
    let conflict = RepositoryError::Conflict;
    let store = fixture.store.as_ref();
    let met = failure_of(store, move |uow| uow.insert_account(&same_account));
    assert_eq!(met, conflict(Constraint::PrimaryKey(Table::Account)));
    let met = failure_of(store, move |uow| uow.insert_session(&same_session));
    assert_eq!(met, conflict(Constraint::PrimaryKey(Table::Session)));
    let met = failure_of(store, move |uow| uow.insert_refresh_token(&same_hash));
    assert_eq!(met, conflict(Constraint::PrimaryKey(Table::RefreshToken)));
    let met = failure_of(store, move |uow| uow.insert_api_token(&same_token, fresh));
    assert_eq!(met, conflict(Constraint::PrimaryKey(Table::ApiToken)));
    let met = failure_of(store, move |uow| uow.insert_api_token(&other_token, hash));
    assert_eq!(met, conflict(Constraint::ApiTokenHash));
}

fn an_origin_is_remembered_once(fixture: &Fixture) {
    let (origin, at) = (fixture.origin(), fixture.later());
    fixture.write(move |uow| uow.remember_origin(origin, at)).unwrap();
    assert!(refuses(fixture, "INSERT INTO login_origin SELECT origin, last_login_at FROM login_origin"));
}
