//! Connections: one enum over three drivers, the URLs that name databases, and how each database is prepared.

mod blocking;
mod database_url;
mod establish;
mod mariadb;
mod postgres;
mod sqlite;
mod sqlstate;
mod tls;

use diesel::SqliteConnection;

pub(crate) use self::any::{AnyConnection, MultiBackend};
pub(crate) use self::blocking::{MysqlConnection, PgConnection};
pub use self::database_url::{Backend, DatabaseUrl, InvalidDatabaseUrl, MariaDbAddress};
pub(crate) use self::database_url::{Location, Server, Tls};
pub(crate) use self::establish::{ConnectError, connect, connect_for_reading, on_own_thread, with_causes};
pub(crate) use self::mariadb::options as mariadb_options;

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
