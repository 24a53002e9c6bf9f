//! Transactions of migrations.

use taglink_domain::port::RepositoryError;

use super::DbUnitOfWork;

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
