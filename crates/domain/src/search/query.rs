//! The query language, as it is understood.

use std::fmt;

use super::moment::{shown_after, shown_before};
use super::{Phrase, QueryError, Site, TagPattern};
use crate::model::Timestamp;

/// What a client looks for: links for which every condition holds; all of them if there is none.
///
/// | written | holds for links |
/// |---|---|
/// | `rust` | with a word that begins so in URL, title, notes or the name of a tag |
/// | `foo-bar`, `https://e.org/a` | with these words in this order in one of them, of which the last may go on |
/// | `"rust book"` | with exactly these words in this order in one of them |
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
///
/// Shown, a query has its canonical form: the shortest that is read as an equal query.
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

/// What may be asked of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionKind {
    /// The phrase is within its URL, its title, its notes or the name of one of its tags.
    Text(Phrase),
    /// One of its tags is meant by the pattern.
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
    /// The longest query, in characters, as it is sent and in its canonical form.
    pub const MAX_CHARS: usize = 1000;

    /// The most conditions.
    pub const MAX_CONDITIONS: usize = 32;

    /// Reads a query. A blank one has no conditions.
    ///
    /// # Errors
    /// Says what is wrong and where: the query or its canonical form is longer than [`SearchQuery::MAX_CHARS`], has
    /// more than [`SearchQuery::MAX_CONDITIONS`], a quote is not closed, a word or phrase has no letter or digit, or
    /// what follows `tag:`, `site:`, `before:`, `after:` or `is:` is not valid.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        super::parser::parse(text).map(|conditions| Self { conditions })
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

impl fmt::Display for SearchQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for condition in &self.conditions {
            write!(f, "{separator}{condition}")?;
            separator = " ";
        }
        Ok(())
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.negated { "-" } else { "" }, self.kind)
    }
}

impl fmt::Display for ConditionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(phrase) if phrase.is_begun() => f.write_str(&phrase.shortest('-')),
            Self::Text(phrase) => write!(f, "\"{}\"", phrase.shortest(' ')),
            Self::Tag(pattern) => write!(f, "tag:{}", quoted_if_needed(&pattern.to_string())),
            Self::Site(site) => write!(f, "site:{site}"),
            Self::CreatedBefore(moment) => write!(f, "before:{}", shown_before(*moment)),
            Self::CreatedFrom(moment) => write!(f, "after:{}", shown_after(*moment)),
            Self::Untagged => f.write_str("is:untagged"),
        }
    }
}

fn quoted_if_needed(text: &str) -> String {
    if !text.starts_with('"') && !text.contains(char::is_whitespace) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', r#"\""#))
}
