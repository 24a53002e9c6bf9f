//! Long work in transactions of some rows each, between which others go on. Cut short, it has done a part, and the same
//! request again does the rest.

use crate::port::{Store, UnitOfWork, UseCaseError};

/// How many taglinks one transaction takes off or moves: on SQLite everybody else waits for it.
pub(super) const TAGLINKS: u16 = 500;

/// Repeats a step, each time in a transaction of its own, while it says that more is left to do. Where it is refused, it is
/// for the use case that comes after it to tell why.
pub(super) async fn repeat<E, F>(store: &dyn Store, step: F) -> Result<(), E>
where
    E: UseCaseError,
    F: Fn(&mut dyn UnitOfWork) -> Result<bool, E> + Clone + Send + 'static,
{
    loop {
        match store.write(step.clone()).await {
            Ok(true) => {}
            Err(error) if error.repository().is_some() => return Err(error),
            Ok(false) | Err(_) => return Ok(()),
        }
    }
}
