//! Connections: one enum over three drivers, the types that travel over it, and how each database is prepared.

mod blocking;
mod establish;
mod mariadb;
mod postgres;
mod sqlite;
mod tls;
mod types;

use diesel::SqliteConnection;

pub(crate) use self::any::{AnyConnection, MultiBackend};
pub(crate) use self::blocking::{MysqlConnection, PgConnection};
pub(crate) use self::establish::with_causes;
pub(crate) use self::establish::{ConnectError, connect, connect_for_reading, on_own_thread};
pub(crate) use self::mariadb::options as mariadb_options;
pub(crate) use self::types::{DbId, Id};

mod any {
    //! Holds the derive apart, because the code it makes names its neighbours by `super::*`.
    #![allow(
        clippy::pedantic,
        clippy::large_enum_variant,
        reason = "the derive wants it so, and writes the rest"
    )]

    use diesel::MultiConnection;

    use super::{MysqlConnection, PgConnection, SqliteConnection};

    /// A connection to any of the databases.
    #[derive(MultiConnection)]
    pub enum AnyConnection {
        Sqlite(SqliteConnection),
        Postgres(PgConnection),
        Mariadb(MysqlConnection),
    }
}
