//! Takes a query apart into what stands between its spaces.

use super::QueryError;

/// One condition as it is written: `word`, `-"some words"`, `tag:value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// Where it begins, in characters.
    pub(super) at: usize,
    pub(super) negated: bool,
    pub(super) key: Option<Key>,
    pub(super) value: Value,
}

/// What an item asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// Where it begins, in characters. A value of no characters is where its item is.
    pub(super) at: usize,
    /// Without quotes and what escapes them.
    pub(super) text: String,
    pub(super) is_quoted: bool,
}

/// The words that mean something in front of a `:`, in any case of their letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Tag,
    Site,
    Before,
    After,
    Is,
}

impl Key {
    fn read(text: &str) -> Option<Self> {
        let keys = [
            ("tag", Self::Tag),
            ("site", Self::Site),
            ("before", Self::Before),
            ("after", Self::After),
            ("is", Self::Is),
        ];
        keys.into_iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, key)| key)
    }
}

/// The items of a query, in its order. Nothing more comes after an error.
pub(super) struct Lexer<'a> {
    rest: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, at: 0 }
    }

    /// Goes on behind `part`, with which `rest` follows.
    fn go_behind(&mut self, part: &str, rest: &'a str) {
        self.at += part.chars().count();
        self.rest = rest;
    }

    /// Reads what comes before the first character that `is_end`.
    fn read_until(&mut self, is_end: impl Fn(char) -> bool) -> &'a str {
        let (part, rest) = self.rest.split_at(self.rest.find(is_end).unwrap_or(self.rest.len()));
        self.go_behind(part, rest);
        part
    }

    /// Reads `c`, if that is next.
    fn read_char(&mut self, c: char) -> bool {
        let rest = self.rest.strip_prefix(c);
        if let Some(rest) = rest {
            self.rest = rest;
            self.at += 1;
        }
        rest.is_some()
    }

    fn read_key(&mut self) -> Option<Key> {
        let (name, rest) = self.rest.split_once(':')?;
        let key = Key::read(name)?;
        self.go_behind(name, rest);
        self.at += 1;
        Some(key)
    }

    fn read_item(&mut self) -> Result<Item, QueryError> {
        let at = self.at;
        let negated = self.read_char('-');
        let key = self.read_key();
        let value_at = self.at;
        let is_quoted = self.read_char('"');
        let text = if is_quoted {
            self.read_quoted(value_at)?
        } else {
            self.read_until(char::is_whitespace).to_owned()
        };
        let value_at = if is_quoted || !text.is_empty() { value_at } else { at };
        Ok(Item { at, negated, key, value: Value { at: value_at, text, is_quoted } })
    }

    /// Reads on up to the quote that closes the one at `opened_at`. A backslash stands for itself unless a quote or
    /// another one follows.
    fn read_quoted(&mut self, opened_at: usize) -> Result<String, QueryError> {
        let mut text = String::new();
        loop {
            text.push_str(self.read_until(|c| c == '"' || c == '\\'));
            if self.read_char('"') {
                break;
            }
            if !self.read_char('\\') {
                return Err(QueryError::new(opened_at, "the quote is not closed"));
            }
            let escaped = ['"', '\\'].into_iter().find(|c| self.read_char(*c));
            text.push(escaped.unwrap_or('\\'));
        }
        if self.rest.starts_with(|c: char| !c.is_whitespace()) {
            return Err(QueryError::new(self.at, "a space must follow the closing quote"));
        }
        Ok(text)
    }
}

impl Iterator for Lexer<'_> {
    type Item = Result<Item, QueryError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read_until(|c| !c.is_whitespace());
        if self.rest.is_empty() {
            return None;
        }
        let item = self.read_item();
        if item.is_err() {
            self.rest = "";
        }
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Vec<Item> {
        Lexer::new(text).collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn value(at: usize, text: &str, is_quoted: bool) -> Value {
        Value { at, text: text.into(), is_quoted }
    }

    #[test]
    fn items_stand_between_white_space() {
        let expected = [
            Item { at: 1, negated: false, key: None, value: value(1, "é", false) },
            Item { at: 3, negated: true, key: Some(Key::Tag), value: value(8, "a b", true) },
            Item { at: 14, negated: false, key: Some(Key::Site), value: value(14, "", false) },
        ];
        assert_eq!(items(" é\t-TAG:\"a b\"\u{3000}site: "), expected);
        assert_eq!(items(" \n"), []);
    }

    #[test]
    fn an_unknown_key_is_part_of_the_word() {
        for text in ["foo:bar", "https://e/tag:x", ":tag", "tags:a", "tag"] {
            assert_eq!(
                items(text),
                [Item { at: 0, negated: false, key: None, value: value(0, text, false) }]
            );
        }
    }

    #[test]
    fn a_backslash_escapes_quotes_and_itself_within_quotes_only() {
        let text = |text: &str| items(text).remove(0).value.text;
        assert_eq!(text(r#""a \"b\" \\ \c""#), r#"a "b" \ \c"#);
        assert_eq!(text(r#"a\"b"#), r#"a\"b"#);
    }

    #[test]
    fn quotes_are_closed_and_end_the_item() {
        let error =
            |text: &str| Lexer::new(text).find_map(Result::err).map(|error| (error.at, error.message));
        let unclosed = Some((3, "the quote is not closed".to_owned()));
        assert_eq!(error("a -\"b c"), unclosed);
        assert_eq!(error("ab \"\\\""), unclosed);
        assert_eq!(error("\"é\"b \""), Some((3, "a space must follow the closing quote".into())));
    }
}
