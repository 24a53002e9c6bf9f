//! Which secrets must not sign tokens: whoever guesses one is everybody.

use std::collections::BTreeSet;
use std::fmt;

use thiserror::Error;

/// A configured secret that is too weak. Never holds the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{key} {weakness}; make one with `openssl rand -hex 32`")]
pub struct WeakSecret {
    /// Which of the secrets it is.
    pub key: KeyPosition,
    /// What is wrong with it.
    pub weakness: Weakness,
}

/// Which of the configured secrets is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPosition {
    /// The one that signs.
    Current,
    /// One that only verifies; the first is number 1.
    Previous(usize),
}

impl fmt::Display for KeyPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current => f.write_str("the secret key"),
            Self::Previous(number) => write!(f, "previous secret key number {number}"),
        }
    }
}

/// Why a secret must not sign tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Weakness {
    /// RFC 7518, section 3.2: the key is at least as long as the hash.
    #[error("is shorter than {MIN_BYTES} bytes")]
    TooShort,
    #[error("is a placeholder or a published example")]
    Placeholder,
    #[error("is repetitive")]
    Repetitive,
}

const MIN_BYTES: usize = 32;

/// A random secret of the shortest kind, 32 hexadecimal digits, has fewer than 8 different ones once in ten million.
const MIN_DIFFERENT: usize = 8;
const MIN_PERIOD: usize = 16;

/// Examples from documentation and tutorials that are widely copied, in lower case.
const PUBLISHED: [&str; 6] = [
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    "404e635266556a586e3272357538782f413f4428472b4b6250645367566b5970",
    "5367566b59703373367639792f423f4528482b4d6251655468576d5a71347437",
    "a-string-secret-at-least-256-bits-long",
    "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
];

/// What placeholders are made of, in lower case.
const WORDS: [&str; 36] = [
    "0123456789",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "please",
    "change",
    "replace",
    "secret",
    "password",
    "passphrase",
    "default",
    "example",
    "placeholder",
    "insecure",
    "production",
    "development",
    "characters",
    "taglink",
    "token",
    "super",
    "random",
    "string",
    "value",
    "least",
    "long",
    "your",
    "this",
    "here",
    "with",
    "test",
    "bits",
    "key",
    "jwt",
    "app",
    "my",
    "me",
];

/// How many characters must be left of a secret when such words are taken out of it.
const MIN_REST: usize = 16;

/// What is wrong with the secret, if anything.
pub(super) fn weakness(secret: &str) -> Option<Weakness> {
    if is_placeholder(secret) {
        Some(Weakness::Placeholder)
    } else if secret.len() < MIN_BYTES {
        Some(Weakness::TooShort)
    } else if is_repetitive(secret.as_bytes()) {
        Some(Weakness::Repetitive)
    } else {
        None
    }
}

fn is_placeholder(secret: &str) -> bool {
    let lower = secret.trim().to_ascii_lowercase();
    if PUBLISHED.contains(&lower.as_str()) {
        return true;
    }
    let rest = WORDS.iter().fold(lower.clone(), |rest, word| rest.replace(word, ""));
    rest != lower && (rest.chars().count() < MIN_REST || different(rest.chars()) < MIN_DIFFERENT)
}

fn is_repetitive(secret: &[u8]) -> bool {
    let repeats = |period: usize| secret.iter().zip(secret.iter().skip(period)).all(|(a, b)| a == b);
    different(secret.iter()) < MIN_DIFFERENT || (1..MIN_PERIOD).any(repeats)
}

fn different<T: Ord>(items: impl Iterator<Item = T>) -> usize {
    items.collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_and_published_examples_are_refused() {
        let fastapi = "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7";
        for secret in [
            "SECRET_KEY",
            "secret_key",
            "secret",
            "Secret",
            "changeme",
            "CHANGE_ME",
            "changemechangemechangemechangeme",
            "ChangeMeChangeMeChangeMeChangeMeChange",
            "changeme!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
            "changeme                                ",
            "changeme000000000000000000000000000000",
            "changeme12345678901234567890123456789012",
            "your-256-bit-secret",
            "your-super-secret-jwt-key-change-this-in-production",
            "please_replace_this_secret_key_with_a_random_string",
            "0123456789abcdef0123456789abcdef",
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "a-string-secret-at-least-256-bits-long",
            fastapi,
            &fastapi.to_uppercase(),
            &format!(" {fastapi}\n"),
        ] {
            assert_eq!(weakness(secret), Some(Weakness::Placeholder), "{secret:?}");
        }
    }

    #[test]
    fn a_secret_has_at_least_32_bytes() {
        assert_eq!(weakness(""), Some(Weakness::TooShort));
        assert_eq!(weakness("a3f1c27be09d4586f2b7714c0d9e5a6"), Some(Weakness::TooShort));
        assert_eq!(weakness("a3f1c27be09d4586f2b7714c0d9e5a68"), None);
        assert_eq!(weakness("äöüßéèêëñçåøæþðïĳœ"), None, "bytes are counted, not characters");
    }

    #[test]
    fn repetition_is_not_randomness() {
        for secret in [
            &"a".repeat(64),
            &" ".repeat(32),
            &"0".repeat(32),
            &"ab12".repeat(8),
            &"correcthorse9".repeat(4),
            "00000000000000000000000000000abc",
        ] {
            assert_eq!(weakness(secret), Some(Weakness::Repetitive), "{secret:?}");
        }
    }

    #[test]
    fn random_secrets_and_long_passphrases_are_accepted() {
        for secret in [
            "f81d4fae7dec11d0a76500a0c91e6bf6f81d4fae7dec11d0a76500a0c91e6bf7",
            "kP0v2mE+keyZs3n9rQyT7uW1xBcDfGhJ5L8aNoMeI4Y=",
            "zebra umbrella quiver ninety-one locksmith",
        ] {
            assert_eq!(weakness(secret), None, "{secret:?}");
        }
    }

    #[test]
    fn a_message_names_the_setting_and_the_rule() {
        let weak = WeakSecret { key: KeyPosition::Previous(2), weakness: Weakness::TooShort };
        let text =
            "previous secret key number 2 is shorter than 32 bytes; make one with `openssl rand -hex 32`";
        assert_eq!(weak.to_string(), text);
    }
}
