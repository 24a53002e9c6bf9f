//! Terms: the folded words of a text. Texts and queries are taken apart alike, so that databases need only compare
//! bytes.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// A folded word: 1 to 64 letters, digits and combining marks, the first of them no mark.
///
/// It holds no character that means something in the pattern of a `LIKE` or in a full-text query.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(String);

impl Term {
    /// The longest term, in characters. Longer words are cut, in texts as in queries.
    pub const MAX_CHARS: usize = 64;

    /// Makes a term of `piece`, which is folded and has only the characters of a term.
    fn cut(piece: &str) -> Option<Self> {
        let piece = piece.trim_start_matches(is_combining_mark);
        let end = piece.char_indices().nth(Self::MAX_CHARS).map_or(piece.len(), |(end, _)| end);
        piece.get(..end).filter(|piece| !piece.is_empty()).map(|piece| Self(piece.to_owned()))
    }

    /// The term as it is compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Term {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The terms of a text, in its order.
///
/// The text is folded: Unicode NFKC, then lower case character by character (so that a capital sigma is the same at
/// the end of a word and within; `ς` becomes `σ` as well), then NFC, which lower-casing can undo. It is divided into
/// words (UAX #29; an ideograph is a word), and these at every character that is neither alphanumeric nor a combining
/// mark: `example.com/foo-bar_baz` has the terms example, com, foo, bar and baz.
///
/// In ASCII, folding is lower-casing, and UAX #29 divides no run of letters and digits, which saves nine tenths of the work.
pub fn terms(text: &str) -> impl Iterator<Item = Term> + use<> {
    let terms = if text.is_ascii() { ascii_terms(text) } else { unicode_terms(text) };
    terms.into_iter()
}

fn ascii_terms(text: &str) -> Vec<Term> {
    let folded = text.to_ascii_lowercase();
    folded.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(Term::cut).collect()
}

fn unicode_terms(text: &str) -> Vec<Term> {
    let folded = fold(text);
    let words = folded.split_word_bounds();
    let pieces = words.flat_map(|word| word.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c)));
    pieces.filter_map(Term::cut).collect()
}

fn fold(text: &str) -> String {
    let lower = text.nfkc().flat_map(char::to_lowercase);
    lower.map(|c| if c == 'ς' { 'σ' } else { c }).nfc().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str) -> Vec<String> {
        terms(text).map(|term| term.to_string()).collect()
    }

    #[test]
    fn words_end_where_letters_and_digits_end() {
        assert_eq!(split("example.com/foo-bar_baz"), ["example", "com", "foo", "bar", "baz"]);
        assert_eq!(
            split("  Don't panic: 3.14, C++ & #rust!  "),
            ["don", "t", "panic", "3", "14", "c", "rust"]
        );
        assert_eq!(split("— ! 🍣 \u{fe0f} \u{301}"), [""; 0]);
        assert_eq!(split("1\u{fe0f}\u{20e3}"), ["1\u{fe0f}\u{20e3}"]);
    }

    #[test]
    fn ideographs_are_words_of_their_own() {
        assert_eq!(split("日本語のrust"), ["日", "本", "語", "の", "rust"]);
        assert_eq!(split("カタカナ 한국어"), ["カタカナ", "한국어"]);
    }

    #[test]
    fn case_width_and_form_do_not_matter() {
        assert_eq!(split("ＲＵＳＴ ﬁne CAFE\u{301}"), ["rust", "fine", "café"]);
        assert_eq!(split("ΟΔΟΣ οδός ΟΔΟΣΑ"), ["οδοσ", "οδόσ", "οδοσα"]);
        assert_ne!(split("cafe"), split("café"));
    }

    #[test]
    fn long_words_are_cut() {
        assert_eq!(split(&"É".repeat(65)), ["é".repeat(64)]);
    }

    #[test]
    fn folding_twice_is_folding_once() {
        let letters: String =
            ('\0'..=char::MAX).filter(|c| c.is_alphanumeric()).flat_map(|c| [c, ' ']).collect();
        let once = fold(&letters);
        let twice = fold(&once);
        let differing = once.split(' ').zip(twice.split(' ')).find(|(once, twice)| once != twice);
        assert_eq!(differing, None);
    }

    proptest! {
        #[test]
        fn the_terms_of_ascii_are_those_of_unicode(text in "[ -~]{0,20}|([a-z0-9]{1,2}['._:, -]{1,2}){0,9}|[a-z0-9]{60,70}|[\\x00-\\x7f]{0,9}") {
            prop_assert_eq!(ascii_terms(&text), unicode_terms(&text));
        }

        #[test]
        fn the_terms_of_terms_are_the_same(text in any::<String>()) {
            prop_assert_eq!(split(&split(&text).join(" ")), split(&text));
        }
    }
}
