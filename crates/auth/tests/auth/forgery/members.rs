//! What the header and the claims must hold.

use serde_json::json;
use taglink_auth::token::InvalidToken;
use taglink_domain::model::Timestamp;

use super::craft::{END, NOW, base64, genuine, grant, issuer, parts, sign, verify, with_claim, with_header};
use crate::setting::SECRET;

#[test]
fn a_token_says_what_the_profile_asks_for() {
    let token = genuine();
    assert!(token.len() < 1000, "{}", token.len());
    let (header, claims) = parts();
    assert_eq!(header["typ"], "at+jwt");
    assert_eq!(header["alg"], "HS256");
    assert_eq!(header.as_object().unwrap().len(), 3, "and kid: {header}");
    assert_eq!(claims["iss"], "urn:taglink");
    assert_eq!(claims["aud"], "urn:taglink:api");
    assert_eq!(claims["iat"], NOW);
    assert_eq!(claims["nbf"], NOW);
    assert_eq!(claims["exp"], END);
    assert_eq!(claims["scope"], "");
    assert_eq!(claims["epoch"], 3);
    assert_ne!(claims["jti"], parts().1["jti"], "no two tokens have the same id");
}

#[test]
fn what_is_signed_by_hand_is_accepted_unless_a_rule_is_broken() {
    let (header, claims) = parts();
    assert!(verify(&sign(&header, &claims)).is_ok());
    assert!(verify(&with_header("typ", json!("AT+JWT"))).is_ok(), "media types have no case");
    assert!(verify(&with_claim("sid", json!("a later version's"))).is_ok(), "unknown claims are passed over");
    assert!(verify(&with_claim("iat", json!(NOW + 5))).is_ok(), "clocks differ a little");
    assert!(verify(&with_claim("nbf", json!(NOW + 5))).is_ok(), "clocks differ a little");
}

#[test]
fn a_header_is_exactly_ours() {
    use InvalidToken::{Algorithm, Malformed, Type, UnknownKey};
    let kid = parts().0["kid"].clone();
    let own_key = json!({"kty": "oct", "k": base64(SECRET)});
    let cases = [
        ("alg", json!("none"), Algorithm),
        ("alg", json!("None"), Algorithm),
        ("alg", json!("NONE"), Algorithm),
        ("alg", json!("nOnE"), Algorithm),
        ("alg", json!(""), Algorithm),
        ("alg", json!("hs256"), Algorithm),
        ("alg", json!("HS384"), Algorithm),
        ("alg", json!("HS512"), Algorithm),
        ("alg", json!("RS256"), Algorithm),
        ("alg", json!("ES256"), Algorithm),
        ("alg", json!("EdDSA"), Algorithm),
        ("alg", json!(["HS256"]), Malformed),
        ("alg", json!(null), Malformed),
        ("kid", json!(""), UnknownKey),
        ("kid", json!("unknown"), UnknownKey),
        ("kid", json!("../../dev/null"), UnknownKey),
        ("kid", json!(kid.as_str().unwrap().to_uppercase() + " "), UnknownKey),
        ("kid", json!(0), Malformed),
        ("kid", json!(true), Malformed),
        ("kid", json!(null), Malformed),
        ("kid", json!([kid]), Malformed),
        ("typ", json!("JWT"), Type),
        ("typ", json!("application/at+jwt"), Type),
        ("typ", json!("at+jwt "), Type),
        ("typ", json!(""), Type),
        ("typ", json!(null), Malformed),
        ("crit", json!([]), Malformed),
        ("crit", json!(["exp"]), Malformed),
        ("crit", json!(null), Malformed),
        ("b64", json!(false), Malformed),
        ("b64", json!(true), Malformed),
        ("jku", json!("https://attacker.example/keys"), Malformed),
        ("jwk", own_key, Malformed),
        ("x5u", json!("https://attacker.example/cert"), Malformed),
        ("x5c", json!(["MIIB"]), Malformed),
        ("x5t", json!("abc"), Malformed),
        ("zip", json!("DEF"), Malformed),
        ("enc", json!("A256GCM"), Malformed),
        ("cty", json!("JWT"), Malformed),
    ];
    for (member, value, reason) in cases {
        assert_eq!(verify(&with_header(member, value.clone())), Err(reason), "{member}: {value}");
    }
    for member in ["typ", "alg", "kid"] {
        let (mut header, claims) = parts();
        header.as_object_mut().unwrap().remove(member);
        assert_eq!(verify(&sign(&header, &claims)), Err(Malformed), "without {member}");
    }
}

#[test]
fn claims_are_all_there_and_of_the_right_kind() {
    use InvalidToken::{Audience, Expired, Issuer, Lifetime, Malformed, Premature, Scope, Subject};
    let cases = [
        ("iss", json!("urn:other"), Issuer),
        ("iss", json!(""), Issuer),
        ("iss", json!(["urn:taglink"]), Malformed),
        ("aud", json!("urn:other"), Audience),
        ("aud", json!("urn:taglink"), Audience),
        ("aud", json!(["urn:taglink:api"]), Malformed),
        ("aud", json!(["urn:taglink:api", "urn:other"]), Malformed),
        ("aud", json!({}), Malformed),
        ("exp", json!(END.to_string()), Malformed),
        ("exp", json!(1_700_000_100.0), Malformed),
        ("exp", json!(1_700_000_099.5), Malformed),
        ("exp", json!(true), Malformed),
        ("exp", json!(null), Malformed),
        ("exp", json!([END]), Malformed),
        ("exp", json!(u64::MAX), Malformed),
        ("exp", json!(NOW), Expired),
        ("exp", json!(NOW - 1), Expired),
        ("exp", json!(0), Expired),
        ("exp", json!(-1), Expired),
        ("exp", json!(i64::MIN), Expired),
        ("exp", json!(END + 1), Lifetime),
        ("exp", json!(i64::MAX), Lifetime),
        ("iat", json!(NOW.to_string()), Malformed),
        ("iat", json!(1_700_000_000.0), Malformed),
        ("iat", json!(null), Malformed),
        ("iat", json!(NOW + 6), Premature),
        ("iat", json!(i64::MAX), Premature),
        ("iat", json!(NOW - 1), Lifetime),
        ("iat", json!(i64::MIN), Lifetime),
        ("nbf", json!(NOW.to_string()), Malformed),
        ("nbf", json!(1_700_000_000.0), Malformed),
        ("nbf", json!(null), Malformed),
        ("nbf", json!(NOW + 6), Premature),
        ("nbf", json!(i64::MAX), Premature),
        ("scope", json!("admin"), Scope),
        ("scope", json!("read"), Scope),
        ("scope", json!([]), Malformed),
        ("scope", json!(null), Malformed),
        ("epoch", json!("3"), Malformed),
        ("epoch", json!(3.0), Malformed),
        ("epoch", json!(null), Malformed),
        ("sub", json!("apiuser"), Subject),
        ("sub", json!(""), Subject),
        ("sub", json!("018f3b1e7c1a7def8a1b0123456789ab"), Subject),
        ("sub", json!(7), Malformed),
        ("jti", json!(7), Malformed),
        ("jti", json!(null), Malformed),
    ];
    for (member, value, reason) in cases {
        assert_eq!(verify(&with_claim(member, value.clone())), Err(reason), "{member}: {value}");
    }
    for member in ["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "scope", "epoch"] {
        let (header, mut claims) = parts();
        claims.as_object_mut().unwrap().remove(member);
        assert_eq!(verify(&sign(&header, &claims)), Err(Malformed), "without {member}");
    }
}

#[test]
fn a_token_that_expires_before_it_is_issued_is_refused() {
    let (header, mut claims) = parts();
    claims["iat"] = json!(NOW + 5);
    claims["exp"] = json!(NOW + 4);
    assert_eq!(verify(&sign(&header, &claims)), Err(InvalidToken::Lifetime));
}

#[test]
fn time_is_the_given_one_and_not_the_machines() {
    let issuer = issuer();
    for seconds in [0, 1_000_000_000, 4_000_000_000] {
        let now = Timestamp::from_micros(seconds * 1_000_000).unwrap();
        let token = issuer.issue(grant(), now).unwrap();
        assert!(issuer.verify(&token.access_token, now).is_ok(), "{now}");
        assert_eq!(issuer.verify(&token.access_token, token.expires_at), Err(InvalidToken::Expired));
    }
}
