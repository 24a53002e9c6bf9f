//! The meaning of queries as a function without a database.

use super::{Condition, ConditionKind, Phrase, SearchQuery, SearchText, TagPattern};
use crate::model::{LinkUrl, TagName, Timestamp};

/// A link with what can be searched of it.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    pub url: &'a str,
    pub title: Option<&'a str>,
    pub notes: Option<&'a str>,
    pub created_at: Timestamp,
    /// The names of its tags.
    pub tags: &'a [&'a str],
}

/// Whether every condition of `query` holds for `document`. Databases must find exactly the links for which it is so.
#[must_use]
pub fn matches(query: &SearchQuery, document: &Document<'_>) -> bool {
    query.conditions().iter().all(|Condition { negated, kind }| document.satisfies(kind) != *negated)
}

impl Document<'_> {
    fn satisfies(&self, kind: &ConditionKind) -> bool {
        match kind {
            ConditionKind::Text(phrase) => self.contains(phrase),
            ConditionKind::Tag(pattern) => self.has_tag(pattern),
            ConditionKind::Site(site) => {
                LinkUrl::parse(self.url.to_owned()).is_ok_and(|url| site.covers(url.host()))
            }
            ConditionKind::CreatedBefore(moment) => self.created_at < *moment,
            ConditionKind::CreatedFrom(moment) => self.created_at >= *moment,
            ConditionKind::Untagged => self.tags.is_empty(),
        }
    }

    fn contains(&self, phrase: &Phrase) -> bool {
        phrase.is_in(&SearchText::of_link(self.url, self.title, self.notes))
            || self.tags.iter().any(|name| phrase.is_in(&SearchText::of_tag(name)))
    }

    fn has_tag(&self, pattern: &TagPattern) -> bool {
        let mut keys = self.tags.iter().filter_map(|name| TagName::parse((*name).to_owned()).ok());
        keys.any(|name| pattern.matches(name.key()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().into()
    }

    fn is_found(query: &str) -> bool {
        let document = Document {
            url: "https://docs.Example.com/foo-bar?q=caf%C3%A9",
            title: Some("The Rust Book"),
            notes: Some("Read chapter 4.\nAgain!"),
            created_at: time("2026-11-24T12:00:00Z"),
            tags: &["Dev/Rust", "to read"],
        };
        matches(&SearchQuery::parse(query).unwrap_or_else(|error| panic!("{query}: {error}")), &document)
    }

    #[test]
    fn every_condition_must_hold() {
        assert!(is_found(""));
        assert!(is_found("rust book"));
        assert!(!is_found("rust cook"));
        assert!(is_found("rust -cook"));
        assert!(!is_found("rust -book"));
    }

    #[test]
    fn words_are_looked_for_by_their_beginning_in_every_field() {
        for word in [
            "ex",
            "CAFÉ",
            "RU",
            "chap",
            "dev",
            "foo-b",
            "https://docs.example.com/foo",
            "rust:bo",
            "to-re",
            "cafe",
        ] {
            assert!(is_found(word), "{word}");
        }
        for word in ["ust", "https", "caff", "fo-bar", "book-read", "s", "site"] {
            assert!(!is_found(word), "{word}");
        }
    }

    #[test]
    fn a_phrase_lies_within_one_field_or_tag() {
        for phrase in ["\"rust book\"", "\"chapter 4 again\"", "\"to read\"", "\"foo bar\"", "-\"rust boo\""]
        {
            assert!(is_found(phrase), "{phrase}");
        }
        for phrase in ["\"book read\"", "\"rust to\"", "\"book rust\"", "\"rust boo\"", "-\"dev rust\""] {
            assert!(!is_found(phrase), "{phrase}");
        }
    }

    /// Whether a query finds a link with this title.
    fn finds(query: &str, title: &str) -> bool {
        let created_at = time("2026-11-24T12:00:00Z");
        let document =
            Document { url: "https://e.example/", title: Some(title), notes: None, created_at, tags: &[] };
        matches(&SearchQuery::parse(query).unwrap(), &document)
    }

    #[test]
    fn a_sign_of_a_name_that_is_written_must_be_there() {
        let titles = [
            "C++ in depth",
            "C# notes",
            "Cooking with cats",
            "Objective-C",
            "A look at the .NET",
            "AT&T net",
        ];
        let found = |query: &str| titles.map(|title| u8::from(finds(query, title)));
        assert_eq!(found("c++"), [1, 0, 0, 0, 0, 0]);
        assert_eq!(found("-c++"), [0, 1, 1, 1, 1, 1]);
        assert_eq!(found("c#"), [0, 1, 0, 0, 0, 0]);
        assert_eq!(found("c"), [1, 1, 1, 1, 0, 0]);
        assert_eq!(found("\"c++ in\""), [1, 0, 0, 0, 0, 0]);
        assert_eq!(found("\"c\""), [1, 1, 0, 1, 0, 0]);
        assert_eq!(found(".net"), [0, 0, 0, 0, 1, 0]);
        assert_eq!(found("net"), [0, 0, 0, 0, 1, 1]);
        assert_eq!(found("at&t"), [0, 0, 0, 0, 0, 1]);
        assert_eq!(found("\"the .net\""), [0, 0, 0, 0, 1, 0]);
        assert!(finds("node.js", "Node.js") && finds("\"node.js\"", "On Node.js.") && finds("at&", "AT&T"));
    }

    #[test]
    fn any_part_of_a_run_without_spaces_is_found() {
        for query in ["データベース", "\"データ\"", "ﾃﾞｰﾀ", "入門"] {
            assert!(finds(query, "リレーショナルデータベース入門"), "{query}");
        }
        for query in ["관리", "북마크", "\"프로그램\""] {
            assert!(finds(query, "북마크관리프로그램"), "{query}");
        }
        assert!(!finds("리관", "북마크관리프로그램"));
    }

    #[test]
    fn accents_matter_between_quotes_only() {
        for (query, title) in
            [("cafe", "Café"), ("café", "Cafe"), ("creme-brul", "La crème brûlée"), ("\"crème\"", "crème")]
        {
            assert!(finds(query, title), "{query} {title}");
        }
        assert!(!finds("\"café\"", "Cafe") && !finds("-cafe", "Café"));
        assert!(!finds("か", "が"), "a mark makes another letter");
    }

    #[test]
    fn tags_are_compared_by_their_keys() {
        for query in
            ["tag:dev/rust", "tag:DEV/*", "tag:dev/rust/*", "tag:\"To Read\"", "-tag:dev", "-is:untagged"]
        {
            assert!(is_found(query), "{query}");
        }
        for query in ["tag:dev", "tag:de/*", "tag:to", "tag:rust", "-tag:dev/*", "is:untagged"] {
            assert!(!is_found(query), "{query}");
        }
    }

    #[test]
    fn a_site_covers_its_subdomains() {
        for query in ["site:example.com", "site:docs.example.com", "site:com", "-site:www.example.com"] {
            assert!(is_found(query), "{query}");
        }
        for query in ["site:ample.com", "site:example", "-site:example.com"] {
            assert!(!is_found(query), "{query}");
        }
    }

    #[test]
    fn before_and_after_exclude_what_they_name() {
        for query in [
            "after:2026-11-23",
            "after:2025",
            "before:2026-11-25",
            "before:2026-12",
            "after:2026-11-24T11:59:59Z",
        ] {
            assert!(is_found(query), "{query}");
        }
        for name in ["2026", "2026-11", "2026-11-24", "2026-11-24T12:00:00Z"] {
            assert!(!is_found(&format!("before:{name}")), "{name}");
            assert!(!is_found(&format!("after:{name}")), "{name}");
        }
    }
}
