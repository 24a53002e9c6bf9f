//! What the claims must hold.

use serde_json::{Value, json};
use taglink_auth::scope::Scopes;
use taglink_auth::token::{Grant, InvalidToken};
use taglink_domain::model::{AccountId, SessionId, Subject, Timestamp};

use super::craft::{
    END, NOW, genuine, grant, issuer, json_of, now, parts, sign, verify, with_claim, with_header,
    with_raw_claim,
};

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
    assert_eq!(claims.as_object().unwrap().len(), 10, "and sub, jti and sid: {claims}");
    assert_ne!(claims["jti"], parts().1["jti"], "no two tokens have the same id");
}

#[test]
fn what_was_granted_is_what_is_read() {
    let account = Subject::Account(AccountId::new());
    for (scope, subject) in [
        ("", grant().subject),
        ("read", grant().subject),
        ("admin", grant().subject),
        ("admin read", grant().subject),
        ("account", account),
        ("account read", account),
    ] {
        for epoch in [0, 1, i64::MAX, i64::MIN] {
            let scopes = Scopes::parse(scope).unwrap();
            let granted = Grant { subject, session_id: SessionId::new(), epoch, scopes };
            let token = issuer().issue(granted, now()).unwrap().access_token;
            assert_eq!(verify(&token), Ok(granted));
            let claims = json_of(token.split('.').nth(1).unwrap());
            assert_eq!(claims["scope"], scope);
            assert_eq!(claims["sid"], granted.session_id.to_string());
        }
    }
}

#[test]
fn what_is_signed_by_hand_is_accepted_unless_a_rule_is_broken() {
    let (header, claims) = parts();
    assert!(verify(&sign(&header, &claims)).is_ok());
    assert!(verify(&with_header("typ", json!("AT+JWT"))).is_ok(), "media types have no case");
    assert!(verify(&with_claim("acr", json!("a later version's"))).is_ok(), "unknown claims are passed over");
    assert!(verify(&with_claim("iat", json!(NOW + 5))).is_ok(), "clocks differ a little");
    assert!(verify(&with_claim("nbf", json!(NOW + 5))).is_ok(), "clocks differ a little");
    assert!(verify(&with_claim("exp", json!(END - 99))).is_ok(), "less than a lifetime");
}

#[test]
fn names_are_exactly_ours() {
    use InvalidToken::{Audience, Issuer, Malformed};
    for (member, own, reason) in [("iss", "urn:taglink", Issuer), ("aud", "urn:taglink:api", Audience)] {
        for text in [
            "",
            "urn:other",
            "URN:TAGLINK",
            "https://attacker.example",
            "*",
            &format!("{own} "),
            &format!(" {own}"),
            &format!("{own}/"),
            &format!("{own}\0"),
            &own[1..],
        ] {
            assert_eq!(verify(&with_claim(member, json!(text))), Err(reason), "{member}: {text:?}");
        }
        for value in
            [json!([own]), json!([own, "urn:other"]), json!([]), json!({}), json!({own: own}), json!(1)]
        {
            assert_eq!(verify(&with_claim(member, value.clone())), Err(Malformed), "{member}: {value}");
        }
    }
    assert_eq!(verify(&with_claim("aud", json!("urn:taglink"))), Err(Audience));
    assert_eq!(verify(&with_claim("iss", json!("urn:taglink:api"))), Err(Issuer));
}

#[test]
fn times_are_whole_numbers_of_seconds() {
    for member in ["iat", "nbf", "exp"] {
        let good = if member == "exp" { END } else { NOW };
        for text in [
            format!("\"{good}\""),
            format!("{good}.0"),
            format!("{good}.5"),
            format!("{good}e0"),
            "1.7e9".into(),
            "1e400".into(),
            "NaN".into(),
            "Infinity".into(),
            format!("+{good}"),
            format!("0{good}"),
            format!("0x{good:x}"),
            "-0.0".into(),
            "true".into(),
            "false".into(),
            "null".into(),
            "\"\"".into(),
            format!("[{good}]"),
            format!("{{\"$numberLong\":{good}}}"),
            "9223372036854775808".into(),
            u64::MAX.to_string(),
            "9".repeat(1000),
            format!("-{}", "9".repeat(1000)),
        ] {
            assert_eq!(
                verify(&with_raw_claim(member, &text)),
                Err(InvalidToken::Malformed),
                "{member}: {text}"
            );
        }
        assert!(verify(&with_raw_claim(member, &good.to_string())).is_ok());
    }
}

#[test]
fn a_token_that_was_verified_before_is_still_checked_at_each_use() {
    let (issuer, granted) = (issuer(), grant());
    let token = issuer.issue(granted, now()).unwrap().access_token;
    let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000).unwrap();
    for _ in 0..2 {
        assert_eq!(issuer.verify(&token, now()), Ok(granted));
        assert_eq!(issuer.verify(&token, at(END - 1)), Ok(granted));
        assert_eq!(issuer.verify(&token, at(END)), Err(InvalidToken::Expired));
        assert_eq!(issuer.verify(&token, at(NOW - 6)), Err(InvalidToken::Premature));
    }
    let (message, signature) = token.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{message}.{flipped}{}", &signature[1..]);
    assert_eq!(issuer.verify(&forged, now()), Err(InvalidToken::Signature));
}

#[test]
fn a_token_is_valid_from_its_issue_for_one_lifetime_at_most() {
    use InvalidToken::{Expired, Lifetime, Premature};
    for (member, value, reason) in [
        ("exp", NOW, Expired),
        ("exp", NOW - 1, Expired),
        ("exp", 0, Expired),
        ("exp", -1, Expired),
        ("exp", -END, Expired),
        ("exp", i64::MIN, Expired),
        ("exp", END + 1, Lifetime),
        ("exp", END * 1000, Lifetime),
        ("exp", i64::MAX, Lifetime),
        ("iat", NOW + 6, Premature),
        ("iat", END, Premature),
        ("iat", i64::MAX, Premature),
        ("iat", NOW - 1, Lifetime),
        ("iat", 0, Lifetime),
        ("iat", -1, Lifetime),
        ("iat", i64::MIN, Lifetime),
        ("nbf", NOW + 6, Premature),
        ("nbf", END, Premature),
        ("nbf", i64::MAX, Premature),
        ("nbf", -1, Lifetime),
        ("nbf", i64::MIN, Lifetime),
    ] {
        assert_eq!(verify(&with_claim(member, json!(value))), Err(reason), "{member}: {value}");
    }
    let (header, mut claims) = parts();
    for (iat, exp) in [(NOW + 5, NOW + 4), (NOW + 5, NOW + 5), (NOW + 5, END + 6), (NOW - 200, END)] {
        claims["iat"] = json!(iat);
        claims["exp"] = json!(exp);
        assert_eq!(verify(&sign(&header, &claims)), Err(Lifetime), "{iat} to {exp}");
    }
}

#[test]
fn subject_session_scope_and_epoch_are_of_the_right_kind() {
    use InvalidToken::{Malformed, Scope, Subject};
    let id = "018f3b1e-7c1a-7def-8a1b-0123456789ab";
    let mut cases: Vec<(&str, Value, InvalidToken)> = Vec::new();
    for member in ["sub", "sid"] {
        let simple = id.replace('-', "");
        let no_ids = ["", " ", "apiuser", "0", "*", &simple, &format!("{{{id}}}"), &format!("urn:uuid:{id}")]
            .map(|text| (member, json!(text), Subject));
        let padded =
            [format!("{id} "), format!(" {id}"), format!("{id}\0"), id[1..].to_owned(), id.repeat(2)]
                .map(|text| (member, json!(text), Subject));
        cases.extend(no_ids.into_iter().chain(padded));
        cases.extend(
            [json!(7), json!(null), json!([id]), json!({}), json!(true)].map(|v| (member, v, Malformed)),
        );
    }
    let scopes =
        ["nonsense", "Admin", "admin account", "admin admin", "read read", "admin,read", "admin\tread"];
    cases.extend(scopes.map(|scope| ("scope", json!(scope), Scope)));
    let no_texts = [json!([]), json!(["admin"]), json!(null), json!(1), json!({})];
    cases.extend(no_texts.map(|scope| ("scope", scope, Malformed)));
    let no_numbers =
        [json!("3"), json!(3.0), json!(3.5), json!(null), json!(true), json!([3]), json!(u64::MAX)];
    cases.extend(no_numbers.map(|epoch| ("epoch", epoch, Malformed)));
    cases.extend([json!(7), json!(null), json!(["a"])].map(|jti| ("jti", jti, Malformed)));
    for (member, value, reason) in cases {
        assert_eq!(verify(&with_claim(member, value.clone())), Err(reason), "{member}: {value}");
    }
}

#[test]
fn every_claim_is_there() {
    for member in ["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sid", "scope", "epoch"] {
        let (header, mut claims) = parts();
        let value = claims.as_object_mut().unwrap().remove(member).unwrap();
        assert_eq!(verify(&sign(&header, &claims)), Err(InvalidToken::Malformed), "without {member}");
        claims[member.to_uppercase()] = value;
        assert_eq!(verify(&sign(&header, &claims)), Err(InvalidToken::Malformed), "{member} in capitals");
    }
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
