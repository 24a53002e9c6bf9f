//! SQLite: durable, strict, and private to its owner.

use std::fs::{DirBuilder, OpenOptions};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use taglink_domain::port::RepositoryError;

use super::ConnectError;
use crate::error::classify;

/// For how long others who open the same new file are waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// `synchronous = FULL`: the log is on disk before a commit returns. A log of 16 MiB takes the pages that an import changes
/// several times before they are copied. A larger cache than this stays resident for good: with 16 MiB, imports took 6 %
/// less processor time, and reads and single writes the same.
const SESSION: [&str; 7] = [
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cache_size = -4096",
    "PRAGMA wal_autocheckpoint = 4096",
];

/// Opens the file, and makes it and its folder if they are missing.
pub(super) fn open(path: &Path) -> Result<SqliteConnection, ConnectError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_private_folder(folder)
            .map_err(|error| ConnectError::Unreachable(format!("{}: {error}", folder.display())))?;
    }
    make_private_file(path)
        .map_err(|error| ConnectError::Unreachable(format!("{}: {error}", path.display())))?;
    let file = path.to_str().ok_or_else(|| ConnectError::Unreachable("the path is not UTF-8".into()))?;
    let mut connection = SqliteConnection::establish(file)
        .map_err(|error| ConnectError::Unreachable(format!("{}: {error}", path.display())))?;
    for statement in SESSION {
        execute(&mut connection, statement)?;
    }
    Ok(connection)
}

/// Two that switch a file to `WAL` at once do not wait for each other, whatever the busy time-out: one fails at once.
fn execute(connection: &mut SqliteConnection, statement: &str) -> QueryResult<()> {
    let started = Instant::now();
    loop {
        match connection.batch_execute(statement) {
            Err(error)
                if matches!(classify(&error, None), RepositoryError::Busy(_))
                    && started.elapsed() < PATIENCE =>
            {
                thread::sleep(Duration::from_millis(5));
            }
            result => return result,
        }
    }
}

/// Makes a folder, and those above it, that only its owner can enter; one that exists stays as it is.
fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes the file so that only its owner can read it; SQLite gives the files beside it the same mode. One that exists
/// stays as it is.
fn make_private_file(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}
