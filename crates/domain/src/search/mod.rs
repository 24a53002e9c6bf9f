//! Searching links: how text becomes terms, and what a client may ask for in `q`.

mod address;
mod document;
mod error;
mod index;
mod lexer;
mod link_search;
mod moment;
mod parser;
mod phrase;
#[cfg(test)]
mod properties;
mod query;
mod search_text;
mod site;
mod sort;
mod tag_pattern;
mod term;

pub use document::{Document, matches};
pub use error::QueryError;
pub use index::{INDEX_VERSION, LinkIndex, prefix_end, reversed_host};
pub use link_search::{FoundLinks, LinkPlace, LinkSearch, SortValue, TagCount, TagFilter};
pub use phrase::Phrase;
pub use query::{Condition, ConditionKind, SearchQuery};
pub use search_text::SearchText;
pub use site::{InvalidSite, Site};
pub use sort::{InvalidSortOrder, SortField, SortOrder, title_key};
pub use tag_pattern::{TagKey, TagPattern};
pub use term::{Term, terms};
