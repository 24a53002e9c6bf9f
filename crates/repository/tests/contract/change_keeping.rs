//! What is missed when changes are no longer there, and what the database itself refuses.

use std::time::Duration;

use taglink_domain::model::{AccountId, ChangeSeq, Changed, IdRef, LinkId, TagId, Timestamp};
use taglink_domain::port::{Constraint, RepositoryError, Table};
use taglink_domain::use_case::changes::{Changes, ReadChangesError, Start};
use taglink_domain::use_case::links;
use taglink_repository::{Backend, DieselStore, ExecutorConfig};

use crate::feed::{all, latest, numbers, read};
use crate::fixture::{Fixture, OURS, SHARED, failure_of};
use crate::on_every_database;

on_every_database!(
    a_number_that_was_never_given_has_expired,
    a_change_that_is_no_longer_kept_is_missed,
    a_page_ends_before_a_change_that_is_missing,
    fifty_thousand_changes_fit_into_one_transaction,
    all_of_many_changes_are_behind_the_latest_number,
    a_change_is_about_something,
    a_change_needs_its_account_and_a_number_of_its_own,
);

/// The table, whose name is a word of MariaDB's.
fn table(fixture: &Fixture) -> &'static str {
    if fixture.backend() == Backend::Mariadb { "`change`" } else { "change" }
}

fn after(fixture: &Fixture, number: i64) -> Result<Changes, ReadChangesError> {
    read(fixture.store.as_ref(), SHARED, Start::After(ChangeSeq::new(number).unwrap()), 9)
}

fn is_expired(fixture: &Fixture, number: i64) -> bool {
    matches!(after(fixture, number), Err(ReadChangesError::Expired))
}

fn numbers_after(fixture: &Fixture, number: i64) -> Vec<i64> {
    let found = after(fixture, number).unwrap();
    let numbers = numbers(&found.items);
    assert_eq!(found.last.get(), numbers.last().copied().unwrap_or(number), "where to go on");
    numbers
}

/// Stores tags, whose changes have got the first numbers.
fn numbered_tags(fixture: &Fixture, count: i64) {
    for number in 0..count {
        fixture.tag(SHARED, &format!("tag {number}"));
    }
    assert_eq!(latest(fixture.store.as_ref(), SHARED), count);
}

fn a_number_that_was_never_given_has_expired(fixture: &Fixture) {
    fixture.tag(SHARED, "rust");
    assert_eq!(numbers_after(fixture, 1), [0; 0]);
    assert!(is_expired(fixture, 2), "the database was restored, say");
    assert!(is_expired(fixture, i64::MAX));
}

fn a_change_that_is_no_longer_kept_is_missed(fixture: &Fixture) {
    numbered_tags(fixture, 4);
    let table = table(fixture);
    fixture.sql(&format!("DELETE FROM {table} WHERE seq <= 2"));
    assert!(is_expired(fixture, 0) && is_expired(fixture, 1));
    assert_eq!(numbers_after(fixture, 2), [3, 4]);
    fixture.sql(&format!("DELETE FROM {table}"));
    assert!(is_expired(fixture, 3));
    assert_eq!(numbers_after(fixture, 4), [0; 0], "nothing was missed");
    assert_eq!(latest(fixture.store.as_ref(), SHARED), 4);
    fixture.tag(SHARED, "after");
    assert_eq!(numbers_after(fixture, 4), [5], "numbers are not given again");
}

fn a_page_ends_before_a_change_that_is_missing(fixture: &Fixture) {
    numbered_tags(fixture, 7);
    fixture.sql(&format!("DELETE FROM {} WHERE seq IN (3, 4)", table(fixture)));
    assert_eq!(numbers_after(fixture, 0), [1, 2]);
    assert_eq!(numbers_after(fixture, 1), [2]);
    assert!(is_expired(fixture, 2) && is_expired(fixture, 3));
    assert_eq!(numbers_after(fixture, 4), [5, 6, 7]);
    fixture.sql(&format!("DELETE FROM {} WHERE seq = 7", table(fixture)));
    assert_eq!(numbers_after(fixture, 4), [5, 6]);
    assert!(is_expired(fixture, 6), "the last one as well");
    assert_eq!(numbers_after(fixture, 7), [0; 0]);
}

const MANY: usize = 50_000;

/// Removes a link that has many tags. What would take long is to insert as many rows one by one, so they come from
/// outside.
fn many_changes(fixture: &Fixture) -> LinkId {
    let link = fixture.link(SHARED, "https://example.com");
    let [account, link_id, at] =
        [fixture.id_sql(SHARED), fixture.id_sql(link.id), fixture.time_sql(link.created_at)];
    let ids: Vec<_> = (0..MANY).map(|_| TagId::new()).collect();
    for ids in ids.chunks(1000) {
        let tags: Vec<_> = ids
            .iter()
            .map(|id| format!("({account}, {}, 'x', '{id}', 1, {at}, {at}, '', 1)", fixture.id_sql(*id)))
            .collect();
        let pairs: Vec<_> = ids
            .iter()
            .map(|id| format!("({account}, {}, {at}, {link_id}, {at})", fixture.id_sql(*id)))
            .collect();
        fixture.sql(&format!(
            "INSERT INTO tag (account_id, tag_id, name, name_key, version, created_at, updated_at, search_text, \
             search_version) VALUES {}",
            tags.join(",")
        ));
        fixture.sql(&format!(
            "INSERT INTO taglink (account_id, tag_id, link_created_at, link_id, created_at) VALUES {}",
            pairs.join(",")
        ));
    }
    let id = IdRef::from(link.id);
    assert_eq!(fixture.write(move |uow| links::delete(uow, OURS, &id)), Ok(true));
    link.id
}

fn fifty_thousand_changes_fit_into_one_transaction(fixture: &Fixture) {
    let link = many_changes(fixture);
    let changes = all(fixture.store.as_ref(), SHARED);
    assert_eq!(numbers(&changes), (1..=50_002).collect::<Vec<_>>());
    assert_eq!(changes[0].now, Changed::LinkGone(link));
    assert!(changes[1..=MANY].iter().all(|change| matches!(change.now, Changed::TagLinkGone(..))));
    assert_eq!(changes[MANY + 1].now, Changed::LinkGone(link));
}

fn all_of_many_changes_are_behind_the_latest_number(fixture: &Fixture) {
    many_changes(fixture);
    assert_eq!(latest(fixture.store.as_ref(), SHARED), 50_002);
    assert_eq!(numbers_after(fixture, 50_002), [0; 0]);
    assert!(!fixture.read(|uow| uow.has_pending_changes(SHARED)));
}

/// Such as a standby.
#[test]
fn a_database_that_only_reads_tells_what_has_got_numbers() {
    let fixture = Fixture::new(Backend::Postgres);
    numbered_tags(&fixture, 3);
    fixture.tag(SHARED, "without a number");
    let (_, name) = fixture.database.text.rsplit_once('/').unwrap();
    fixture.sql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    let config = ExecutorConfig { connections: 2, queue: 10, deadline: Duration::from_secs(30) };
    let standby = DieselStore::open(&fixture.database.url, config).unwrap();
    let found = read(&standby, SHARED, Start::After(ChangeSeq::START), 9).unwrap();
    assert_eq!(numbers(&found.items), [1, 2, 3]);
    assert_eq!(latest(&standby, SHARED), 3);
    standby.close();
    // The fixture may have opened connections that only read meanwhile.
    fixture.sql(&format!("BEGIN READ WRITE; ALTER DATABASE {name} RESET ALL; COMMIT"));
    let primary = DieselStore::open(&fixture.database.url, config).unwrap();
    let found = read(&primary, SHARED, Start::After(ChangeSeq::new(3).unwrap()), 9).unwrap();
    assert_eq!(numbers(&found.items), [4], "they get theirs elsewhere");
    primary.close();
}

/// Whether the database takes a change with these ids, as SQL.
fn takes(fixture: &Fixture, table: &str, account: &str, number: i64, [link, tag]: [&str; 2]) -> bool {
    let at = fixture.time_sql(Timestamp::from_micros(1_767_225_600_000_000).unwrap());
    let sql = if table == "change_pending" {
        let id = fixture.id_sql(AccountId::new());
        format!(
            "INSERT INTO change_pending (account_id, id, link_id, tag_id, removed, changed_at) \
             VALUES ({account}, {id}, {link}, {tag}, FALSE, {at})"
        )
    } else {
        format!(
            "INSERT INTO {table} (account_id, seq, link_id, tag_id, changed_at) \
             VALUES ({account}, {number}, {link}, {tag}, {at})"
        )
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fixture.sql(&sql))).is_ok()
}

fn a_change_is_about_something(fixture: &Fixture) {
    let (id, shared) = (fixture.id_sql(AccountId::new()), fixture.id_sql(SHARED));
    for table in [table(fixture), "change_pending"] {
        for (link, tag, good) in
            [(&*id, "NULL", true), ("NULL", &*id, true), (&*id, &*id, true), ("NULL", "NULL", false)]
        {
            let number = fixture.later().micros();
            assert_eq!(takes(fixture, table, &shared, number, [link, tag]), good, "{table} {link} {tag}");
        }
    }
}

fn a_change_needs_its_account_and_a_number_of_its_own(fixture: &Fixture) {
    let (nobody, shared) = (fixture.id_sql(AccountId::new()), fixture.id_sql(SHARED));
    let (account, ids) = (fixture.other_account(), [&*nobody, "NULL"]);
    for table in [table(fixture), "change_pending"] {
        assert!(!takes(fixture, table, &nobody, 1, ids), "no such account");
    }
    // Its number is not that of the account's head, as only a defect could make it.
    assert!(takes(fixture, table(fixture), &shared, 1, ids));
    assert!(!takes(fixture, table(fixture), &shared, 1, ids));
    fixture.tag(SHARED, "rust");
    let met = fixture.write(move |uow| uow.number_changes(SHARED));
    assert_eq!(met, Err(RepositoryError::Conflict(Constraint::PrimaryKey(Table::Change))));
    assert!(fixture.read(|uow| uow.has_pending_changes(SHARED)), "what could not be numbered is still there");

    let head = format!("INSERT INTO change_head (account_id, seq) VALUES ({}, 1)", fixture.id_sql(account));
    let is_named = fixture.backend() != Backend::Sqlite;
    for make in 0..3 {
        match make {
            0 => assert!(takes(fixture, table(fixture), &fixture.id_sql(account), 1, ids)),
            1 => assert!(takes(fixture, "change_pending", &fixture.id_sql(account), 1, ids)),
            _ => fixture.sql(&head),
        }
        let met = failure_of(fixture.store.as_ref(), move |uow| uow.delete_account(account).map(drop));
        assert_eq!(met, RepositoryError::MissingReference(is_named.then_some(Constraint::ChangeAccount)));
        fixture.write(move |uow| uow.delete_rows_of_account(account)).unwrap();
    }
    assert_eq!(fixture.write(move |uow| uow.delete_account(account)), Ok(true));
}
