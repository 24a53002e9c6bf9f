//! Credentials that were never given out, or are of another kind than they are used for.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Method;
use serde_json::json;

use crate::app::{Client, SECRET, TestApp};
use crate::client::claims;
use crate::on_every_database;

on_every_database!(every_forgery_gets_one_answer_at_every_route);

/// The token with another character at this place.
fn flipped(token: &str, at: usize) -> String {
    let other = if &token[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &token[..at], &token[at + 1..])
}

fn forgeries(session: &Client<'_>, account: &Client<'_>, script: &Client<'_>) -> Vec<(&'static str, String)> {
    let real = jsonwebtoken::decode_header(&session.token).unwrap();
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let own = claims(&session.token);
    let with_claims = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut claims = own.clone();
        change(&mut claims);
        encode(&real, &claims, &key).unwrap()
    };
    let unsigned = |header: serde_json::Value| {
        let part = |value: &serde_json::Value| BASE64.encode(value.to_string());
        format!("{}.{}.", part(&header), part(&own))
    };
    let wrong_kid = Header { kid: Some("0123456789abcdef".into()), ..real.clone() };
    let longer_hash = Header { alg: Algorithm::HS512, ..real.clone() };
    let of_account = claims(&account.token);
    vec![
        ("no algorithm", unsigned(json!({"typ": "at+jwt", "alg": "none", "kid": real.kid}))),
        ("no algorithm, other case", unsigned(json!({"typ": "at+jwt", "alg": "nOnE", "kid": real.kid}))),
        ("wrong kid", encode(&wrong_kid, &own, &key).unwrap()),
        ("another algorithm", encode(&longer_hash, &own, &key).unwrap()),
        ("another session", with_claims(&|claims| claims["sid"] = of_account["sid"].clone())),
        ("another subject", with_claims(&|claims| claims["sub"] = of_account["sub"].clone())),
        ("an account's scope for a user", with_claims(&|claims| claims["scope"] = json!("account"))),
        ("a role that it does not have", with_claims(&|claims| claims["scope"] = json!("admin"))),
        ("an unknown scope", with_claims(&|claims| claims["scope"] = json!("root"))),
        ("an earlier epoch", with_claims(&|claims| claims["epoch"] = json!(-1))),
        ("no session", with_claims(&|claims| drop(claims.as_object_mut().unwrap().remove("sid")))),
        ("a changed signature", flipped(&session.token, session.token.len() - 5)),
        ("a refresh token", session.refresh_token.clone()),
        ("a changed API token", flipped(&script.token, 20)),
        ("a shorter API token", script.token[..51].to_owned()),
        ("an API token of another kind", script.token.replace("tgp_", "tgr_")),
        ("an API token that was never made", format!("tgp_{}", "A".repeat(48))),
        ("100 KiB", "x".repeat(100 * 1024)),
        ("100 KiB of an API token", format!("tgp_{}", "A".repeat(100 * 1024))),
        ("a token for everything", format!("{}.{}.{}", session.token, session.token, session.token)),
    ]
}

async fn every_forgery_gets_one_answer_at_every_route(app: &TestApp) {
    let (session, account) = (app.user().await, app.account().await);
    let script = session.api_token("").await;
    let mut expected = None;
    for (what, token) in forgeries(&session, &account, &script) {
        for (method, path) in [
            (Method::GET, "/tag/"),
            (Method::POST, "/link/"),
            (Method::DELETE, "/session/"),
            (Method::GET, "/user/me"),
        ] {
            let answer = app.request(method, path).bearer(&token).send().await;
            let problem = answer.expect_problem(401, "Could not validate credentials");
            assert_eq!(problem["code"], "invalid_token", "{what}");
            assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"", "{what}");
            let seen = answer.comparable();
            assert_eq!(&seen, expected.get_or_insert_with(|| seen.clone()), "{what}");
        }
    }
    for real in [&session, &account, &script] {
        real.is_accepted().await;
    }
}
