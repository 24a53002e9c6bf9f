//! Taking over the database of the tutorial that the service comes from: users, accounts, links, tags and taglinks, with
//! their ids and their password hashes.

mod dataset;
mod plan;
mod report;
mod run;
mod source;

pub use plan::{Takeover, plan};
pub use report::{Counts, TakeoverReport};
pub use run::{TakeoverError, run, settle};
pub use source::{AccountRow, LinkRow, SourceRows, TagLinkRow, TagRow, UserRow};
