//! Transactions outside of the store: of commands, migrations and the reindexing.

use taglink_domain::port::{Access, Outcome, RepositoryError, UnitOfWork, UseCaseError};

use super::reconnecting::ReconnectingConnection;
use super::worker::{ATTEMPTS, run_to_the_end};
use crate::connection::{DatabaseUrl, on_own_thread};
use crate::unit_of_work::DbUnitOfWork;

/// Runs `work` in a write transaction on a connection of its own, and again as the store does.
///
/// Blocks; not for async code.
///
/// # Errors
/// Those of `work`, and those of the storage.
pub fn with_unit_of_work<T: Send, E: UseCaseError>(
    url: &DatabaseUrl,
    mut work: impl FnMut(&mut dyn UnitOfWork) -> Result<T, E> + Send,
) -> Result<T, E> {
    on_own_thread(|| {
        let mut connection = ReconnectingConnection::open(url).map_err(RepositoryError::from)?;
        in_transaction(&mut connection, |uow| work(uow))
    })
}

/// Runs `work` in a write transaction, and again as the store does.
pub(crate) fn in_transaction<T, E: UseCaseError>(
    connection: &mut ReconnectingConnection,
    mut work: impl FnMut(&mut DbUnitOfWork) -> Result<T, E>,
) -> Result<T, E> {
    let mut worked = None;
    let mut job = |uow: &mut DbUnitOfWork| Outcome::of(worked.insert(work(uow)));
    run_to_the_end(connection, Access::Write, &mut job, ATTEMPTS)?;
    worked.unwrap_or_else(|| Err(RepositoryError::Internal("the work never ran".into()).into()))
}
