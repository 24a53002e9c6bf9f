//! The contract of the ports: the same functions on SQLite, PostgreSQL and MariaDB.
#![cfg(test)]

#[path = "../../../../tests/support/database.rs"]
mod database;

mod accounts;
mod api_tokens;
mod batches;
mod change_keeping;
mod change_numbers;
mod change_retention;
mod changes;
mod common_terms;
mod concurrency;
mod constraints;
mod credentials;
mod edit_cost;
mod editing;
mod executor;
mod exporting;
mod feed;
mod fixture;
mod following;
mod hosts;
mod idempotency;
mod import_cost;
mod importing;
mod language;
mod links;
mod long_work;
mod lookup;
mod managing_accounts;
mod managing_users;
mod merging;
mod merging_races;
mod migration_lock;
mod migrations;
mod reconnect;
mod refreshing;
mod reindexing;
mod schema;
mod search_corpus;
mod search_index;
mod searching;
mod sessions;
mod sql_literal;
mod sqlite;
mod subjects;
mod taglinks;
mod tags;
mod takeover;
mod text;
mod tls;
mod unused_tags;
mod users;

/// Makes three tests of each function, one for each database.
macro_rules! on_every_database {
    ($($name:ident),+ $(,)?) => {
        mod sqlite { $(#[test] fn $name() { super::$name(&crate::fixture::Fixture::new(taglink_repository::Backend::Sqlite)); })+ }
        mod postgres { $(#[test] fn $name() { super::$name(&crate::fixture::Fixture::new(taglink_repository::Backend::Postgres)); })+ }
        mod mariadb { $(#[test] fn $name() { super::$name(&crate::fixture::Fixture::new(taglink_repository::Backend::Mariadb)); })+ }
    };
}
pub(crate) use on_every_database;
