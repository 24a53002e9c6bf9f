//! Leases: work that one process at a time does on a server, for as long as it renews its claim.
//!
//! A lease is a row, not a lock of a session: MariaDB's `GET_LOCK` is known to one node of a Galera cluster only, and
//! PostgreSQL's advisory locks do not survive a pooler. Time is that of the server; the clocks of a cluster's nodes must
//! agree to a few seconds. SQLite needs no leases, and grants each to everybody: it has one writer.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use taglink_domain::port::{RepositoryError, Result};

use crate::connection::{AnyConnection, Backend, DatabaseUrl, connect};
use crate::dialect::SqlBuilder;
use crate::error::classify_on;

/// Whoever migrates the database holds this one,
pub(crate) const MIGRATION: i64 = 1;

/// and whoever derives anew what is searched, this.
pub(crate) const REINDEXING: i64 = 2;

/// If the holder does not renew it for 30 s, another takes over.
const HOLD: &str = "UPDATE __taglink_lease \
    SET holder = ?, expires_at = CURRENT_TIMESTAMP(6) + INTERVAL '30' SECOND \
    WHERE id = ? AND (holder = ? OR expires_at < CURRENT_TIMESTAMP(6))";

const RELEASE: &str = "UPDATE __taglink_lease SET expires_at = '1970-01-02' WHERE id = ? AND holder = ?";

/// Two that create the table at once on PostgreSQL meet in its catalogue.
const CREATE_ON_POSTGRES: &str = "DO $$ BEGIN \
    CREATE TABLE IF NOT EXISTS __taglink_lease \
    (id BIGINT PRIMARY KEY, holder BIGINT NOT NULL, expires_at TIMESTAMP(6) WITH TIME ZONE NOT NULL); \
    EXCEPTION WHEN unique_violation OR duplicate_table OR duplicate_object THEN NULL; END $$; \
    INSERT INTO __taglink_lease VALUES (1, 0, '1970-01-02'), (2, 0, '1970-01-02') ON CONFLICT (id) DO NOTHING";

const CREATE_ON_MARIADB: &str = "CREATE TABLE IF NOT EXISTS __taglink_lease \
    (id BIGINT PRIMARY KEY, holder BIGINT NOT NULL, expires_at DATETIME(6) NOT NULL) ENGINE = InnoDB; \
    INSERT INTO __taglink_lease VALUES (1, 0, '1970-01-02'), (2, 0, '1970-01-02') \
    ON DUPLICATE KEY UPDATE __taglink_lease.id = __taglink_lease.id";

/// How often a lease is renewed during work that may take long.
const RENEWAL: Duration = Duration::from_secs(5);

/// How long to pause before another try.
const PAUSE: Duration = Duration::from_millis(100);

/// For how long a release is tried.
const RELEASE_PATIENCE: Duration = Duration::from_secs(5);

/// A claim to a lease.
#[derive(Clone, Copy)]
pub(crate) struct Lease {
    id: i64,
    /// A random number.
    holder: i64,
}

impl Lease {
    pub(crate) fn new(id: i64) -> Self {
        let random = RandomState::new().build_hasher().finish();
        Self { id, holder: i64::from_ne_bytes(random.to_ne_bytes()) }
    }

    /// Creates the table of the leases if it does not exist; `false` if that took too long.
    pub(crate) fn create_table(connection: &mut AnyConnection, patience: Duration) -> Result<bool> {
        until(Instant::now() + patience, connection, |connection| match connection {
            AnyConnection::Sqlite(_) => Ok(true),
            AnyConnection::Postgres(inner) => inner.batch_execute(CREATE_ON_POSTGRES).map(|()| true),
            AnyConnection::Mariadb(inner) => inner.batch_execute(CREATE_ON_MARIADB).map(|()| true),
        })
    }

    /// Takes or renews the lease, and waits for others; `false` if they took too long.
    pub(crate) fn hold(self, connection: &mut AnyConnection, patience: Duration) -> Result<bool> {
        if matches!(connection, AnyConnection::Sqlite(_)) {
            return Ok(true);
        }
        until(Instant::now() + patience, connection, |connection| {
            let hold = SqlBuilder::new(HOLD).number(self.holder).number(self.id).number(self.holder);
            hold.execute(connection).map(|rows| rows > 0)
        })
    }

    /// Leaves the lease to others. If that fails, it expires.
    pub(crate) fn release(self, connection: &mut AnyConnection) {
        if matches!(connection, AnyConnection::Sqlite(_)) {
            return;
        }
        let released = until(Instant::now() + RELEASE_PATIENCE, connection, |connection| {
            let release = SqlBuilder::new(RELEASE).number(self.id).number(self.holder);
            release.execute(connection).map(|_| true)
        });
        drop(released);
    }

    /// Renews the lease while `work` goes on, each time on another connection: that of `work` may be in a statement that
    /// takes long.
    pub(crate) fn renewed_during<T>(self, url: &DatabaseUrl, work: impl FnOnce() -> T) -> T {
        if url.backend() == Backend::Sqlite {
            return work();
        }
        thread::scope(|scope| {
            let (working, end) = channel::<()>();
            scope.spawn(move || {
                while end.recv_timeout(RENEWAL) == Err(RecvTimeoutError::Timeout) {
                    // If this fails, the next one is in time.
                    drop(connect(url).map(|mut connection| self.hold(&mut connection, Duration::ZERO)));
                }
            });
            let result = work();
            drop(working);
            result
        })
    }
}

/// Tries until the result is `true`; what is busy is tried again: on a Galera cluster, a change of another node may come
/// first at any time. `false` if the moment came first.
fn until(
    end: Instant,
    connection: &mut AnyConnection,
    mut attempt: impl FnMut(&mut AnyConnection) -> QueryResult<bool>,
) -> Result<bool> {
    loop {
        match attempt(connection).map_err(|error| classify_on(connection, &error, None)) {
            Ok(false) | Err(RepositoryError::Busy(_)) if Instant::now() < end => thread::sleep(PAUSE),
            Err(RepositoryError::Busy(_)) => return Ok(false),
            result => return result,
        }
    }
}
