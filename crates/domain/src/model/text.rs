//! Rules that several kinds of text share.

use unicode_normalization::UnicodeNormalization;

/// Whether `text` holds a control character (Unicode category Cc: C0, DEL, C1).
pub(crate) fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// What follows `prefix` in `text`, whatever the case of its ASCII letters.
pub(crate) fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The longest name, in characters, of the shown form and of the key (lower-casing can lengthen a text).
pub(crate) const MAX_NAME_CHARS: usize = 255;

/// A name as people write it, and the key by which such names are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoldedName {
    /// Unicode NFC without white space at its ends.
    pub(crate) shown: String,
    /// The [`key_of`] the shown form. Databases compare its bytes only, so that all of them agree.
    pub(crate) key: String,
}

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvalidName {
    Length,
    Control,
}

/// A text that is trimmed and in Unicode NFC, in lower case (and NFC again, which lower-casing can undo).
pub(crate) fn key_of(shown: &str) -> String {
    shown.to_lowercase().nfc().collect()
}

impl FoldedName {
    pub(crate) fn parse(sent: &str) -> Result<Self, InvalidName> {
        if has_control(sent) {
            return Err(InvalidName::Control);
        }
        let shown: String = sent.trim().nfc().collect();
        let key = key_of(&shown);
        let fits = |text: &str| (1..=MAX_NAME_CHARS).contains(&text.chars().count());
        if fits(&shown) && fits(&key) { Ok(Self { shown, key }) } else { Err(InvalidName::Length) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_shown_name_is_shown_unchanged(text in any::<String>()) {
            if let Ok(name) = FoldedName::parse(&text) {
                prop_assert_eq!(FoldedName::parse(&name.shown), Ok(name));
            }
        }

        #[test]
        fn canonically_equivalent_names_are_the_same(text in any::<String>()) {
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(FoldedName::parse(&text), FoldedName::parse(&decomposed));
        }
    }
}
