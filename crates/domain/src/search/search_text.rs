//! The stored form of a text that databases search.

use std::collections::{BTreeSet, HashSet};

use super::address::url_terms;
use super::site::site_terms;
use super::{Term, terms};
use crate::model::LinkUrl;

/// The terms of some fields as one text: each term has a space on both sides, each field but the first begins behind a
/// line break. `Rust book` and `example.com` are ` rust book \n example com `.
///
/// A field with accents is followed by itself without them: ` café ` by ` cafe `.
///
/// Hence a phrase is in a field exactly if ` a b ` is a substring, and a phrase with an incomplete last word if ` a b`
/// is.
///
/// The last field of a link has the terms of its [sites](super::Site::term): ` :www.example.org :example.org :org `. No
/// phrase is in this field, because each term begins with a `:`, which is not part of any word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    /// How many different words of a link are searched, in the order URL, title, notes: each is a row of an index, and
    /// notes of 10,000 CJK characters would be as many.
    pub const MAX_TERMS: usize = 1000;

    /// The text of a link: URL, title, notes and, if the URL is a [`LinkUrl`], its sites. Tags have texts of their own.
    #[must_use]
    pub fn of_link(url: &str, title: Option<&str>, notes: Option<&str>) -> Self {
        let mut text = Self::default();
        let parsed = LinkUrl::parse_url(url).ok();
        for field in url_terms(url, parsed.as_ref()) {
            text.add_terms(&field);
        }
        for field in [title, notes].into_iter().flatten() {
            text.add_terms(&terms(field).collect::<Vec<_>>());
        }
        text.limit();
        if let Some(host) = parsed.as_ref().and_then(LinkUrl::host_of) {
            text.add(site_terms(host));
        }
        text
    }

    /// The text of a tag.
    #[must_use]
    pub fn of_tag(name: &str) -> Self {
        let mut text = Self::default();
        text.add_terms(&terms(name).collect::<Vec<_>>());
        text
    }

    /// Adds a field, and once more without accents if it has some.
    fn add_terms(&mut self, terms: &[Term]) {
        self.add(terms);
        let plain: Vec<Option<Term>> = terms.iter().map(Term::without_accents).collect();
        if plain.iter().any(Option::is_some) {
            self.add(terms.iter().zip(&plain).map(|(term, plain)| plain.as_ref().unwrap_or(term)));
        }
    }

    /// Adds a field; one without terms leaves no trace.
    fn add(&mut self, terms: impl IntoIterator<Item = impl AsRef<str>>) {
        let mut terms = terms.into_iter().peekable();
        if terms.peek().is_none() {
            return;
        }
        self.0.push_str(if self.0.is_empty() { " " } else { "\n " });
        for term in terms {
            self.0.push_str(term.as_ref());
            self.0.push(' ');
        }
    }

    /// Cuts the text off where it exceeds [`Self::MAX_TERMS`].
    fn limit(&mut self) {
        // A term and its space have two bytes at least.
        if self.0.len() <= 2 * Self::MAX_TERMS {
            return;
        }
        let (mut known, mut end) = (HashSet::new(), 0);
        for piece in self.0.split_inclusive(' ') {
            let term = piece.trim_end();
            if !term.is_empty() && !known.contains(term) {
                if known.len() == Self::MAX_TERMS {
                    break;
                }
                known.insert(term);
            }
            end += piece.len();
        }
        self.0.truncate(end);
    }

    /// The terms of a stored text, words and sites, each once, in their order by bytes.
    #[must_use]
    pub fn terms_of(stored: &str) -> BTreeSet<&str> {
        stored.split_ascii_whitespace().collect()
    }

    /// The text as it is stored and searched. Empty if no field has a term.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search::Phrase;

    #[test]
    fn terms_stand_between_spaces_and_fields_between_line_breaks() {
        let text = SearchText::of_link("https://example.com/", Some("Rust  Book!"), Some("a\nb"));
        assert_eq!(text.as_str(), " example com \n rust book \n a b \n :example.com :com ");
        assert_eq!(SearchText::of_link("https://e", Some("—"), None).as_str(), " e \n :e ");
        assert_eq!(SearchText::of_tag("dev/Rust").as_str(), " dev rust ");
        assert_eq!(SearchText::of_tag("🍣").as_str(), "");
        let terms = [":com", ":example.com", "a", "b", "book", "com", "example", "rust"];
        assert!(SearchText::terms_of(text.as_str()).into_iter().eq(terms));
    }

    #[test]
    fn a_thousand_different_words_are_searched_and_the_sites_all_the_same() {
        let words =
            |count: usize| (0..count).map(|number| format!("w{number} again")).collect::<Vec<_>>().join(" ");
        // The URL has two words, and "again" is one.
        for (count, expected) in [(997, 1000), (998, 1000), (3000, 1000), (10, 13)] {
            let text = SearchText::of_link("https://example.com", None, Some(&words(count)));
            let terms = SearchText::terms_of(text.as_str());
            assert_eq!(terms.len(), expected + 2, "and two sites");
            assert!(terms.contains(":example.com") && terms.contains("w9"));
            assert_eq!(terms.contains("w996"), count > 100);
            assert!(!terms.contains("w997"));
        }
    }

    proptest! {
        #[test]
        fn no_phrase_is_in_the_field_of_sites(
            host in "[a-cß0-9]{1,2}(\\.[a-cß]{1,2}){0,3}",
            text in prop_oneof!["(https?://|www\\.|:)?[a-cß0-9.: ]{1,5}", "s(i(te?)?)?:?[a-c]?", any::<String>()],
        ) {
            let stored = SearchText::of_link(&format!("http://{host}/"), None, None);
            let sites = stored.as_str().rsplit_once('\n').map_or("", |(_, sites)| sites);
            for phrase in [Phrase::begun(&text), Phrase::whole(&text)].into_iter().flatten() {
                prop_assert!(!sites.contains(&phrase.needle()), "{}", sites);
            }
        }

        #[test]
        fn each_term_of_a_field_is_there(title in any::<String>(), notes in any::<String>()) {
            let text = SearchText::of_link("https://example.com", Some(&title), Some(&notes));
            for term in terms(&title).chain(terms(&notes)) {
                let needle = format!(" {term} ");
                prop_assert!(text.as_str().contains(&needle));
            }
        }
    }
}
