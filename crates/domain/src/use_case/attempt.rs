//! Parts of a use case that may fail without undoing the whole.

use crate::port::{RepositoryError, UnitOfWork, UseCaseError};

/// Runs a part of a use case in a savepoint. If it fails, nothing of it is left, and the use case can go on; the inner
/// result says whether it did.
///
/// # Errors
/// If the storage failed: then the use case must not go on, because its transaction may be lost.
pub fn attempt<T, E: UseCaseError>(
    uow: &mut dyn UnitOfWork,
    work: impl FnOnce(&mut dyn UnitOfWork) -> Result<T, E>,
) -> Result<Result<T, E>, RepositoryError> {
    uow.set_savepoint()?;
    let result = work(uow);
    match &result {
        Ok(_) => uow.release_savepoint()?,
        Err(error) => match error.repository() {
            Some(failure) => return Err(failure.clone()),
            None => uow.roll_back_to_savepoint()?,
        },
    }
    Ok(result)
}
