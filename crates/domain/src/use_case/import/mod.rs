//! Taking over the rows of a file: found links and tags are merged, nothing is ever overwritten.

mod command;
mod links;
mod report;
mod run;
mod storage;
mod tags;

pub use command::{Import, ImportLink, ImportRows, ImportTag, ImportTagging};
pub use report::{ImportReport, Problem};
pub(super) use run::store;
pub use run::{ImportError, run};
