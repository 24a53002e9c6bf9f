//! Opening a connection and preparing it: time-outs, isolation, durability, and a check of what answers.

use std::fs::DirBuilder;
use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{ConnectionError, ConnectionResult, SqliteConnection};
use diesel_async::{AsyncConnection, AsyncMysqlConnection, AsyncPgConnection};
use thiserror::Error;
use tokio::time::timeout;
use url::Url;

use super::{AnyConnection, MysqlConnection, PgConnection};
use crate::url::{Backend, DatabaseUrl, Location};

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Statements that run longer than 10 s are cancelled, lock waits end after 3 s, and a transaction that was left
/// open is closed by the server.
const POSTGRES_SESSION: &str = "SET statement_timeout = '10s'; SET lock_timeout = '3s'; \
    SET idle_in_transaction_session_timeout = '30s'; SET default_transaction_isolation = 'read committed'";

/// The same for MariaDB, and strict SQL: a value that does not fit is an error, never cut off.
const MARIADB_SESSION: &str = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,\
    NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION', SESSION tx_isolation = 'READ-COMMITTED', \
    SESSION innodb_lock_wait_timeout = 3, SESSION max_statement_time = 10, SESSION time_zone = '+00:00'";

/// The oldest MariaDB that is supported, and why: `utf8mb4_nopad_bin` and the DDL used here.
const OLDEST_MARIADB: (u32, u32) = (10, 6);

/// `synchronous = FULL`: the log is on disk before a commit returns.
const SQLITE_SESSION: [&str; 5] = [
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
];

/// Why no connection could be made. Never holds a password.
#[derive(Clone, Debug, Error)]
pub(crate) enum ConnectError {
    /// Nothing answers, or not as a database does.
    #[error("cannot connect: {0}")]
    Unreachable(String),
    /// The server answers, but it is not one that is supported.
    #[error("{0}")]
    Unsupported(String),
}

impl From<ConnectionError> for ConnectError {
    fn from(error: ConnectionError) -> Self {
        Self::Unreachable(error.to_string())
    }
}

impl From<diesel::result::Error> for ConnectError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Unreachable(error.to_string())
    }
}

/// Opens a connection that may write. Blocks; call it on a plain thread.
pub(crate) fn connect(url: &DatabaseUrl) -> Result<AnyConnection, ConnectError> {
    match url.location() {
        Location::Sqlite(path) => sqlite(path).map(AnyConnection::Sqlite),
        Location::Postgres(server) => postgres(server).map(AnyConnection::Postgres),
        Location::Mariadb(server) => mariadb(server).map(AnyConnection::Mariadb),
    }
}

/// Does blocking database work on a thread that ends with it, and with the thread its runtime and its connections.
pub(crate) fn on_own_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| match scope.spawn(work).join() {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

/// Opens a connection for reading: on SQLite it refuses writes; servers make no difference.
pub(crate) fn connect_for_reading(url: &DatabaseUrl) -> Result<AnyConnection, ConnectError> {
    let mut connection = connect(url)?;
    if url.backend() == Backend::Sqlite {
        connection.batch_execute("PRAGMA query_only = ON")?;
    }
    Ok(connection)
}

fn sqlite(path: &Path) -> Result<SqliteConnection, ConnectError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_private_folder(folder)
            .map_err(|error| ConnectError::Unreachable(format!("{}: {error}", folder.display())))?;
    }
    let file = path.to_str().ok_or_else(|| ConnectError::Unreachable("the path is not UTF-8".into()))?;
    let mut connection = SqliteConnection::establish(file)
        .map_err(|error| ConnectError::Unreachable(format!("{}: {error}", path.display())))?;
    for statement in SQLITE_SESSION {
        connection.batch_execute(statement)?;
    }
    Ok(connection)
}

/// Makes a folder, and those above it, that only its owner can enter; one that exists stays as it is.
fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn postgres(server: &Url) -> Result<PgConnection, ConnectError> {
    let mut config: tokio_postgres::Config = server
        .as_str()
        .parse()
        .map_err(|error: tokio_postgres::Error| ConnectError::Unreachable(with_causes(&error)))?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_application_name().is_none() {
        config.application_name("taglink");
    }
    let mut connection = PgConnection::connect(async {
        let (client, connection) = config
            .connect(tokio_postgres::NoTls)
            .await
            .map_err(|error| ConnectionError::BadConnection(with_causes(&error)))?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    })?;
    connection.batch_execute(POSTGRES_SESSION)?;
    Ok(connection)
}

fn mariadb(server: &Url) -> Result<MysqlConnection, ConnectError> {
    let mut connection = MysqlConnection::connect(async {
        match timeout(CONNECT_TIMEOUT, AsyncMysqlConnection::establish(server.as_str())).await {
            Ok(connection) => connection,
            Err(_) => ConnectionResult::Err(ConnectionError::BadConnection("no answer in time".into())),
        }
    })?;
    let version: String =
        diesel::select(diesel::dsl::sql::<Text>("VERSION()")).get_result(&mut connection)?;
    if !is_supported_mariadb(&version) {
        let (major, minor) = OLDEST_MARIADB;
        return Err(ConnectError::Unsupported(format!(
            "the server says it is version {version:?}; taglink needs MariaDB {major}.{minor} or newer"
        )));
    }
    connection.batch_execute(MARIADB_SESSION)?;
    Ok(connection)
}

/// Whether `VERSION()` tells of a MariaDB that is new enough, as in `10.11.6-MariaDB-1`. Old ones and `MySQL` lack the
/// collation `utf8mb4_nopad_bin`. A leading `5.5.5-` is what MariaDB sends for the sake of old replicas.
fn is_supported_mariadb(version: &str) -> bool {
    let mut numbers =
        version.trim_start_matches("5.5.5-").split(['.', '-']).map_while(|part| part.parse().ok());
    let number = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    version.contains("MariaDB") && number >= OLDEST_MARIADB
}

/// An error's text with those of its causes: tokio-postgres tells the reason only there.
fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mariadb_from_10_6_is_supported() {
        for version in
            ["10.6.0-MariaDB", "10.11.6-MariaDB-0+deb12u1", "5.5.5-11.4.2-MariaDB", "12.0.1-MariaDB-log"]
        {
            assert!(is_supported_mariadb(version), "{version}");
        }
        for version in ["8.0.36", "10.5.29-MariaDB", "5.5.5-10.3.1-MariaDB", "", "MariaDB"] {
            assert!(!is_supported_mariadb(version), "{version}");
        }
    }
}
