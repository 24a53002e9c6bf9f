//! Storage for taglink on SQLite, PostgreSQL and MariaDB, chosen at run time by the database URL.
//!
//! [`DieselStore`] implements the domain's ports: it hands each job to a thread that owns its connection, and the
//! repositories in `session` are written once, in diesel's query language, for all three databases.

mod connection;
mod error;
mod executor;
pub mod migration;
mod schema;
mod session;
mod tutorial;
mod url;

pub use executor::{DieselStore, ExecutorConfig, OpenError};
pub use session::{FeedConfig, with_unit_of_work};
pub use tutorial::{TutorialError, lacks_password, read_tutorial};
pub use url::{Backend, DatabaseUrl, InvalidDatabaseUrl, MariaDbAddress};
