//! The values derived from a link that databases search and sort by, compared by their bytes.

use super::{SearchText, title_key};

/// The version of the derived values. Rows with a lower version are indexed again, so every change of terms, texts or
/// title keys needs a higher one.
pub const INDEX_VERSION: i64 = 2;

/// The values derived from a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkIndex {
    pub text: SearchText,
    pub title_key: String,
}

impl LinkIndex {
    /// Derives the values.
    #[must_use]
    pub fn of(url: &str, title: Option<&str>, notes: Option<&str>) -> Self {
        Self { text: SearchText::of_link(url, title, notes), title_key: title_key(title) }
    }
}

/// The end of the range of texts that begin with `prefix`, compared by their characters or the bytes of UTF-8: the
/// least text that is greater than all of them.
#[must_use]
pub fn prefix_end(prefix: &str) -> String {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            chars.push(next);
            return chars.into_iter().collect();
        }
    }
    // Nothing is greater than all of these; but no text is so long.
    format!("{prefix}{prefix}{}", char::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_within_the_range_if_it_begins_so(
            prefix in "[/a\u{d7ff}\u{10ffff}]{0,2}[/b.日\u{d7ff}]", text in "[/ab.日\u{d7ff}\u{e000}\u{10ffff}]{0,4}", rest in any::<String>(),
        ) {
            for text in [text, format!("{prefix}{rest}")] {
                let is_within = prefix <= text && text < prefix_end(&prefix);
                prop_assert_eq!(is_within, text.starts_with(&prefix), "{}", text);
            }
        }
    }
}
