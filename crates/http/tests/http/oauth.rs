//! `POST /oauth/token`, to the letter of RFC 6749, and what `POST /token/` does instead.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::app::{Answer, PASSWORD, TestApp, USERNAME};
use crate::client::claims;
use crate::on_every_database;

on_every_database!(
    every_scope_that_can_be_had_is_given,
    a_scope_that_cannot_be_had_is_told_apart_from_wrong_credentials,
    unknown_names_and_wrong_passwords_get_the_same_bytes,
);

const FORM: &str = "application/x-www-form-urlencoded";
const INCORRECT: &str = "Incorrect username or password";
const INCORRECT_FOR_SCOPE: &str = "Incorrect username or password or invalid scopes";

async fn login(app: &TestApp, door: &str, name: &str, password: &str, scope: &str) -> Answer {
    let form = [("grant_type", "password"), ("username", name), ("password", password), ("scope", scope)];
    app.form(door, &form).await
}

async fn post(app: &TestApp, body: &str) -> Answer {
    let request = app.request(Method::POST, "/oauth/token").header("content-type", FORM);
    request.body(body.to_owned()).send().await
}

/// A grant that succeeds, encoded.
fn good() -> String {
    let password = PASSWORD.replace('&', "%26").replace('=', "%3D").replace(' ', "+");
    format!("grant_type=password&username={USERNAME}&password={password}")
}

#[track_caller]
fn assert_not_kept(answer: &Answer) {
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
}

async fn every_scope_that_can_be_had_is_given(app: &TestApp) {
    let bob = app.user().await.name;
    app.add_account("alice@example.org");
    for (name, scope, given) in [
        (USERNAME, "", None),
        (USERNAME, "  ", None),
        (USERNAME, "read", Some("read")),
        (USERNAME, "admin", Some("admin")),
        (USERNAME, "read admin", Some("admin read")),
        (&bob, "", None),
        (&bob, "read", Some("read")),
        ("alice@example.org", "account", Some("account")),
        ("ALICE@example.org", "account read", Some("account read")),
    ] {
        for door in ["/oauth/token", "/token/"] {
            let answer = login(app, door, name, PASSWORD, scope).await;
            let tokens = answer.expect(200);
            assert_not_kept(&answer);
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(tokens.get("scope").and_then(|scope| scope.as_str()), given, "{name} {scope:?}");
            assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("bearer"), &json!(1800)));
            let claims = claims(tokens["access_token"].as_str().unwrap());
            assert_eq!(claims["scope"], given.unwrap_or_default());
            assert_eq!((&claims["iss"], &claims["aud"]), (&json!("urn:taglink"), &json!("urn:taglink:api")));
        }
    }
}

async fn a_scope_that_cannot_be_had_is_told_apart_from_wrong_credentials(app: &TestApp) {
    let bob = app.user().await.name;
    app.add_account("alice@example.org");
    for (name, password, scope, error) in [
        (bob.as_str(), PASSWORD, "admin", "invalid_scope"),
        (USERNAME, PASSWORD, "unknown", "invalid_scope"),
        (USERNAME, PASSWORD, "admin account", "invalid_scope"),
        (USERNAME, PASSWORD, "admin admin", "invalid_scope"),
        (USERNAME, "wrong", "unknown", "invalid_scope"),
        (&bob, "wrong", "admin", "invalid_grant"),
        (USERNAME, "wrong", "admin", "invalid_grant"),
        (USERNAME, PASSWORD, "account", "invalid_grant"),
        ("alice@example.org", PASSWORD, "admin", "invalid_grant"),
        ("alice@example.org", "wrong", "account", "invalid_grant"),
        ("nobody", "wrong", "read", "invalid_grant"),
    ] {
        let answer = login(app, "/oauth/token", name, password, scope).await;
        let body = answer.expect_oauth_error(400, error, INCORRECT_FOR_SCOPE);
        assert_not_kept(&answer);
        assert_eq!((answer.header("www-authenticate"), &body["code"]), ("", &json!("invalid_scope")));
        let answer = login(app, "/token/", name, password, scope).await;
        let problem = answer.expect_problem(401, INCORRECT_FOR_SCOPE);
        assert_eq!((&problem["error"], &problem["code"]), (&json!("invalid_grant"), &json!("invalid_scope")));
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    // Without a scope an account is nobody.
    let answer = login(app, "/oauth/token", "alice@example.org", PASSWORD, "").await;
    answer.expect_oauth_error(400, "invalid_grant", INCORRECT);
}

async fn unknown_names_and_wrong_passwords_get_the_same_bytes(app: &TestApp) {
    let disabled = app.user().await;
    let path = format!("/user/{}", disabled.id);
    app.admin().await.patch(&path, &json!({"disabled": true})).await.expect(200);
    app.add_account("alice@example.org");
    for door in ["/oauth/token", "/token/"] {
        for (scope, wrong) in [("", USERNAME), ("admin", USERNAME), ("account", "alice@example.org")] {
            // So many failures would be throttled within a minute.
            app.clock.advance(Duration::from_mins(1));
            let expected = login(app, door, wrong, "wrong", scope).await.comparable();
            assert_eq!(expected.0, if door == "/token/" { 401 } else { 400 });
            for (name, password) in [
                ("nobody", "wrong"),
                ("nobody@example.org", PASSWORD),
                ("", ""),
                (wrong, ""),
                ("a\u{1}b", "wrong"),
                (&disabled.name, PASSWORD),
            ] {
                let answer = login(app, door, name, password, scope).await;
                assert_eq!(answer.comparable(), expected, "{door} {name:?} {scope:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_form_that_is_not_valid_is_a_400_with_the_code_of_the_standard() {
    let app = TestApp::sqlite();
    let unsupported = "grant_type must be password or refresh_token";
    let without_type = good().replace("grant_type=password&", "");
    for (body, error, detail) in [
        (without_type.clone(), "invalid_request", "grant_type: field required"),
        (format!("grant_type=&{without_type}"), "unsupported_grant_type", unsupported),
        (format!("grant_type=client_credentials&{without_type}"), "unsupported_grant_type", unsupported),
        (format!("grant_type=Password&{without_type}"), "unsupported_grant_type", unsupported),
        ("grant_type=password&username=a".into(), "invalid_request", "password: field required"),
        ("grant_type=password&password=a".into(), "invalid_request", "username: field required"),
        ("grant_type=refresh_token".into(), "invalid_request", "refresh_token: field required"),
        (String::new(), "invalid_request", "grant_type: field required"),
        (format!("{}&scope=a&scope=a", good()), "invalid_request", "scope: given more than once"),
        (format!("{}&grant_type=password", good()), "invalid_request", "grant_type: given more than once"),
        (format!("{}&x=1&x=2", good()), "invalid_request", "x: given more than once"),
        (format!("{}&x=%ff", good()), "invalid_request", "the form is not valid UTF-8"),
        (format!("{}&x=%00", good()), "invalid_request", "the form holds a NUL character"),
    ] {
        let answer = post(&app, &body).await;
        answer.expect_oauth_error(400, error, detail);
        assert_not_kept(&answer);
        assert_eq!(answer.header("www-authenticate"), "");
    }
    let large = post(&app, &format!("{}&x={}", good(), "x".repeat(4096))).await;
    large.expect_oauth_error(413, "invalid_request", "The body must not be larger than 4096 bytes");
    assert_not_kept(&large);
}

#[tokio::test]
async fn only_a_form_is_read() {
    let app = TestApp::sqlite();
    let body = json!({"grant_type": "password", "username": USERNAME, "password": PASSWORD});
    let answer = app.request(Method::POST, "/oauth/token").json(&body).send().await;
    answer.expect_oauth_error(400, "invalid_request", "the body must be application/x-www-form-urlencoded");
    assert_not_kept(&answer);
    let compressed = app.request(Method::POST, "/oauth/token").header("content-type", FORM);
    let compressed = compressed.header("content-encoding", "gzip").body(good()).send().await;
    compressed.expect_oauth_error(400, "invalid_request", "compressed bodies are not supported");
    let get = app.request(Method::GET, &format!("/oauth/token?{}", good())).send().await;
    get.expect_problem(405, "Method Not Allowed");
    assert_eq!(get.header("allow"), "POST");
}

#[tokio::test]
async fn credentials_in_the_query_are_never_read() {
    let app = TestApp::sqlite();
    let path = format!("/oauth/token?{}", good());
    let empty = app.request(Method::POST, &path).header("content-type", FORM).send().await;
    empty.expect_oauth_error(400, "invalid_request", "grant_type: field required");
    let wrong = [("grant_type", "password"), ("username", USERNAME), ("password", "wrong")];
    app.form(&path, &wrong).await.expect_oauth_error(400, "invalid_grant", INCORRECT);
}

#[tokio::test]
async fn a_client_with_an_empty_secret_is_a_public_one() {
    let app = TestApp::sqlite();
    for basic in ["Basic Og==", "Basic Yzo=", "basic eDo="] {
        let request = app.request(Method::POST, "/oauth/token").header("authorization", basic);
        request.header("content-type", FORM).body(good()).send().await.expect(200);
    }
    for more in ["client_id=app", "client_id=app&client_secret=", "client_id=&client_secret="] {
        post(&app, &format!("{}&{more}", good())).await.expect(200);
    }
}
