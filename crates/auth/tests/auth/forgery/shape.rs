//! What is no compact JWT of three parts with one JSON object each in the first two.

use jsonwebtoken::Algorithm;
use serde_json::json;
use taglink_auth::token::InvalidToken::Malformed;

use super::craft::{base64, genuine, parts, sign_message, sign_text, verify};
use crate::setting::SECRET;

fn sign(header: &str, claims: &str) -> String {
    sign_text(header, claims, SECRET, Algorithm::HS256)
}

#[test]
fn json_is_one_object_with_each_member_once() {
    let (header, claims) = (parts().0.to_string(), parts().1.to_string());
    let kid = parts().0["kid"].clone();
    assert!(verify(&sign(&header, &claims)).is_ok());
    let twice = |json: &str, member: &str| json.replacen('{', &format!("{{{member},"), 1);
    let values = json!(parts().1.as_object().unwrap().values().collect::<Vec<_>>()).to_string();
    for (header, claims) in [
        (twice(&header, r#""alg":"HS256""#).as_str(), claims.as_str()),
        (&twice(&header, r#""alg":"none""#), &claims),
        (&twice(&header, r#""typ":"JWT""#), &claims),
        (&twice(&header, r#""kid":"unknown""#), &claims),
        (&twice(&header, r#""\u0061lg":"none""#), &claims),
        (&header, &twice(&claims, r#""exp":1800000000"#)),
        (&header, &twice(&claims, r#""sub":"018f3b1e-7c1a-7def-8a1b-0123456789ab""#)),
        (&header, &twice(&claims, r#""scope":"admin""#)),
        (&header, &twice(&claims, r#""sc\u006fpe":"admin""#)),
        (&header, &twice(&claims, r#""epoch":0"#)),
        (&json!(["at+jwt", "HS256", kid]).to_string(), &claims),
        (&header, &values),
        (&format!("[{header}]"), &claims),
        (&header, &format!("[{claims}]")),
        (&header, &format!("{claims}{claims}")),
        (&header, &format!("{claims},")),
        (&header, &format!("{claims}\0")),
        (&header, &format!("\u{feff}{claims}")),
        (&format!("\u{feff}{header}"), &claims),
        (&header, &claims.replace('"', "'")),
        (&header, ""),
        (&header, "null"),
        (&header, "\"\""),
        (&header, "{}"),
        ("", &claims),
        ("{", &claims),
        ("{}", &claims),
    ] {
        assert_eq!(verify(&sign(header, claims)), Err(Malformed), "{header} {claims}");
    }
}

#[test]
fn json_is_utf_8() {
    let (header, claims) = (parts().0.to_string(), parts().1.to_string());
    let (head, tail) = claims.split_at(1);
    for bytes in
        [&b"\"more\":\"\xff\","[..], b"\"more\":\"\xc0\xaf\",", b"\"more\":\"\xed\xa0\x80\",", b"\xff"]
    {
        let claims = [head.as_bytes(), bytes, tail.as_bytes()].concat();
        let message = format!("{}.{}", base64(&header), base64(claims));
        assert_eq!(verify(&sign_message(&message, SECRET, Algorithm::HS256)), Err(Malformed), "{bytes:?}");
    }
    let utf_16: Vec<u8> = claims.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let message = format!("{}.{}", base64(&header), base64(utf_16));
    assert_eq!(verify(&sign_message(&message, SECRET, Algorithm::HS256)), Err(Malformed));
}

#[test]
fn a_token_has_three_parts() {
    let token = genuine();
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    for varied in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        "....".into(),
        header.into(),
        format!("{header}."),
        format!("{header}.."),
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!(".{claims}.{signature}"),
        format!("{header}..{signature}"),
        format!("{header}.{claims}..{signature}"),
        format!("{header}.{claims}.{signature}.{signature}"),
        format!("{header}.{header}.{claims}.{signature}"),
        format!("{claims}.{header}.{signature}"),
        format!("{signature}.{claims}.{header}"),
        format!("{token}.{token}"),
        format!("{token},{token}"),
        format!("Bearer {token}"),
        format!("\"{token}\""),
        token.replace('.', ""),
        token.replace('.', ","),
        token.replace('.', "\u{2024}"),
        token.to_uppercase(),
        token.to_lowercase(),
        "ä.ö.ü".into(),
        "\0.\0.\0".into(),
    ] {
        assert!(verify(&varied).is_err(), "{varied}");
    }
}

#[test]
fn a_token_in_a_token_is_none() {
    let token = genuine();
    let header = parts().0;
    let mut nesting = header.clone();
    nesting["cty"] = json!("JWT");
    for header in [header.to_string(), nesting.to_string()] {
        for claims in [token.clone(), json!(token).to_string(), json!({"jwt": token}).to_string()] {
            assert_eq!(verify(&sign(&header, &claims)), Err(Malformed));
        }
    }
    let (_, signature) = token.rsplit_once('.').unwrap();
    let message = format!("{token}.{}", base64("{}"));
    assert!(verify(&sign_message(&message, SECRET, Algorithm::HS256)).is_err());
    assert!(verify(&sign_message(&token, SECRET, Algorithm::HS256)).is_err());
    assert!(verify(&format!("{token}.{signature}")).is_err());
}

#[test]
fn an_encrypted_token_is_none() {
    for header in [
        json!({"alg": "dir", "enc": "A256GCM", "typ": "at+jwt"}),
        json!({"alg": "A256KW", "enc": "A128CBC-HS256", "kid": parts().0["kid"]}),
        json!({"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2_000_000_000, "p2s": "c2FsdA"}),
        parts().0,
    ] {
        let (header, claims) = (base64(header.to_string()), base64(parts().1.to_string()));
        for key in ["", "a2V5"] {
            let token = format!("{header}.{key}.aXY.{claims}.dGFn");
            assert!(verify(&token).is_err(), "{token}");
            let message = format!("{header}.{key}.aXY.{claims}");
            assert!(verify(&sign_message(&message, SECRET, Algorithm::HS256)).is_err(), "{message}");
        }
    }
}

#[test]
fn the_json_serialisation_is_none() {
    let token = genuine();
    let [protected, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let flattened = json!({"protected": protected, "payload": payload, "signature": signature});
    let unprotected = json!({"header": parts().0, "payload": payload, "signature": signature});
    let one = json!({"protected": protected, "signature": signature});
    for serialised in [flattened, unprotected, json!({"payload": payload, "signatures": [one]})] {
        assert_eq!(verify(&serialised.to_string()), Err(Malformed));
        let encoded = base64(serialised.to_string());
        assert_eq!(verify(&encoded), Err(Malformed));
        assert!(verify(&format!("{protected}.{encoded}.{signature}")).is_err());
        let as_claims = sign(&parts().0.to_string(), &serialised.to_string());
        assert_eq!(verify(&as_claims), Err(Malformed));
    }
    assert!(verify(&token).is_ok(), "the compact one is");
}
