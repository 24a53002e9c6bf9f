//! Reindexing beside the service: everything gets up to date, others write meanwhile, and it can be stopped.

use std::thread;
use std::time::{Duration, Instant};

use taglink_repository::Reindexing;

use crate::fixture::{Fixture, SHARED};
use crate::on_every_database;
use crate::schema::query;
use crate::search_corpus::search;
use crate::search_index::{index, rebuilt, store_outdated};
use crate::sql_literal::number_as_text;

on_every_database!(
    it_ends_when_it_is_stopped_and_goes_on_when_it_is_started,
    several_at_once_do_no_harm,
    others_write_meanwhile,
);

/// How many links are not up to date.
fn outdated(fixture: &Fixture) -> u32 {
    let count = number_as_text(fixture.backend(), "count(*)");
    let sql = format!("SELECT {count} AS a, '' AS b, '' AS c, '' AS d FROM link WHERE search_version = 0");
    query(&fixture.database, &sql)[0][0].parse().unwrap()
}

fn wait_until(is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_mins(1), "it takes too long");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until everything is up to date, tags included.
fn wait_for_all(fixture: &Fixture) {
    wait_until(|| index(&fixture.database).is_superset(&rebuilt(fixture)));
    assert_eq!(fixture.search_all(&search("old"), 1000).len(), 1100);
}

fn it_ends_when_it_is_stopped_and_goes_on_when_it_is_started(fixture: &Fixture) {
    store_outdated(fixture);
    let reindexing = Reindexing::start(&fixture.database.url).unwrap();
    wait_until(|| outdated(fixture) < 1100);
    drop(reindexing);
    let left = outdated(fixture);
    assert!(left > 0, "it has not ended before its time");
    thread::sleep(Duration::from_millis(200));
    assert_eq!(outdated(fixture), left);
    let reindexing = Reindexing::start(&fixture.database.url).unwrap();
    wait_for_all(fixture);
    drop(reindexing);
}

fn several_at_once_do_no_harm(fixture: &Fixture) {
    store_outdated(fixture);
    let reindexing = [(); 4].map(|()| Reindexing::start(&fixture.database.url).unwrap());
    wait_for_all(fixture);
    drop(reindexing);
}

fn others_write_meanwhile(fixture: &Fixture) {
    store_outdated(fixture);
    let reindexing = Reindexing::start(&fixture.database.url).unwrap();
    wait_until(|| outdated(fixture) < 1100);
    let mut slowest = Duration::ZERO;
    let mut written = 0;
    while outdated(fixture) > 0 {
        let started = Instant::now();
        fixture.tag(SHARED, &format!("written meanwhile {written}"));
        slowest = slowest.max(started.elapsed());
        written += 1;
    }
    assert!(written > 3, "{written}");
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    wait_for_all(fixture);
    drop(reindexing);
}
