//! Opening a connection to whatever a URL names.

use diesel::ConnectionError;
use diesel::connection::SimpleConnection;
use thiserror::Error;
use url::Url;

use super::{AnyConnection, mariadb, postgres, sqlite};
use super::{Backend, DatabaseUrl, Location, Server};

/// Why no connection could be made. Never holds a password.
#[derive(Clone, Debug, Error)]
pub(crate) enum ConnectError {
    /// Nothing answers, or not as a database does that takes what it is to take.
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
        Location::Sqlite(path) => sqlite::open(path).map(AnyConnection::Sqlite),
        Location::Postgres(server) => postgres::connect(server).map(AnyConnection::Postgres),
        Location::Mariadb(server) => mariadb::connect(server).map(AnyConnection::Mariadb),
    }
}

/// Connects to the first of the hosts that will do, by `connect`.
pub(super) fn first_of<C>(
    server: &Server,
    connect: impl Fn(&Url) -> Result<C, ConnectError>,
) -> Result<C, ConnectError> {
    let mut failures = Vec::new();
    for url in &server.urls {
        match connect(url) {
            Err(ConnectError::Unreachable(cause)) if server.urls.len() > 1 => {
                failures.push(format!("{}: {cause}", url.host_str().unwrap_or_default()));
            }
            result => return result,
        }
    }
    Err(ConnectError::Unreachable(failures.join("; ")))
}

/// Does blocking database work on a thread that ends with it, and with the thread its runtime and its connections.
pub(crate) fn on_own_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| match scope.spawn(work).join() {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

/// Opens a connection for reading: on SQLite it refuses writes, and leaves caching to the system, which does it once for
/// all connections (with 2 MiB for each, reads were not faster); servers make no difference.
pub(crate) fn connect_for_reading(url: &DatabaseUrl) -> Result<AnyConnection, ConnectError> {
    let mut connection = connect(url)?;
    if url.backend() == Backend::Sqlite {
        connection.batch_execute("PRAGMA query_only = ON; PRAGMA cache_size = -512")?;
    }
    Ok(connection)
}

/// An error's text with those of its causes: the drivers tell the reason only there.
pub(crate) fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
