//! Why a query cannot be read.

use std::fmt;

use thiserror::Error;

/// Why a text is no [`SearchQuery`](super::SearchQuery), and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("q is not valid at character {at}: {message}")]
pub struct QueryError {
    /// How many characters stand before the place; always fewer than the text has.
    pub at: usize,
    /// What is wrong there: a sentence without a capital and a full stop.
    pub message: String,
}

impl QueryError {
    pub(super) fn new(at: usize, message: impl fmt::Display) -> Self {
        Self { at, message: message.to_string() }
    }
}
