//! The conditions of the items of a query.

use super::date_filter::{parse_after, parse_before};
use super::lexer::{Item, Key, Lexer};
use super::{Condition, ConditionKind, Phrase, QueryError, SearchQuery, Site, TagPattern};

pub(super) fn parse(text: &str) -> Result<Vec<Condition>, QueryError> {
    if text.chars().nth(SearchQuery::MAX_CHARS).is_some() {
        return Err(too_long_at(SearchQuery::MAX_CHARS));
    }
    let mut conditions = Vec::new();
    let mut term_chars = 0;
    for item in Lexer::new(text) {
        let item = item?;
        let at = item.at;
        if conditions.len() == SearchQuery::MAX_CONDITIONS {
            let most = SearchQuery::MAX_CONDITIONS;
            return Err(QueryError::new(at, format_args!("there must be at most {most} conditions")));
        }
        let condition = read(item)?;
        if let ConditionKind::Text(phrase) = &condition.kind {
            term_chars += phrase.terms().iter().map(|term| term.as_str().chars().count()).sum::<usize>();
        }
        if term_chars > SearchQuery::MAX_CHARS {
            return Err(too_long_at(at));
        }
        conditions.push(condition);
    }
    Ok(conditions)
}

fn too_long_at(at: usize) -> QueryError {
    let most = SearchQuery::MAX_CHARS;
    QueryError::new(
        at,
        format_args!("there must be at most {most} characters, as sent and as they are compared"),
    )
}

fn read(item: Item) -> Result<Condition, QueryError> {
    let Item { at, negated, key, value } = item;
    let invalid = |reason: &dyn std::fmt::Display| QueryError::new(value.at, reason);
    let text = value.text.as_str();
    let kind = match key {
        None => {
            let phrase = if value.is_quoted { Phrase::whole(text) } else { Phrase::begun(text) };
            ConditionKind::Text(
                phrase.ok_or_else(|| QueryError::new(at, "there is no letter or digit to look for"))?,
            )
        }
        Some(Key::Tag) => ConditionKind::Tag(TagPattern::parse(text).map_err(|error| invalid(&error))?),
        Some(Key::Site) => ConditionKind::Site(Site::parse(text).map_err(|error| invalid(&error))?),
        Some(Key::Before) => {
            ConditionKind::CreatedBefore(parse_before(text).map_err(|error| invalid(&error))?)
        }
        Some(Key::After) => ConditionKind::CreatedFrom(parse_after(text).map_err(|error| invalid(&error))?),
        Some(Key::Is) if text.eq_ignore_ascii_case("untagged") => ConditionKind::Untagged,
        Some(Key::Is) => return Err(invalid(&"is: knows only is:untagged")),
    };
    Ok(Condition { negated, kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> SearchQuery {
        SearchQuery::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn error(text: &str) -> (usize, String) {
        let error = SearchQuery::parse(text).err().unwrap_or_else(|| panic!("{text} is a query"));
        (error.at, error.message)
    }

    #[test]
    fn each_item_is_a_condition() {
        let phrase = |text: &str| ConditionKind::Text(Phrase::whole(text).unwrap());
        let begun = |text: &str| ConditionKind::Text(Phrase::begun(text).unwrap());
        let tag = |text: &str| ConditionKind::Tag(TagPattern::parse(text).unwrap());
        let cases = [
            ("rust", begun("rust")),
            ("foo-bar", begun("foo bar")),
            ("\"b c\"", phrase("b c")),
            ("tag:d", tag("d")),
            ("tag:d/*", tag("d/*")),
            ("tag:\"b c\"", tag("b c")),
            ("site:e.org", ConditionKind::Site(Site::parse("e.org").unwrap())),
            ("before:2026", ConditionKind::CreatedBefore(parse_before("2026").unwrap())),
            ("after:2026", ConditionKind::CreatedFrom(parse_after("2026").unwrap())),
            ("is:untagged", ConditionKind::Untagged),
        ];
        for (text, kind) in &cases {
            for (sign, negated) in [("", false), ("-", true)] {
                let query = SearchQuery::of(vec![Condition { negated, kind: kind.clone() }]);
                assert_eq!(parsed(&format!("{sign}{text}")), query, "{sign}{text}");
            }
        }
        let all = cases.iter().map(|(text, _)| *text).collect::<Vec<_>>().join(" ");
        let conditions = cases.map(|(_, kind)| Condition { negated: false, kind });
        assert_eq!(parsed(&all), SearchQuery::of(conditions.into()));
    }

    #[test]
    fn spellings_of_a_query_are_equal() {
        let cases = [
            (" \t\u{3000}", ""),
            ("Rust  BOOK", "rust book"),
            ("foo/bar_baz", "foo-bar-baz"),
            ("https://www.Example.com/a?b", "example-com-a-b"),
            ("日本語 \"日本 語rust go\"", "日-本-語 \"日本語rust go\""),
            ("\"Rust  Book!\"", "\"rust book\""),
            ("foo:bar foo:\"a b\"", "foo-bar foo-a b"),
            ("TAG:Dev tag:\"dev\" tag:\"a b\" tag:Dev/*", "tag:dev tag:dev tag:\" A b\" tag:\"dev/*\""),
            (r#"tag:"\"a\"" tag:a"b tag:a\b"#, r#"tag:"\"A\"" tag:"a\"b" tag:"a\\b""#),
            ("site:Bücher.Example. site:\"e.org\"", "site:xn--bcher-kva.example site:e.org"),
            ("before:2026-01-01 after:2026-11-30", "before:2026 after:2026-11"),
            ("after:2026-11-24T12:00:00.50+01:00", "after:2026-11-24T11:00:00.5Z"),
            ("-is:Untagged --release", "-is:untagged -release"),
        ];
        for (text, same) in cases {
            assert_eq!(parsed(text), parsed(same), "{text}");
        }
        for (text, other) in [("foo bar", "foo-bar"), ("\"foo\"", "foo"), ("-foo", "foo"), ("a b", "b a")] {
            assert_ne!(parsed(text), parsed(other), "{text}");
        }
    }

    #[test]
    fn an_error_points_at_what_is_wrong() {
        let cases = [
            ("é ---", 2, "there is no letter or digit to look for"),
            ("a -!", 2, "there is no letter or digit to look for"),
            ("a - b", 2, "there is no letter or digit to look for"),
            ("a -\"\"", 2, "there is no letter or digit to look for"),
            ("a \"b", 2, "the quote is not closed"),
            ("a tag:\"b\\\"", 6, "the quote is not closed"),
            ("a \"b\"c", 5, "a space must follow the closing quote"),
            ("a tag:", 2, "tag must be 1 to 255 characters long"),
            ("a -tag:\" \"", 7, "tag must be 1 to 255 characters long"),
            ("tag:/*", 4, "tag must be 1 to 255 characters long"),
            ("tag:a\0", 4, "tag must not contain control characters"),
            ("site: a", 0, "site must be a host such as example.com, without scheme, port and path"),
            ("site:a/b", 5, "site must be a host such as example.com, without scheme, port and path"),
            ("before:x", 7, "a date such as 2026, 2026-11 or 2026-11-24, or an RFC 3339 time, is expected"),
            ("-after:9999", 7, "the time must lie within the years 1 to 9999"),
            ("is:tagged", 3, "is: knows only is:untagged"),
            ("is:", 0, "is: knows only is:untagged"),
        ];
        for (text, at, message) in cases {
            assert_eq!(error(text), (at, message.to_owned()), "{text}");
        }
        let error = SearchQuery::parse("site:a tag: \"").unwrap_err();
        assert_eq!(error.to_string(), "q is not valid at character 7: tag must be 1 to 255 characters long");
    }

    #[test]
    fn a_query_has_at_most_1000_characters() {
        let longest = "é".repeat(SearchQuery::MAX_CHARS);
        assert!(SearchQuery::parse(&longest).is_ok());
        assert_eq!(error(&format!("{longest} ")).0, 1000);
        assert!(SearchQuery::parse(&"日".repeat(1000)).is_ok(), "ideographs need no space between them");
        assert_eq!(error(&format!("a {}", "ﷺ".repeat(100))).0, 2, "it has 15 letters");
    }

    #[test]
    fn a_query_has_at_most_32_conditions() {
        assert!(SearchQuery::parse(&"a ".repeat(32)).is_ok());
        assert_eq!(error(&"a ".repeat(33)), (64, "there must be at most 32 conditions".into()));
    }
}
