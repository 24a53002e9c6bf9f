//! Phrases: sequences of terms within one field of a text.

use super::address::sent_words;
use super::term::Word;
use super::{SearchText, Term};

/// One or more terms that stand one behind the other in one field.
///
/// A text that is written as a URL (`http://`, `https://` or `www.` begins it) has the terms it would have as a link.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Phrase {
    terms: Vec<Term>,
    is_begun: bool,
}

impl Phrase {
    /// The terms of `text` without accents, of which the last may be the beginning of a longer one. `None` if there is no
    /// term.
    #[must_use]
    pub fn begun(text: &str) -> Option<Self> {
        Self::of(text, true)
    }

    /// The terms of `text`, all of them whole. `None` if there is no term.
    #[must_use]
    pub fn whole(text: &str) -> Option<Self> {
        Self::of(text, false)
    }

    fn of(text: &str, is_begun: bool) -> Option<Self> {
        let mut words = sent_words(text);
        let last = words.pop()?;
        let terms = words.into_iter().flat_map(Word::into_terms);
        let terms = if is_begun {
            let begun = terms.chain(last.into_beginning());
            begun.map(|term| term.without_accents().unwrap_or(term)).collect()
        } else {
            terms.chain(last.into_terms()).collect()
        };
        Some(Self { terms, is_begun })
    }

    /// The terms; there is at least one.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Whether the last term may be the beginning of a longer one.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.is_begun
    }

    /// The substring of a [`SearchText`] that shows that the phrase is in it: ` a b `, or ` a b` if the last term may
    /// go on. It needs no escaping in the pattern of a `LIKE`.
    #[must_use]
    pub fn needle(&self) -> String {
        let mut needle = String::new();
        for term in &self.terms {
            needle.push(' ');
            needle.push_str(term.as_str());
        }
        if !self.is_begun {
            needle.push(' ');
        }
        needle
    }

    /// Whether the phrase is in `text`.
    #[must_use]
    pub fn is_in(&self, text: &SearchText) -> bool {
        text.as_str().contains(&self.needle())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> SearchText {
        SearchText::of_link("https://example.com/foo-bar", Some("The Rust Book"), Some("本を読む"))
    }

    #[test]
    fn only_the_last_term_of_a_begun_phrase_may_go_on() {
        for begun in ["foo-ba", "the rust bo", "b", "https://www.example.com/fo", "本を"] {
            assert!(Phrase::begun(begun).unwrap().is_in(&text()), "{begun}");
        }
        for begun in ["fo-bar", "ust", "rust the", "book 本", "bar the"] {
            assert!(!Phrase::begun(begun).unwrap().is_in(&text()), "{begun}");
        }
        assert!(Phrase::whole("rust book").unwrap().is_in(&text()));
        assert!(!Phrase::whole("rust boo").unwrap().is_in(&text()));
    }

    #[test]
    fn a_text_without_terms_is_no_phrase() {
        assert_eq!(Phrase::begun("---"), None);
        assert_eq!(Phrase::whole(""), None);
    }

    proptest! {
        #[test]
        fn a_link_is_found_by_its_url(url in "(?i)https?://(www\\.|a@)?[a-zß-]{1,9}(\\.[a-z]{1,3})?(:[0-9]{2})?[/?]\\PC{0,20}") {
            let text = SearchText::of_link(&url, None, None);
            prop_assert!(Phrase::whole(&url).is_none_or(|phrase| phrase.is_in(&text)));
        }

        #[test]
        fn a_field_is_found_by_each_beginning_of_its_words(title in any::<String>(), shown in any::<usize>()) {
            let text = SearchText::of_link("https://example.com", Some(&title), None);
            for term in crate::search::terms(&title) {
                let chars = 1 + shown % term.as_str().chars().count();
                let begun: String = term.as_str().chars().take(chars).collect();
                prop_assert!(begun == "." || Phrase::begun(&begun).is_some_and(|phrase| phrase.is_in(&text)));
            }
        }
    }
}
