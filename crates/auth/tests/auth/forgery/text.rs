//! Signatures, and the text of a token.

use jsonwebtoken::Algorithm;
use serde_json::json;
use taglink_auth::key::SigningKeys;
use taglink_auth::token::InvalidToken;

use super::craft::{
    base64, genuine, grant, issuer, issuer_with, now, parts, sign, sign_text, verify, with_claim,
};
use crate::setting::{EARLIER_SECRET, SECRET};

#[test]
fn tokens_of_an_earlier_key_are_verified_but_none_is_signed_with_it() {
    let earlier = issuer_with(SigningKeys::new(&EARLIER_SECRET.into(), &[]).unwrap());
    let token = earlier.issue(grant(), now()).unwrap().access_token;
    assert!(verify(&token).is_ok());
    assert_eq!(earlier.verify(&genuine(), now()), Err(InvalidToken::UnknownKey));
}

#[test]
fn json_is_one_object_with_each_member_once() {
    let (header, claims) = (parts().0.to_string(), parts().1.to_string());
    let kid = parts().0["kid"].clone();
    let sign = |header: &str, claims: &str| sign_text(header, claims, SECRET, Algorithm::HS256);
    assert!(verify(&sign(&header, &claims)).is_ok());
    let twice = |json: &str, member: &str| json.replacen('{', &format!("{{{member},"), 1);
    for (header, claims) in [
        (twice(&header, r#""alg":"HS256""#).as_str(), claims.as_str()),
        (&twice(&header, r#""alg":"none""#), &claims),
        (&header, &twice(&claims, r#""exp":1800000000"#)),
        (&json!(["at+jwt", "HS256", kid]).to_string(), &claims),
        (&header, &json!(parts().1.as_object().unwrap().values().collect::<Vec<_>>()).to_string()),
        (&header, &format!("{claims}{claims}")),
        (&header, &format!("\u{feff}{claims}")),
        (&header, ""),
        (&header, "null"),
        ("", &claims),
        ("{", &claims),
    ] {
        assert_eq!(verify(&sign(header, claims)), Err(InvalidToken::Malformed), "{header} {claims}");
    }
}

#[test]
fn another_key_or_algorithm_is_refused_whatever_the_header_says() {
    let (header, claims) = parts();
    let (unsigned_header, rs256) = (json!({"alg": "none", "typ": "at+jwt"}), {
        let mut header = header.clone();
        header["alg"] = json!("RS256");
        header
    });
    let text = claims.to_string();
    for (secret, algorithm) in [
        ("9c1185a5c5e9fc54612808977ee8f548", Algorithm::HS256),
        ("", Algorithm::HS256),
        (EARLIER_SECRET, Algorithm::HS256),
        (SECRET, Algorithm::HS384),
        (SECRET, Algorithm::HS512),
    ] {
        let token = sign_text(&header.to_string(), &text, secret, algorithm);
        assert_eq!(verify(&token), Err(InvalidToken::Signature), "{secret} {algorithm:?}");
    }
    assert_eq!(verify(&sign(&rs256, &claims)), Err(InvalidToken::Algorithm));

    let unsigned = format!("{}.{}.", base64(header.to_string()), base64(&text));
    assert_eq!(verify(&unsigned), Err(InvalidToken::Signature));
    let unsigned = format!("{}.{}.", base64(unsigned_header.to_string()), base64(&text));
    assert!(verify(&unsigned).is_err());
}

#[test]
fn no_single_bit_can_be_changed() {
    let (issuer, token) = (issuer(), genuine());
    assert!(issuer.verify(&token, now()).is_ok());
    for position in 0..token.len() {
        for bit in 0..8 {
            let mut bytes = token.clone().into_bytes();
            bytes[position] ^= 1 << bit;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(issuer.verify(&changed, now()).is_err(), "bit {bit} of byte {position}: {changed}");
            }
        }
    }
}

#[test]
fn the_text_of_a_token_cannot_be_varied() {
    let token = genuine();
    let (head, last) = token.split_at(token.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for other in alphabet.chars().filter(|other| !last.contains(*other)) {
        assert!(verify(&format!("{head}{other}")).is_err(), "the last two bits of {other} mean nothing");
    }
    let (message, signature) = token.rsplit_once('.').unwrap();
    for varied in [
        format!("{token}="),
        format!("{token}A"),
        format!("{token}."),
        format!("{token} "),
        format!("{token}\n"),
        format!(" {token}"),
        format!(".{token}"),
        format!("Bearer {token}"),
        format!("{message}..{signature}"),
        format!("{message}."),
        message.to_owned(),
        head.to_owned(),
        token.replace('.', ""),
        token.replace('.', ","),
        token.to_uppercase(),
        token.to_lowercase(),
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        "ä.ö.ü".into(),
    ] {
        assert!(verify(&varied).is_err(), "{varied}");
    }
}

#[test]
fn a_long_token_is_refused_before_anything_else() {
    let padding = "x".repeat(100 * 1024);
    assert_eq!(verify(&with_claim("padding", json!(padding))), Err(InvalidToken::TooLong));
    assert_eq!(verify(&padding), Err(InvalidToken::TooLong));
    assert_eq!(verify(&"x".repeat(4096)), Err(InvalidToken::Malformed));
    assert_eq!(verify(&"x".repeat(4097)), Err(InvalidToken::TooLong));
    let nested = "[".repeat(2000);
    let token = sign_text(&nested, &nested, SECRET, Algorithm::HS256);
    assert!(verify(&token).is_err());
}
