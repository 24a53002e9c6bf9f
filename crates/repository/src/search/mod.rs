//! Search for links.
//!
//! A page is read along one of the [`access_path`]s. On each of them every condition is checked for each link, so the
//! access path decides about the time only, never about the answer.

mod access_path;
mod background;
mod condition;
mod posting;
mod reindex;
mod resolved_tags;
mod search_links;

pub use self::background::Reindexing;
pub(crate) use self::posting::{Indexed, insert_postings, replace_postings};
pub use self::reindex::reindex;
