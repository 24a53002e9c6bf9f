//! Terms: the folded words of a text. Texts and queries are taken apart alike, so that databases need only compare
//! bytes.

use std::fmt;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// A folded word: 1 to 64 letters, digits and combining marks, the first of them no mark; or a name with its signs, such
/// as `c++`, `.net` or `at&t`.
///
/// It holds no character that means something in the pattern of a `LIKE` or in a full-text query.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(String);

/// What stands in a text without a space in between: its terms, and the name that they are with the signs around them.
#[derive(Debug, Default)]
pub(super) struct Word {
    terms: Vec<Term>,
    name: Option<Term>,
}

impl Word {
    /// The terms of a whole word.
    pub(super) fn into_terms(self) -> impl Iterator<Item = Term> {
        self.terms.into_iter().chain(self.name)
    }

    /// The terms of a word that may go on: a name holds its terms.
    pub(super) fn into_beginning(self) -> Vec<Term> {
        self.name.map_or(self.terms, |name| vec![name])
    }
}

impl Term {
    /// The longest term, in characters. Longer words are cut, in texts as in queries.
    pub const MAX_CHARS: usize = 64;

    /// Makes a term of `piece`, which is folded and has only the characters of a term.
    fn cut(piece: &str) -> Option<Self> {
        let end = piece.char_indices().nth(Self::MAX_CHARS).map_or(piece.len(), |(end, _)| end);
        piece.get(..end).filter(|piece| !piece.is_empty()).map(|piece| Self(piece.to_owned()))
    }

    /// The term without the accents of its Latin and Greek letters, if it has some: elsewhere, marks make other letters.
    pub(super) fn without_accents(&self) -> Option<Self> {
        if self.0.is_ascii() {
            return None;
        }
        let mut has_accents = false;
        let plain = self.0.nfd().filter(|c| {
            if !is_combining_mark(*c) {
                has_accents = c.is_ascii_alphabetic() || ('\u{370}'..='\u{3ff}').contains(c);
            }
            !(has_accents && ('\u{300}'..='\u{36f}').contains(c))
        });
        let plain: String = plain.nfc().collect();
        (plain != self.0).then_some(Self(plain))
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
/// words (UAX #29), and these at every character that is neither alphanumeric nor a combining mark:
/// `example.com/foo-bar_baz` has the terms example, com, foo, bar and baz. Where words are written without spaces, each
/// character is a term: Han and Hiragana by UAX #29, Katakana and Hangul in addition.
///
/// A name has one more term, behind those of its words: `+` and `#` behind a word (`c++`, `c#`), a dot before the first
/// word (`.net`), and `&` between words (`at&t`) belong to it.
pub fn terms(text: &str) -> impl Iterator<Item = Term> + use<> {
    words(text).into_iter().flat_map(Word::into_terms)
}

/// The words of a text, in its order. In ASCII, folding is lower-casing, and UAX #29 divides no run of letters and digits,
/// which saves nine tenths of the work.
pub(super) fn words(text: &str) -> Vec<Word> {
    let (folded, pieces) = if text.is_ascii() {
        let folded = text.to_ascii_lowercase();
        let pieces = ascii_pieces(&folded);
        (folded, pieces)
    } else {
        let folded = fold(text);
        let pieces = unicode_pieces(&folded);
        (folded, pieces)
    };
    let mut words = Vec::with_capacity(pieces.len());
    let mut rest = pieces.as_slice();
    while let Some((first, others)) = rest.split_first() {
        let others = others.get(..joined(&folded, first, others)).unwrap_or_default();
        let (start, end) = (first.start, others.last().unwrap_or(first).end);
        let signs = signs_behind(&folded, end);
        let dot = usize::from(has_leading_dot(&folded, start));
        let is_name = !others.is_empty() || signs + dot > 0;
        let cut = |range: Range<usize>| folded.get(range).and_then(Term::cut);
        words.push(Word {
            terms: std::iter::once(first).chain(others).cloned().filter_map(cut).collect(),
            name: if is_name { cut(start - dot..end + signs) } else { None },
        });
        rest = rest.get(1 + others.len()..).unwrap_or_default();
    }
    words
}

/// How many pieces follow the first one, each behind a `&`. Not in what looks like the query of a URL.
fn joined(text: &str, first: &Range<usize>, others: &[Range<usize>]) -> usize {
    let mut end = first.end;
    let joined = others.iter().take_while(|piece| {
        let is_joined = text.get(end..piece.start) == Some("&");
        end = piece.end;
        is_joined
    });
    let count = joined.count();
    let end = others.get(..count).and_then(<[_]>::last).map_or(first.end, |last| last.end);
    let is_query = text.get(..first.start).is_some_and(|before| before.ends_with(['=', '?', '&']))
        || text.get(end..).is_some_and(|after| after.starts_with('='));
    if is_query { 0 } else { count }
}

/// How many bytes of `+` and `#` follow, if the word ends with them.
fn signs_behind(text: &str, end: usize) -> usize {
    let behind = text.get(end..).unwrap_or_default();
    let rest = behind.trim_start_matches(['+', '#']);
    if rest.starts_with(char::is_alphanumeric) { 0 } else { behind.len() - rest.len() }
}

/// Whether a dot is in front of a letter, and nothing that the dot could end is in front of that.
fn has_leading_dot(text: &str, start: usize) -> bool {
    let before = text.get(..start).and_then(|before| before.strip_suffix('.'));
    let is_first = |before: &str| {
        before.chars().next_back().is_none_or(|c| c.is_whitespace() || ['(', '[', '"', '\''].contains(&c))
    };
    before.is_some_and(is_first)
        && text.get(start..).is_some_and(|word| word.starts_with(char::is_alphabetic))
}

fn ascii_pieces(folded: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    divide(folded, 0, &mut pieces);
    pieces
}

fn unicode_pieces(folded: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    for (start, word) in folded.split_word_bound_indices() {
        divide(word, start, &mut pieces);
    }
    pieces
}

/// Adds the pieces of a text, each of which becomes a term; the text begins at `offset`.
fn divide(text: &str, offset: usize, pieces: &mut Vec<Range<usize>>) {
    // Where a piece has begun, and whether a letter may go on with it.
    let mut open: Option<(usize, bool)> = None;
    for (at, c) in text.char_indices() {
        let is_part = c.is_alphanumeric();
        let goes_on = match open {
            Some((_, is_run)) if is_part => is_run && !is_syllable(c),
            Some(_) => !c.is_ascii() && is_combining_mark(c),
            None => false,
        };
        if goes_on {
            continue;
        }
        pieces.extend(open.take().map(|(start, _)| offset + start..offset + at));
        if is_part && (c.is_ascii() || !is_combining_mark(c)) {
            open = Some((at, !is_syllable(c)));
        }
    }
    pieces.extend(open.map(|(start, _)| offset + start..offset + text.len()));
}

/// Whether this is a Katakana or Hangul letter: words of these scripts may follow each other without a space.
fn is_syllable(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{30a0}'..='\u{30ff}' | '\u{3130}'..='\u{318f}'
        | '\u{31f0}'..='\u{31ff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}'
        | '\u{1aff0}'..='\u{1b2ff}')
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
            split("  Don't panic: 3.14, C/C & #rust!  "),
            ["don", "t", "panic", "3", "14", "c", "c", "rust"]
        );
        assert_eq!(split("— ! 🍣 \u{fe0f} \u{301}"), [""; 0]);
        assert_eq!(split("1\u{fe0f}\u{20e3}"), ["1\u{fe0f}\u{20e3}"]);
    }

    #[test]
    fn where_words_have_no_spaces_each_character_is_a_term() {
        assert_eq!(split("日本語のrust"), ["日", "本", "語", "の", "rust"]);
        assert_eq!(split("カード 한국"), ["カ", "ー", "ド", "한", "국"]);
        assert_eq!(split("ｶﾞ가\u{301}3rust한"), ["ガ", "가\u{301}", "3rust", "한"]);
    }

    #[test]
    fn signs_of_a_name_make_one_more_term() {
        assert_eq!(split("C++ in C#/F#, (g++)"), ["c", "c++", "in", "c", "c#", "f", "f#", "g", "g++"]);
        assert_eq!(split(".NET, (.net) ASP.NET"), ["net", ".net", "net", ".net", "asp", "net"]);
        assert_eq!(split("AT&T R&D&Q "), ["at", "t", "at&t", "r", "d", "q", "r&d&q"]);
        assert_eq!(split("Objective-C++."), ["objective", "c", "c++"]);
        for plain in ["c++11", "a+b", "x/.well", "...and", "a & b", "?a&b", "x=1&y=2", "#rust", ".5"] {
            assert!(split(plain).iter().all(|term| term.chars().all(char::is_alphanumeric)), "{plain}");
        }
    }

    #[test]
    fn accents_of_latin_and_greek_letters_can_be_left_out() {
        let plain = |text: &str| {
            terms(text).filter_map(|term| term.without_accents()).map(|term| term.0).collect::<Vec<_>>()
        };
        assert_eq!(plain("Crème brûlée, größe ệ ΟΔΌΣ"), ["creme", "brulee", "große", "e", "οδοσ"]);
        assert_eq!(plain("cafe がガ й हिन्दी 각"), [""; 0]);
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
            let folded = text.to_ascii_lowercase();
            prop_assert_eq!(ascii_pieces(&folded), unicode_pieces(&fold(&text)));
        }

        #[test]
        fn the_terms_of_terms_are_the_same(text in any::<String>()) {
            let plain = |text: &str| words(text).into_iter().flat_map(|word| word.terms).collect::<Vec<_>>();
            let joined: Vec<_> = plain(&text).iter().map(Term::to_string).collect();
            prop_assert_eq!(plain(&joined.join(" ")), plain(&text));
        }
    }
}
