//! Storage for taglink on SQLite, PostgreSQL and MariaDB, chosen at run time by the database URL.
//!
//! [`DieselStore`] implements the domain's ports: it hands each job to a thread that owns its connection. The ports are
//! implemented once for all three databases, in `query`, `search` and `change_feed`; everything in which the databases
//! differ is in `connection` and `dialect`.

#[cfg(test)]
extern crate self as taglink_repository;

mod change_feed;
mod connection;
mod dialect;
mod error;
mod executor;
mod lease;
pub mod migration;
mod query;
mod row;
mod schema;
mod search;
mod tutorial;
mod unit_of_work;

pub use change_feed::FeedConfig;
pub use connection::{Backend, DatabaseUrl, InvalidDatabaseUrl, MariaDbAddress};
pub use executor::{DieselStore, ExecutorConfig, OpenError, with_unit_of_work};
pub use search::{Reindexing, reindex};
pub use tutorial::{TutorialError, lacks_password, read_tutorial};
