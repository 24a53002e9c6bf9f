//! The text of a token: there is one way to write it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use jsonwebtoken::Algorithm;
use taglink_auth::token::InvalidToken::{self, Malformed};

use super::craft::{base64, genuine, parts, sign_message, sign_text, verify};
use crate::setting::SECRET;

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn sign(header: &str, claims: &str) -> String {
    sign_message(&format!("{header}.{claims}"), SECRET, Algorithm::HS256)
}

/// The header and the claims as text, each with so many spaces at its end, which JSON does not mind.
fn texts(spaces: usize) -> [String; 2] {
    let (header, claims) = parts();
    [header, claims].map(|json| format!("{json}{}", " ".repeat(spaces)))
}

#[test]
fn the_parts_are_canonical_base64url_though_they_are_signed() {
    for spaces in 0..3 {
        let [header, claims] = texts(spaces);
        let good = [base64(&header), base64(&claims)];
        assert!(verify(&sign(&good[0], &good[1])).is_ok());
        for number in 0..2 {
            let text = [&header, &claims][number];
            let (whole, last) = good[number].split_at(good[number].len() - 1);
            let mut varied = vec![
                format!("{}=", good[number]),
                format!("{}==", good[number]),
                format!("{}A", good[number]),
                format!(" {}", good[number]),
                format!("{} ", good[number]),
                format!("{}\n", good[number]),
                format!("{}\r\n{}", &good[number][..4], &good[number][4..]),
                format!("{}%3D", good[number]),
                String::new(),
                text.clone(),
            ];
            if text.len() % 3 != 0 {
                varied.push(URL_SAFE.encode(text));
                // The bits of the last character that are no part of any byte.
                let bits = if text.len() % 3 == 1 { 16 } else { 4 };
                let at = ALPHABET.find(last).unwrap();
                let others = ALPHABET.chars().skip(at / bits * bits).take(bits).skip(1);
                varied.extend(others.map(|other| format!("{whole}{other}")));
            }
            for varied in varied {
                let mut texts = good.clone();
                texts[number] = varied;
                let token = sign(&texts[0], &texts[1]);
                assert_eq!(verify(&token), Err(Malformed), "part {number}: {}", texts[number]);
            }
        }
    }
}

#[test]
fn the_alphabet_is_that_of_urls() {
    let [header, claims] = texts(0);
    let claims = claims.replacen('{', r#"{"more":"~~~???>>>","#, 1);
    let url_safe = base64(&claims);
    assert!(url_safe.contains('-') && url_safe.contains('_'), "{url_safe}");
    assert!(verify(&sign(&base64(&header), &url_safe)).is_ok());
    for standard in [STANDARD_NO_PAD.encode(&claims), STANDARD.encode(&claims)] {
        assert_eq!(verify(&sign(&base64(&header), &standard)), Err(Malformed));
    }
    for (from, to) in [('-', '+'), ('_', '/')] {
        assert_eq!(verify(&sign(&base64(&header), &url_safe.replace(from, &to.to_string()))), Err(Malformed));
    }
    let signed = std::iter::repeat_with(genuine).find(|token| {
        let (_, signature) = token.rsplit_once('.').unwrap();
        signature.contains('-') && signature.contains('_')
    });
    let token = signed.unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    assert!(verify(&token).is_ok());
    for (from, to) in [('-', '+'), ('_', '/')] {
        assert!(verify(&format!("{message}.{}", signature.replace(from, &to.to_string()))).is_err());
    }
}

#[test]
fn a_signature_has_one_spelling() {
    let token = genuine();
    assert!(verify(&token).is_ok());
    let (head, last) = token.split_at(token.len() - 1);
    for other in ALPHABET.chars().filter(|other| !last.contains(*other)) {
        assert!(verify(&format!("{head}{other}")).is_err(), "the last two bits of {other} mean nothing");
    }
    for more in ["=", "==", "A", ".", " ", "\n", "\r\n", "\t", "\0", "%3D", "\u{a0}", "#", "?x=1", ";"] {
        assert!(verify(&format!("{token}{more}")).is_err(), "{more:?} behind it");
        assert!(verify(&format!("{more}{token}")).is_err(), "{more:?} before it");
    }
}

#[test]
fn no_character_can_be_dropped_doubled_or_slipped_in() {
    let token = genuine();
    for at in 0..token.len() {
        let (before, after) = token.split_at(at);
        let (character, rest) = after.split_at(1);
        assert!(verify(before).is_err(), "cut at {at}");
        assert!(verify(&format!("{before}{rest}")).is_err(), "dropped at {at}");
        assert!(verify(&format!("{before}{character}{after}")).is_err(), "doubled at {at}");
        for foreign in [" ", "\n", "=", ".", "\0", "ä", "+", "/"] {
            assert!(verify(&format!("{before}{foreign}{after}")).is_err(), "{foreign:?} at {at}");
        }
    }
}

#[test]
fn a_long_token_is_refused_before_anything_else() {
    use InvalidToken::TooLong;
    let padding = "x".repeat(100 * 1024);
    let [header, claims] = texts(0);
    let long = claims.replacen('{', &format!(r#"{{"more":"{padding}","#), 1);
    assert_eq!(verify(&sign_text(&header, &long, SECRET, Algorithm::HS256)), Err(TooLong));
    assert_eq!(verify(&padding), Err(TooLong));
    assert_eq!(verify(&".".repeat(100 * 1024)), Err(TooLong));
    assert_eq!(verify(&"x".repeat(4096)), Err(Malformed));
    assert_eq!(verify(&"x".repeat(4097)), Err(TooLong));
    for nested in ["[".repeat(1000), "{\"a\":".repeat(200)] {
        let token = sign_text(&nested, &nested, SECRET, Algorithm::HS256);
        assert_eq!(verify(&token), Err(Malformed));
    }
}
