//! For how long changes are kept: those with a number until others get theirs, those that nobody reads until others are
//! noted.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use taglink_domain::model::{AccountId, ChangeSeq, Clock, TagId, Timestamp};
use taglink_domain::port::Store;
use taglink_domain::use_case::changes::{Changes, ReadChangesError, Start};
use taglink_repository::{DieselStore, ExecutorConfig, FeedConfig};

use crate::feed::{latest, numbers, read};
use crate::fixture::{Fixture, SHARED};
use crate::on_every_database;
use crate::schema::query;
use crate::sql_literal::number_as_text;

on_every_database!(
    old_changes_are_removed_while_new_ones_get_numbers,
    many_old_changes_are_removed_twice_as_fast_as_new_ones_come,
    changes_that_nobody_reads_are_dropped_while_others_are_noted,
    changes_that_are_not_old_yet_wait_for_their_reader,
    changes_that_nobody_reads_are_dropped_of_one_account_at_a_time,
);

/// A clock that is set by hand.
struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// A store whose changes are kept for 30 days, on one connection that writes.
struct Kept<'a> {
    fixture: &'a Fixture,
    store: DieselStore,
    clock: Arc<HandClock>,
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        self.store.close();
    }
}

impl<'a> Kept<'a> {
    fn new(fixture: &'a Fixture) -> Self {
        let clock = Arc::new(HandClock(AtomicI64::new(days(20_000))));
        let feed = FeedConfig { clock: clock.clone(), retention: Some(TimeDelta::days(30)) };
        let config = ExecutorConfig { connections: 1, queue: 1000, deadline: Duration::from_secs(30) };
        let store = DieselStore::open_with_feed(&fixture.database.url, config, &feed).unwrap();
        Self { fixture, store, clock }
    }

    fn wait(&self, micros: i64) {
        self.clock.0.fetch_add(micros, Ordering::Relaxed);
    }

    fn store_tags(&self, account: AccountId, count: usize) {
        for _ in 0..count {
            let new = self.fixture.new_tag(account, &TagId::new().to_string());
            let jobs: &dyn Store = &self.store;
            futures_executor::block_on(jobs.write(move |uow| uow.insert_tag(&new))).unwrap();
        }
    }

    fn latest(&self) -> i64 {
        latest(&self.store, SHARED)
    }

    fn after(&self, number: i64) -> Result<Changes, ReadChangesError> {
        read(&self.store, SHARED, Start::After(ChangeSeq::new(number).unwrap()), 1000)
    }

    fn is_expired(&self, number: i64) -> bool {
        matches!(self.after(number), Err(ReadChangesError::Expired))
    }

    /// The first number behind which changes can be followed to the latest.
    fn first_kept(&self) -> i64 {
        (0..=self.latest()).find(|after| self.after(*after).is_ok()).unwrap()
    }

    /// How many changes of the account have no number.
    fn pending(&self, account: AccountId) -> i64 {
        let backend = self.fixture.backend();
        let sql = format!(
            "SELECT {} AS a, '' AS b, '' AS c, '' AS d FROM change_pending WHERE account_id = {}",
            number_as_text(backend, "COUNT(*)"),
            self.fixture.id_sql(account)
        );
        query(&self.fixture.database, &sql)[0][0].parse().unwrap()
    }
}

fn days(number: i64) -> i64 {
    TimeDelta::days(number).num_microseconds().unwrap()
}

fn old_changes_are_removed_while_new_ones_get_numbers(fixture: &Fixture) {
    let kept = Kept::new(fixture);
    let store_tags = |count| {
        kept.store_tags(SHARED, count);
        kept.latest()
    };
    store_tags(150);
    kept.wait(days(30));
    store_tags(50);
    assert_eq!(kept.first_kept(), 0, "what is 30 days old is still kept");
    // One replica's clock is behind: its change looks older than those before it.
    kept.wait(-days(1));
    store_tags(1);
    kept.wait(days(1) + 1);
    kept.store_tags(SHARED, 55);
    assert_eq!(kept.first_kept(), 128, "they are removed in steps");
    assert_eq!(kept.latest(), 256);
    store_tags(64);
    assert_eq!(kept.first_kept(), 150, "and none that is younger");
    kept.wait(days(29) + days(1) / 2);
    store_tags(64);
    assert_eq!(kept.first_kept(), 150, "nor any behind a younger one");
    kept.wait(days(1));
    assert_eq!(store_tags(256), 640);
    assert_eq!(kept.first_kept(), 320, "in the end they are all gone");
}

fn many_old_changes_are_removed_twice_as_fast_as_new_ones_come(fixture: &Fixture) {
    let kept = Kept::new(fixture);
    kept.store_tags(SHARED, 500);
    kept.latest();
    kept.wait(days(30) + 1);
    kept.store_tags(SHARED, 100);
    kept.latest();
    assert_eq!(kept.first_kept(), 200);
    kept.store_tags(SHARED, 100);
    kept.latest();
    assert_eq!(kept.first_kept(), 400);
    assert_eq!(numbers(&kept.after(400).unwrap().items), (401..=700).collect::<Vec<_>>());
}

fn changes_that_nobody_reads_are_dropped_while_others_are_noted(fixture: &Fixture) {
    let kept = Kept::new(fixture);
    kept.store_tags(SHARED, 10);
    assert_eq!(kept.latest(), 10);
    // These nobody reads. Up to here 310 have been noted: 54 since a multiple of 64.
    kept.store_tags(SHARED, 300);
    kept.wait(days(30) + 1);
    kept.store_tags(SHARED, 9);
    assert_eq!(kept.pending(SHARED), 309, "it is looked at once for 64");
    kept.store_tags(SHARED, 1);
    assert_eq!(kept.pending(SHARED), 310 - 128, "two for each that was noted");
    kept.store_tags(SHARED, 64);
    assert_eq!(kept.pending(SHARED), 374 - 256);
    kept.store_tags(SHARED, 64);
    assert_eq!(kept.pending(SHARED), 438 - 300, "and none that is younger");

    let latest = kept.latest();
    assert_eq!((kept.pending(SHARED), kept.first_kept()), (0, latest - 138));
    assert!(kept.first_kept() > 10 && kept.is_expired(10), "a number was skipped");
    let first = latest - 138;
    assert_eq!(numbers(&kept.after(first).unwrap().items), (first + 1..=latest).collect::<Vec<_>>());
    kept.store_tags(SHARED, 1);
    assert_eq!(numbers(&kept.after(latest).unwrap().items), [latest + 1], "it goes on as ever");
}

fn changes_that_are_not_old_yet_wait_for_their_reader(fixture: &Fixture) {
    let kept = Kept::new(fixture);
    kept.store_tags(SHARED, 200);
    kept.wait(days(30));
    kept.store_tags(SHARED, 200);
    assert_eq!(kept.pending(SHARED), 400);
    assert_eq!(numbers(&kept.after(0).unwrap().items), (1..=400).collect::<Vec<_>>());
    kept.wait(1);
    kept.store_tags(SHARED, 200);
    assert_eq!(kept.pending(SHARED), 200, "what has a number is another matter");
    assert_eq!(numbers(&kept.after(400).unwrap().items), (401..=600).collect::<Vec<_>>());
}

fn changes_that_nobody_reads_are_dropped_of_one_account_at_a_time(fixture: &Fixture) {
    let (kept, other) = (Kept::new(fixture), fixture.other_account());
    kept.store_tags(other, 100);
    kept.wait(days(30) + 1);
    kept.store_tags(SHARED, 200);
    assert_eq!((kept.pending(other), kept.pending(SHARED)), (100, 200));
    assert_eq!(numbers(&kept.after(0).unwrap().items), (1..=200).collect::<Vec<_>>());
    kept.store_tags(other, 64);
    assert_eq!(kept.pending(other), 64);
    let start = Start::After(ChangeSeq::START);
    let lost = read(&kept.store, other, start, 9);
    assert!(
        matches!(lost, Err(ReadChangesError::Expired)),
        "nobody had ever read it, and now some is missing"
    );
    let latest = latest(&kept.store, other);
    assert_eq!(latest, 64 + 1);
}
