//! The service over a real socket, each test with a server and a database of its own.
#![cfg(test)]

#[path = "../../../../tests/support/database.rs"]
mod database;

mod adversarial;
mod app;
mod authentication;
mod binary;
mod cli;
mod concurrency;
mod document;
mod editing;
mod headers;
mod links;
mod login;
mod lookup;
mod paging;
mod process;
mod protocol;
mod scoped;
mod tag_tidying;
mod taglinks;
mod tags;

/// Makes three tests of each function, one for each database.
macro_rules! on_every_database {
    ($($name:ident),+ $(,)?) => {
        mod sqlite { $(#[tokio::test] async fn $name() { super::$name(&crate::app::TestApp::new(taglink_repository::Backend::Sqlite)).await; })+ }
        mod postgres { $(#[tokio::test] async fn $name() { super::$name(&crate::app::TestApp::new(taglink_repository::Backend::Postgres)).await; })+ }
        mod mariadb { $(#[tokio::test] async fn $name() { super::$name(&crate::app::TestApp::new(taglink_repository::Backend::Mariadb)).await; })+ }
    };
}
pub(crate) use on_every_database;
