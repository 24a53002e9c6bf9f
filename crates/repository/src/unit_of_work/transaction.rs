//! Transactions of commands, which end when they are done.

use taglink_domain::port::{RepositoryError, UnitOfWork};

use super::DbUnitOfWork;
use crate::change_feed::FeedConfig;
use crate::connection::{DatabaseUrl, connect, on_own_thread};

/// Runs `work` in a write transaction on a connection of its own: for commands that end when it is done.
///
/// Blocks; not for async code.
///
/// # Errors
/// Those of `work`, and those of the storage.
pub fn with_unit_of_work<T: Send, E: From<RepositoryError> + Send>(
    url: &DatabaseUrl,
    work: impl FnOnce(&mut dyn UnitOfWork) -> Result<T, E> + Send,
) -> Result<T, E> {
    on_own_thread(|| {
        let connection = connect(url).map_err(RepositoryError::from)?;
        in_transaction(&mut DbUnitOfWork::new(connection, FeedConfig::default()), |uow| work(uow))
    })
}

/// Runs `work` between BEGIN and COMMIT, or ROLLBACK if it fails.
pub(crate) fn in_transaction<T, E: From<RepositoryError>>(
    uow: &mut DbUnitOfWork,
    work: impl FnOnce(&mut DbUnitOfWork) -> Result<T, E>,
) -> Result<T, E> {
    uow.begin_job(true);
    uow.control(uow.dialect().begin())?;
    let worked = work(uow);
    uow.control(if worked.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    worked
}
