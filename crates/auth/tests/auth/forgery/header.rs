//! What the header must hold.

use jsonwebtoken::Algorithm::HS256;
use serde_json::{Value, json};
use taglink_auth::token::InvalidToken;
use taglink_auth::token::InvalidToken::{Algorithm, Malformed, Type, UnknownKey};

use super::craft::{base64, genuine, parts, sign, sign_text, verify, with_header};
use crate::setting::SECRET;

fn assert_refused(cases: impl IntoIterator<Item = (&'static str, Value, InvalidToken)>) {
    for (member, value, reason) in cases {
        assert_eq!(verify(&with_header(member, value.clone())), Err(reason), "{member}: {value}");
    }
}

/// All ways to write a word in capitals and small letters.
fn cases_of(word: &str) -> Vec<String> {
    word.chars().fold(vec![String::new()], |begun, letter| {
        let both = [letter.to_ascii_lowercase(), letter.to_ascii_uppercase()];
        begun.iter().flat_map(|text| both.map(|letter| format!("{text}{letter}"))).collect()
    })
}

/// What our own values never need is an escape, so none is read.
#[test]
fn what_is_escaped_is_not_ours() {
    let kid = parts().0["kid"].as_str().unwrap().to_owned();
    for (member, text) in [
        ("alg", "HS256\0"),
        ("alg", "none\t"),
        ("kid", "\0"),
        ("kid", "C:\\Windows\\win.ini"),
        ("kid", "\" OR \"\"=\""),
        ("kid", &format!("{kid}\0")),
        ("kid", &format!("{kid}\n")),
        ("typ", "at+jwt\0"),
    ] {
        assert_refused([(member, json!(text), Malformed)]);
    }
    let (header, claims) = (parts().0.to_string(), parts().1.to_string());
    let escaped = header.replace("HS256", r"HS\u003256");
    assert_ne!(escaped, header);
    assert_eq!(verify(&sign_text(&escaped, &claims, SECRET, HS256)), Err(Malformed));
}

#[test]
fn the_algorithm_is_the_one_and_none_is_none_in_any_spelling() {
    for none in cases_of("none") {
        let written = [none.clone(), format!(" {none}"), format!("{none} ")];
        assert_refused(written.map(|alg| ("alg", json!(alg), Algorithm)));
        assert_refused([("alg", json!(format!("{none}\0")), Malformed)]);
        let (mut header, claims) = parts();
        header["alg"] = json!(none);
        let message = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
        for unsigned in [format!("{message}."), message.clone(), format!("{message}.{}", base64("none"))] {
            assert!(verify(&unsigned).is_err(), "{none}");
        }
    }
    let others = [
        "",
        "hs256",
        "Hs256",
        "HS256 ",
        "HS384",
        "HS512",
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "ES256K",
        "EdDSA",
        "Ed25519",
        "dir",
        "A256GCM",
        "PBES2-HS256+A128KW",
    ];
    assert_refused(others.map(|alg| ("alg", json!(alg), Algorithm)));
    let no_text = [json!(["HS256"]), json!({"alg": "HS256"}), json!(256), json!(true), json!(null)];
    assert_refused(no_text.map(|alg| ("alg", alg, Malformed)));
}

#[test]
fn the_key_is_a_configured_one_and_there_is_no_other_to_fall_back_to() {
    let kid = parts().0["kid"].clone();
    let text = kid.as_str().unwrap();
    let unknown = [
        "",
        " ",
        "0",
        "unknown",
        "null",
        SECRET,
        "../../dev/null",
        "../../../../../../etc/hostname",
        "/dev/null",
        "file:///dev/null",
        "' OR '1'='1",
        "x' UNION SELECT 'a",
        "'; DROP TABLE user; --",
        "| sleep 10",
        "$(sleep 10)",
        "*",
        ".*",
        "%",
        "https://attacker.example/key",
    ];
    assert_refused(unknown.map(|kid| ("kid", json!(kid), UnknownKey)));
    let nearly = [
        text.to_uppercase() + " ",
        format!(" {text}"),
        format!("{text}0"),
        text[1..].to_owned(),
        text.repeat(2),
        format!("{text}/../{text}"),
        format!("0x{text}"),
    ];
    assert_refused(nearly.map(|kid| ("kid", json!(kid), UnknownKey)));
    let no_text =
        [json!(0), json!(-1), json!(1.5), json!(true), json!(null), json!([kid]), json!({"kid": kid})];
    assert_refused(no_text.map(|kid| ("kid", kid, Malformed)));
}

#[test]
fn the_type_is_that_of_access_tokens() {
    let others = ["JWT", "jwt", "", "at+jwt ", " at+jwt", "at jwt", "application/at+jwt", "id+jwt"];
    assert_refused(others.map(|typ| ("typ", json!(typ), Type)));
    let no_text = [json!(null), json!(["at+jwt"]), json!({}), json!(1), json!(false)];
    assert_refused(no_text.map(|typ| ("typ", typ, Malformed)));
    assert!(verify(&with_header("typ", json!("AT+JWT"))).is_ok(), "media types have no case");
}

#[test]
fn no_member_brings_a_key_along_or_changes_what_is_signed() {
    let own_key = json!({"kty": "oct", "k": base64(SECRET), "alg": "HS256"});
    let members = [
        ("crit", json!([])),
        ("crit", json!(["exp"])),
        ("crit", json!(["b64"])),
        ("crit", json!(["kid", "alg"])),
        ("crit", json!("exp")),
        ("crit", json!(null)),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("jku", json!("https://attacker.example/keys")),
        ("jku", json!("http://127.0.0.1/keys")),
        ("jku", json!(null)),
        ("jwk", own_key.clone()),
        ("jwk", json!({"keys": [own_key]})),
        ("jwk", json!(null)),
        ("x5u", json!("https://attacker.example/cert")),
        ("x5c", json!(["MIIB"])),
        ("x5c", json!([])),
        ("x5t", json!("abc")),
        ("x5t#S256", json!("abc")),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
        ("epk", json!({})),
        ("cty", json!("JWT")),
        ("iss", json!("urn:taglink")),
        ("Kid", parts().0["kid"].clone()),
        ("ALG", json!("HS256")),
        ("", json!("")),
    ];
    assert_refused(members.map(|(member, value)| (member, value, Malformed)));
}

#[test]
fn every_member_is_there() {
    assert!(verify(&genuine()).is_ok());
    for member in ["typ", "alg", "kid"] {
        let (mut header, claims) = parts();
        header.as_object_mut().unwrap().remove(member);
        assert_eq!(verify(&sign(&header, &claims)), Err(Malformed), "without {member}");
    }
    for header in [json!({}), json!(null), json!("HS256"), json!(1)] {
        assert_eq!(verify(&sign(&header, &parts().1)), Err(Malformed), "{header}");
    }
}
