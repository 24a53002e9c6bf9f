//! Bearer tokens at the door of every secured route.

use std::time::Duration;

use jsonwebtoken::{EncodingKey, Header, encode};
use reqwest::Method;
use serde_json::{Value, json};
use taglink_domain::model::{Clock, UserChange, Username};
use taglink_domain::use_case::users;

use crate::app::{DOCUMENT, PASSWORD, SECRET, TestApp, USERNAME, text};
use crate::client::claims;
use crate::on_every_database;

on_every_database!(a_removed_users_token_dies, a_new_password_ends_tokens_given_out_before);

const INVALID: &str = "Could not validate credentials";
const CHALLENGE: &str = "Bearer error=\"invalid_token\"";

/// Every secured operation, with a path that can be asked for.
fn secured_operations() -> Vec<(Method, String)> {
    let mut operations = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["security"]
                .as_array()
                .is_some_and(|security| security.iter().any(|one| one != &json!({})))
            {
                let path: Vec<_> =
                    path.split('/').map(|part| if part.starts_with('{') { "blah" } else { part }).collect();
                let path = path.join("/");
                operations.push((method.to_uppercase().parse().unwrap(), path));
            }
        }
    }
    assert!(operations.len() >= 29, "{operations:?}");
    operations
}

#[tokio::test]
async fn no_secured_route_answers_without_a_token_whatever_the_body() {
    let app = TestApp::sqlite();
    for (method, path) in secured_operations() {
        for body in ["", "{", "{}"] {
            let request = app.request(method.clone(), &format!("{path}?limit=0&tag=a&tag=b")).body(body);
            let answer = request.send().await;
            assert_eq!(answer.expect_problem(401, "Not authenticated")["code"], "not_authenticated");
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{method} {path}");
        }
        let answer = app.request(method.clone(), &path).bearer("forged").send().await;
        answer.expect_problem(401, INVALID);
        assert_eq!(answer.header("www-authenticate"), CHALLENGE);
    }
}

#[tokio::test]
async fn the_authorization_header_is_read_strictly() {
    let app = TestApp::sqlite();
    let token = app.token().await;
    let status = async |value: &str| {
        app.request(Method::GET, "/tag/").header("authorization", value).send().await.status
    };
    for good in [format!("Bearer {token}"), format!("bearer {token}"), format!("BEARER   {token}")] {
        assert_eq!(status(&good).await, 200, "{good}");
    }
    for bad in
        [token.to_owned(), format!("Basic {token}"), format!("Bearer {token} x"), format!("Bearer {token},")]
    {
        assert_eq!(status(&bad).await, 401, "{bad}");
    }
    let twice = app.request(Method::GET, "/tag/").bearer(token).bearer(token).send().await;
    twice.expect_problem(401, INVALID);
    let in_query = app.request(Method::GET, &format!("/tag/?access_token={token}")).send().await;
    in_query.expect_problem(401, "Not authenticated");
}

#[tokio::test]
async fn a_token_ends_when_it_says() {
    let app = TestApp::sqlite();
    app.token().await;
    app.clock.advance(Duration::from_secs(1790));
    app.get("/tag/").await.expect(200);
    app.clock.advance(Duration::from_secs(11));
    app.get("/tag/").await.expect_problem(401, INVALID);
}

async fn refused_within_two_seconds(app: &TestApp, token: &str) {
    // Another process made the change, so the cache of this one may still know the user.
    app.clock.advance(Duration::from_secs(2));
    let answer = app.request(Method::GET, "/tag/").bearer(token).send().await;
    answer.expect_problem(401, INVALID);
    assert_eq!(answer.header("www-authenticate"), CHALLENGE);
}

async fn a_removed_users_token_dies(app: &TestApp) {
    app.get("/tag/").await.expect(200);
    let name = Username::parse(USERNAME).unwrap();
    app.add_admin("another");
    app.with_users(|uow| users::remove_by_name(uow, &name));
    refused_within_two_seconds(app, app.token().await).await;
    app.login(USERNAME, PASSWORD).await.expect(401);
}

async fn a_new_password_ends_tokens_given_out_before(app: &TestApp) {
    app.get("/tag/").await.expect(200);
    let name = Username::parse(USERNAME).unwrap();
    let hash = taglink_auth::password::hash_password(&"another password".into()).unwrap();
    let change = UserChange { hashed_password: Some(hash), ..UserChange::default() };
    app.with_users(|uow| users::change_by_name(uow, &name, &change, app.clock.now()));
    refused_within_two_seconds(app, app.token().await).await;
    app.login(USERNAME, PASSWORD).await.expect(401);
    let token = app.login(USERNAME, "another password").await.expect(200);
    app.request(Method::GET, "/tag/").bearer(&text(&token["access_token"])).send().await.expect(200);
}

#[tokio::test]
async fn forged_tokens_get_one_answer() {
    let app = TestApp::sqlite();
    let token = app.token().await;
    let (header, rest) = token.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let real = jsonwebtoken::decode_header(token).unwrap();
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let sign = |header: &Header, change: &dyn Fn(&mut Value)| {
        let mut claims = claims(token);
        change(&mut claims);
        encode(header, &claims, &key).unwrap()
    };
    let good = sign(&real, &|_| {});
    app.request(Method::GET, "/tag/").bearer(&good).send().await.expect(200);

    let of_another_key =
        encode(&real, &claims(token), &EncodingKey::from_secret(b"another secret of 32 bytes or more"))
            .unwrap();
    let without_kid = sign(&Header { kid: None, ..real.clone() }, &|_| {});
    let unknown_kid = sign(&Header { kid: Some("x".into()), ..real.clone() }, &|_| {});
    let wrong_type = sign(&Header { typ: Some("JWT".into()), ..real.clone() }, &|_| {});
    let forged = [
        of_another_key,
        without_kid,
        unknown_kid,
        wrong_type,
        sign(&real, &|claims| claims["iss"] = json!("someone else")),
        sign(&real, &|claims| claims["aud"] = json!(["urn:taglink:api"])),
        sign(&real, &|claims| claims["sub"] = json!(USERNAME)),
        sign(&real, &|claims| claims["exp"] = json!(claims["exp"].to_string())),
        sign(&real, &|claims| claims["exp"] = json!(claims["exp"].as_i64().unwrap() + 3600)),
        sign(&real, &|claims| claims["iat"] = json!(claims["iat"].as_i64().unwrap() + 60)),
        sign(&real, &|claims| claims["epoch"] = json!(1)),
        sign(&real, &|claims| drop(claims.as_object_mut().unwrap().remove("jti"))),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("eyJhbGciOiJub25lIn0.{payload}."),
        format!("{payload}.{payload}.{signature}"),
        format!("{token}="),
        format!("{token}.{signature}"),
        "a".repeat(6000),
        "..".into(),
    ];
    for token in forged {
        let answer = app.request(Method::GET, "/tag/").bearer(&token).send().await;
        answer.expect_problem(401, INVALID);
        assert_eq!(answer.header("www-authenticate"), CHALLENGE, "{token}");
    }
}
