//! Between files and the use cases: what HTTP and the command line share when links come in and go out.

mod export;
mod intake;

pub(crate) use export::Export;
pub(crate) use intake::{IntakeError, read_rows};
