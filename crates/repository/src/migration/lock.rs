//! The migration lock.

use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use taglink_domain::port::RepositoryError;

use super::{MigrationError, open};
use crate::connection::{AnyConnection, DatabaseUrl, on_own_thread};
use crate::error::classify;
use crate::executor::ReconnectingConnection;
use crate::lease::{Lease, MIGRATION};
use crate::unit_of_work::DbUnitOfWork;

/// How long to wait for another process that is migrating.
const LOCK_PATIENCE: Duration = Duration::from_mins(1);

/// For how long a renewal is tried.
const RENEWAL_PATIENCE: Duration = Duration::from_secs(5);

/// How long one statement of a migration may take.
const PATIENCE: Duration = Duration::from_hours(1);

/// The connection of a process that holds the migration lock: a transaction on SQLite, which ends with the process, and
/// a lease on the servers.
pub(super) struct Locked {
    pub(super) connection: ReconnectingConnection,
    lease: Lease,
}

impl Locked {
    pub(super) fn unit_of_work(&mut self) -> Result<&mut DbUnitOfWork, MigrationError> {
        Ok(self.connection.unit_of_work()?)
    }

    fn lock(&mut self) -> Result<(), MigrationError> {
        let lease = self.lease;
        let connection = self.unit_of_work()?.connection();
        if let AnyConnection::Sqlite(inner) = connection {
            inner.batch_execute(&format!("PRAGMA busy_timeout = {}", LOCK_PATIENCE.as_millis()))?;
            return AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN EXCLUSIVE").map_err(locked);
        }
        let is_held =
            Lease::create_table(connection, LOCK_PATIENCE)? && lease.hold(connection, LOCK_PATIENCE)?;
        if !is_held {
            return Err(MigrationError::Locked);
        }
        match connection {
            AnyConnection::Sqlite(_) => {}
            AnyConnection::Postgres(inner) => {
                inner.be_patient(PATIENCE);
                inner.batch_execute(
                    "SET lock_timeout = '60s'; SET statement_timeout = 0; \
                     SET idle_in_transaction_session_timeout = 0",
                )?;
            }
            AnyConnection::Mariadb(inner) => {
                inner.be_patient(PATIENCE);
                inner.batch_execute("SET SESSION max_statement_time = 0")?;
            }
        }
        Ok(())
    }

    /// Makes sure of the lock before something that nobody else may do as well.
    pub(super) fn renew(&mut self) -> Result<(), MigrationError> {
        let lease = self.lease;
        let is_held = lease.hold(self.unit_of_work()?.connection(), RENEWAL_PATIENCE)?;
        if is_held { Ok(()) } else { Err(MigrationError::LostLock) }
    }

    fn unlock(&mut self, succeeded: bool) -> Result<(), MigrationError> {
        let lease = self.lease;
        match self.unit_of_work()?.connection() {
            AnyConnection::Sqlite(inner) if succeeded => AnsiTransactionManager::commit_transaction(inner)?,
            AnyConnection::Sqlite(inner) => AnsiTransactionManager::rollback_transaction(inner)?,
            server => lease.release(server),
        }
        Ok(())
    }
}

/// Runs `work` while no other process can be in here with the same database.
pub(super) fn under_lock<T: Send>(
    url: &DatabaseUrl,
    work: impl FnOnce(&mut Locked) -> Result<T, MigrationError> + Send,
) -> Result<T, MigrationError> {
    on_own_thread(|| {
        let lease = Lease::new(MIGRATION);
        let mut locked = Locked { connection: open(url)?, lease };
        locked.lock()?;
        let result = lease.renewed_during(url, || work(&mut locked));
        locked.unlock(result.is_ok())?;
        result
    })
}

/// Reports a lock wait that timed out as [`MigrationError::Locked`], and any other failure as it is.
#[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
fn locked(error: diesel::result::Error) -> MigrationError {
    match classify(&error, None) {
        RepositoryError::Busy(_) => MigrationError::Locked,
        other => MigrationError::Repository(other),
    }
}
