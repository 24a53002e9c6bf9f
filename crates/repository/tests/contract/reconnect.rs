//! A connection that the server cuts is opened again, without the client noticing.

use taglink_repository::Backend;

use crate::fixture::{Fixture, SHARED};

fn cut_all(fixture: &Fixture, sql: &str) {
    for round in 0..3 {
        for number in 0..20 {
            fixture.tag(SHARED, &format!("{round} {number}"));
        }
        fixture.sql(sql);
        for _ in 0..20 {
            fixture.read(|uow| uow.ping());
        }
        fixture.sql(sql);
    }
    fixture.tag(SHARED, "after");
}

#[test]
fn postgres_connections_that_are_terminated_come_back() {
    cut_all(
        &Fixture::new(Backend::Postgres),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
}

#[test]
fn mariadb_connections_that_are_killed_come_back() {
    cut_all(
        &Fixture::new(Backend::Mariadb),
        "BEGIN NOT ATOMIC FOR c IN (SELECT id FROM information_schema.processlist \
         WHERE db = DATABASE() AND id <> CONNECTION_ID()) DO KILL c.id; END FOR; END",
    );
}
