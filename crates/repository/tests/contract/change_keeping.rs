//! How changes are kept: for how long, what is missed after that, and what the database itself refuses.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use taglink_domain::model::{AccountId, ChangeSeq, Changed, Clock, IdRef, TagId, Timestamp};
use taglink_domain::port::{Constraint, RepositoryError, Store};
use taglink_domain::use_case::changes::{ReadChangesError, Start};
use taglink_domain::use_case::links;
use taglink_repository::{Backend, DieselStore, ExecutorConfig, FeedConfig, migration};

use crate::feed::{all, latest, numbers, read};
use crate::fixture::{Fixture, OURS, SHARED, failure_of};
use crate::on_every_database;

on_every_database!(
    a_number_that_was_never_given_has_expired,
    a_change_that_is_no_longer_kept_is_missed,
    old_changes_are_removed_while_new_ones_are_stored,
    what_was_there_before_the_feed_is_a_change_that_is_not_kept,
    fifty_thousand_changes_fit_into_one_transaction,
    a_change_is_about_exactly_one_thing,
    a_change_needs_its_account_and_a_number_of_its_own,
);

/// The table, whose name is a word of MariaDB's.
fn table(fixture: &Fixture) -> &'static str {
    if fixture.database.url.backend() == Backend::Mariadb { "`change`" } else { "change" }
}

fn a_number_that_was_never_given_has_expired(fixture: &Fixture) {
    fixture.tag(SHARED, "rust");
    let after =
        |number| read(fixture.store.as_ref(), SHARED, Start::After(ChangeSeq::new(number).unwrap()), 9);
    assert!(after(1).unwrap().items.is_empty());
    assert!(matches!(after(2), Err(ReadChangesError::Expired)), "the database was restored, say");
    assert!(matches!(after(i64::MAX), Err(ReadChangesError::Expired)));
}

fn a_change_that_is_no_longer_kept_is_missed(fixture: &Fixture) {
    for number in 0..4 {
        fixture.tag(SHARED, &format!("tag {number}"));
    }
    let table = table(fixture);
    let after =
        |number| read(fixture.store.as_ref(), SHARED, Start::After(ChangeSeq::new(number).unwrap()), 9);
    fixture.sql(&format!("DELETE FROM {table} WHERE seq <= 2"));
    assert!(matches!(after(0), Err(ReadChangesError::Expired)));
    assert!(matches!(after(1), Err(ReadChangesError::Expired)));
    assert_eq!(numbers(&after(2).unwrap().items), [3, 4]);
    fixture.sql(&format!("DELETE FROM {table}"));
    assert!(matches!(after(3), Err(ReadChangesError::Expired)));
    assert!(after(4).unwrap().items.is_empty(), "nothing was missed");
    assert_eq!(latest(fixture.store.as_ref(), SHARED), 4);
}

/// A clock that is set by hand.
struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

fn days(number: i64) -> i64 {
    TimeDelta::days(number).num_microseconds().unwrap()
}

fn old_changes_are_removed_while_new_ones_are_stored(fixture: &Fixture) {
    let clock = Arc::new(HandClock(AtomicI64::new(days(20_000))));
    let feed = FeedConfig { clock: clock.clone(), retention: Some(TimeDelta::days(30)) };
    let config = ExecutorConfig { connections: 2, queue: 1000, deadline: Duration::from_secs(30) };
    let store = DieselStore::open_with_feed(&fixture.database.url, config, &feed).unwrap();
    let jobs: &dyn Store = &store;
    let store_tags = |count: usize| {
        for _ in 0..count {
            let new = fixture.new_tag(SHARED, &TagId::new().to_string());
            futures_executor::block_on(jobs.write(move |uow| uow.insert_tag(&new))).unwrap();
        }
    };
    let first_kept = || {
        let latest = latest(jobs, SHARED);
        (0..=latest)
            .find(|after| read(jobs, SHARED, Start::After(ChangeSeq::new(*after).unwrap()), 1).is_ok())
    };
    store_tags(150);
    clock.0.fetch_add(days(30), Ordering::Relaxed);
    store_tags(50);
    assert_eq!(first_kept(), Some(0), "what is 30 days old is still kept");
    // One replica's clock is behind: its change looks older than those before it.
    clock.0.fetch_sub(days(1), Ordering::Relaxed);
    store_tags(1);
    clock.0.fetch_add(days(1) + 1, Ordering::Relaxed);
    store_tags(55);
    assert_eq!(latest(jobs, SHARED), 256);
    assert_eq!(first_kept(), Some(128), "two are removed for each that is stored");
    store_tags(64);
    assert_eq!(first_kept(), Some(150), "and none that is younger");
    clock.0.fetch_add(days(30) + 1, Ordering::Relaxed);
    store_tags(256);
    assert_eq!(first_kept(), Some(320), "in the end they are all gone");
    store.close();
}

fn what_was_there_before_the_feed_is_a_change_that_is_not_kept(fixture: &Fixture) {
    let (url, other) = (&fixture.database.url, fixture.other_account());
    while migration::revert(url).unwrap().unwrap() != "2026-11-24-210000_change_feed" {}
    fixture.sql(&format!(
        "INSERT INTO tag (tag_id, account_id, name, name_key, version, created_at, updated_at) \
         VALUES ('{}', '{SHARED}', 'x', 'x', 1, '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
        TagId::new()
    ));
    migration::run(url).unwrap();
    let store = fixture.store.as_ref();
    assert!(matches!(read(store, SHARED, Start::After(ChangeSeq::START), 9), Err(ReadChangesError::Expired)));
    let latest = read(store, SHARED, Start::Latest, 9).unwrap().last;
    fixture.tag(SHARED, "rust");
    assert_eq!(read(store, SHARED, Start::After(latest), 9).unwrap().items.len(), 1);
    assert!(read(store, other, Start::After(ChangeSeq::START), 9).is_ok(), "there was nothing to miss");
}

fn fifty_thousand_changes_fit_into_one_transaction(fixture: &Fixture) {
    const MANY: usize = 50_000;
    let link = fixture.link(SHARED, "https://example.com");
    // What would take long is to insert as many rows one by one, so they come from outside.
    let ids: Vec<_> = (0..MANY).map(|_| TagId::new()).collect();
    for ids in ids.chunks(1000) {
        let times = "'2026-01-01 00:00:00', '2026-01-01 00:00:00'";
        let tags: Vec<_> =
            ids.iter().map(|id| format!("('{id}', '{SHARED}', 'x', '{id}', 1, {times})")).collect();
        let pairs: Vec<_> =
            ids.iter().map(|id| format!("('{SHARED}', '{id}', '{}', {times})", link.id)).collect();
        fixture.sql(&format!(
            "INSERT INTO tag (tag_id, account_id, name, name_key, version, created_at, updated_at) VALUES {}",
            tags.join(",")
        ));
        fixture.sql(&format!(
            "INSERT INTO taglink (account_id, tag_id, link_id, link_created_at, created_at) VALUES {}",
            pairs.join(",")
        ));
    }
    let id = IdRef::from(link.id);
    assert_eq!(fixture.write(move |uow| links::delete(uow, OURS, &id)), Ok(true));
    let changes = all(fixture.store.as_ref(), SHARED);
    assert_eq!(numbers(&changes), (1..=50_002).collect::<Vec<_>>());
    assert_eq!(changes[MANY + 1].now, Changed::LinkGone(link.id));
}

fn insert_change(fixture: &Fixture, values: &str) -> bool {
    let sql = format!(
        "INSERT INTO {} (account_id, seq, entity, link_id, tag_id, changed_at) \
         VALUES ({values}, '2026-01-01 00:00:00')",
        table(fixture)
    );
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fixture.sql(&sql))).is_ok()
}

fn a_change_is_about_exactly_one_thing(fixture: &Fixture) {
    let id = format!("'{}'", AccountId::new());
    for (entity, link, tag, good) in [
        ("link", &*id, "NULL", true),
        ("tag", "NULL", &*id, true),
        ("taglink", &*id, &*id, true),
        ("link", &*id, &*id, false),
        ("link", "NULL", "NULL", false),
        ("tag", &*id, &*id, false),
        ("taglink", &*id, "NULL", false),
        ("taglink", "NULL", &*id, false),
        ("user", &*id, &*id, false),
    ] {
        let number = fixture.later().micros();
        let values = format!("'{SHARED}', {number}, '{entity}', {link}, {tag}");
        assert_eq!(insert_change(fixture, &values), good, "{entity} {link} {tag}");
    }
}

fn a_change_needs_its_account_and_a_number_of_its_own(fixture: &Fixture) {
    let id = AccountId::new();
    assert!(!insert_change(fixture, &format!("'{id}', 1, 'link', '{id}', NULL")), "no such account");
    // Its number is not that of the account, as only a defect could make it.
    assert!(insert_change(fixture, &format!("'{SHARED}', 1, 'link', '{id}', NULL")));
    let new = fixture.new_tag(SHARED, "rust");
    let met = fixture.write(move |uow| uow.insert_tag(&new));
    assert_eq!(met, Err(RepositoryError::Conflict(Constraint::ChangePrimaryKey)));
    let account = fixture.other_account();
    insert_change(fixture, &format!("'{account}', 1, 'link', '{id}', NULL"));
    let met = failure_of(fixture.store.as_ref(), move |uow| uow.delete_account(account).map(drop));
    let named = fixture.database.url.backend() != Backend::Sqlite;
    assert_eq!(met, RepositoryError::MissingReference(named.then_some(Constraint::ChangeAccount)));
}
