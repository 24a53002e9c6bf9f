//! The executor: plain threads that own their connection, fed by bounded queues.
//!
//! Nothing of a connection ever touches an async thread, a client that disconnects cannot cut a transaction in half,
//! and a full queue sheds load at once. PostgreSQL and MariaDB have N equal workers; SQLite has one writer that
//! commits in groups, and N readers.

mod group_writer;
mod queue;
mod reconnecting;
mod store;
mod transaction;
mod worker;

pub(crate) use self::reconnecting::ReconnectingConnection;
pub use self::store::{DieselStore, ExecutorConfig, OpenError};
pub(crate) use self::transaction::in_transaction;
pub use self::transaction::with_unit_of_work;
