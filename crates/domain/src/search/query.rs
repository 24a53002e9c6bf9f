//! Queries: the conditions of a search.

use super::{Phrase, QueryError, Site, TagPattern};
use crate::model::Timestamp;

/// A query: the links for which every condition holds, or all links if there is no condition.
///
/// | written | holds for links |
/// |---|---|
/// | `rust` | with a word that begins so in URL, title, notes or the name of a tag |
/// | `foo-bar`, `https://e.org/a` | with these words in this order in one of them, of which the last may go on |
/// | `"rust book"` | with exactly these words in this order in one of them, accents included |
/// | `c++`, `.net`, `at&t` | with this name; without its signs, a word is found with any |
/// | `tag:b`, `tag:"b c"` | with this tag |
/// | `tag:dev/*` | with this tag or one below it |
/// | `site:example.com` | of this host or a subdomain |
/// | `before:2026-11` | created before this year, month or day (in UTC) begins, or before an RFC 3339 time |
/// | `after:2026-11` | created after this year, month or day (in UTC) has ended, or after an RFC 3339 time |
/// | `is:untagged` | without tags |
/// | `-…` | for which the rest does not hold |
///
/// Conditions are separated by white space. Behind a `:` quotes are optional; between quotes `\"` is a quote and `\\` a
/// backslash. Anything else in front of a `:` is an ordinary word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    conditions: Vec<Condition>,
}

/// One condition of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Whether links are looked for that `kind` does not hold for.
    pub negated: bool,
    pub kind: ConditionKind,
}

/// The kinds of conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionKind {
    /// The phrase is within its URL, its title, its notes or the name of one of its tags.
    Text(Phrase),
    /// The pattern matches one of its tags.
    Tag(TagPattern),
    /// It is of this host or one of its subdomains.
    Site(Site),
    /// It was created earlier than this moment.
    CreatedBefore(Timestamp),
    /// It was created at this moment or later.
    CreatedFrom(Timestamp),
    /// It has no tag.
    Untagged,
}

impl SearchQuery {
    /// The maximum length of a query, in characters; also that of all its terms together, which can be longer than the
    /// text (`ﷺ` has 15 letters).
    pub const MAX_CHARS: usize = 1000;

    /// The maximum number of conditions.
    pub const MAX_CONDITIONS: usize = 32;

    /// Reads a query. A blank one has no conditions.
    ///
    /// # Errors
    /// The first error and its place: the query or its terms are longer than [`SearchQuery::MAX_CHARS`], there are more
    /// than [`SearchQuery::MAX_CONDITIONS`], a quote is not closed, a word or phrase has no letter or digit, or the
    /// value of `tag:`, `site:`, `before:`, `after:` or `is:` is not valid.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        super::parser::parse(text).map(|conditions| Self { conditions })
    }

    #[cfg(test)]
    pub(super) fn of(conditions: Vec<Condition>) -> Self {
        Self { conditions }
    }

    /// The conditions, in the order in which they were written.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Whether it has no condition.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }
}
