//! The service over a real socket, each test with a server and a database of its own.
#![cfg(test)]

#[path = "../../../../tests/support/database.rs"]
mod database;

mod account_rows;
mod accounts;
mod adversarial;
mod api_tokens;
mod app;
mod authentication;
mod authorization;
mod batch;
mod binary;
mod caching;
mod changes;
mod cli;
mod client;
mod compression;
mod concurrency;
mod differential;
mod document;
mod editing;
mod export_stream;
mod forgery;
mod headers;
mod idempotency;
mod importing;
mod isolation;
mod key_rotation;
mod last_admin;
mod links;
mod logging;
mod login;
mod lookup;
mod metadata;
mod oauth;
mod paging;
mod process;
mod protocol;
mod refresh;
mod reindexing;
mod request;
mod revocation;
mod round_trips;
mod scoped;
mod search;
mod service;
mod sessions;
mod tag_tidying;
mod taglinks;
mod tags;
mod throttle;
mod transfer_cli;
mod users;

/// Makes three tests of each function, one for each database.
macro_rules! on_every_database {
    ($($name:ident),+ $(,)?) => {
        mod sqlite { $(#[tokio::test] async fn $name() { super::$name(&crate::app::TestApp::new(taglink_repository::Backend::Sqlite)).await; })+ }
        mod postgres { $(#[tokio::test] async fn $name() { super::$name(&crate::app::TestApp::new(taglink_repository::Backend::Postgres)).await; })+ }
        mod mariadb { $(#[tokio::test] async fn $name() { super::$name(&crate::app::TestApp::new(taglink_repository::Backend::Mariadb)).await; })+ }
    };
}
pub(crate) use on_every_database;
