//! Search for links: the terms of texts, and the query language of the parameter `q`.

mod address;
mod date_filter;
mod document;
mod error;
mod index;
mod lexer;
mod link_search;
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
pub use index::{INDEX_VERSION, LinkIndex, prefix_end};
pub use link_search::{FoundLinks, LinkPlace, LinkSearch, SortValue, TagCount, TagFilter};
pub use phrase::Phrase;
pub use query::{Condition, ConditionKind, SearchQuery};
pub use search_text::SearchText;
pub use site::{InvalidSite, Site};
pub use sort::{InvalidSortOrder, SortField, SortOrder, title_key};
pub use tag_pattern::{TagKey, TagPattern};
pub use term::{Term, terms};
