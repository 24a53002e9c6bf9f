//! Signatures: one algorithm, and the key that the header names.

use jsonwebtoken::Algorithm;
use serde_json::json;
use taglink_auth::key::SigningKeys;
use taglink_auth::token::InvalidToken;

use super::craft::{
    base64, genuine, grant, issuer, issuer_with, json_of, now, parts, sign, sign_text, verify,
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
fn a_signature_is_checked_with_the_key_that_the_header_names_and_no_other() {
    let earlier = issuer_with(SigningKeys::new(&EARLIER_SECRET.into(), &[]).unwrap());
    let token = earlier.issue(grant(), now()).unwrap().access_token;
    let earlier_header = json_of(token.split('.').next().unwrap());
    let (header, claims) = parts();
    assert_ne!(header["kid"], earlier_header["kid"]);
    let text = claims.to_string();
    for (header, secret, is_good) in [
        (&header, SECRET, true),
        (&earlier_header, EARLIER_SECRET, true),
        (&header, EARLIER_SECRET, false),
        (&earlier_header, SECRET, false),
    ] {
        let token = sign_text(&header.to_string(), &text, secret, Algorithm::HS256);
        assert_eq!(verify(&token).is_ok(), is_good, "{header} {secret}");
        if !is_good {
            assert_eq!(verify(&token), Err(InvalidToken::Signature));
        }
    }
}

#[test]
fn another_key_or_algorithm_is_refused_whatever_the_header_says() {
    let (header, claims) = parts();
    let (text, kid) = (claims.to_string(), header["kid"].as_str().unwrap().to_owned());
    for secret in
        ["9c1185a5c5e9fc54612808977ee8f548", "", EARLIER_SECRET, &kid, &SECRET[1..], &SECRET.to_uppercase()]
    {
        let token = sign_text(&header.to_string(), &text, secret, Algorithm::HS256);
        assert_eq!(verify(&token), Err(InvalidToken::Signature), "{secret}");
    }
    for (algorithm, name) in [(Algorithm::HS384, "HS384"), (Algorithm::HS512, "HS512")] {
        let token = sign_text(&header.to_string(), &text, SECRET, algorithm);
        assert_eq!(verify(&token), Err(InvalidToken::Signature), "{name}, but HS256 in the header");
        let mut own = header.clone();
        own["alg"] = json!(name);
        for algorithm in [Algorithm::HS256, algorithm] {
            let token = sign_text(&own.to_string(), &text, SECRET, algorithm);
            assert_eq!(verify(&token), Err(InvalidToken::Algorithm), "{name}");
        }
    }
    for name in ["RS256", "PS256", "ES256", "EdDSA"] {
        let mut confused = header.clone();
        confused["alg"] = json!(name);
        assert_eq!(verify(&sign(&confused, &claims)), Err(InvalidToken::Algorithm), "{name}");
    }
}

#[test]
fn nothing_is_accepted_unsigned() {
    let (header, claims) = parts();
    let message = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
    for signature in [
        String::new(),
        base64([0; 32]),
        base64([255; 32]),
        base64([]),
        base64([0]),
        base64(SECRET),
        base64("none"),
        "null".into(),
        "A".repeat(43),
        "A".repeat(1000),
    ] {
        assert!(verify(&format!("{message}.{signature}")).is_err(), "{signature:?}");
    }
    let token = genuine();
    let (_, signature) = token.rsplit_once('.').unwrap();
    assert_eq!(verify(&format!("{message}.{signature}")), Err(InvalidToken::Signature), "another token's");
    for kept in 0..signature.len() {
        assert!(verify(&token[..token.len() - signature.len() + kept]).is_err(), "{kept} characters of it");
    }
}

#[test]
fn no_single_bit_can_be_changed() {
    let (issuer, token) = (issuer(), genuine());
    assert!(issuer.verify(&token, now()).is_ok());
    let mut tried = 0;
    for position in 0..token.len() {
        for bit in 0..8 {
            let mut bytes = token.clone().into_bytes();
            bytes[position] ^= 1 << bit;
            // The eighth bit makes it other than UTF-8: what the door cannot even be asked.
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(issuer.verify(&changed, now()).is_err(), "bit {bit} of byte {position}: {changed}");
                tried += 1;
            }
        }
    }
    assert_eq!(tried, token.len() * 7);
}

#[test]
fn no_single_bit_of_what_the_parts_hold_can_be_changed() {
    let (issuer, token) = (issuer(), genuine());
    let parts: Vec<_> = token.split('.').collect();
    for (number, part) in parts.iter().enumerate() {
        let decoded =
            base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, part).unwrap();
        for position in 0..decoded.len() {
            for bit in 0..8 {
                let mut bytes = decoded.clone();
                bytes[position] ^= 1 << bit;
                let encoded = base64(bytes);
                let mut changed = parts.clone();
                changed[number] = &encoded;
                let changed = changed.join(".");
                assert!(
                    issuer.verify(&changed, now()).is_err(),
                    "bit {bit} of byte {position} of part {number}"
                );
            }
        }
    }
}
