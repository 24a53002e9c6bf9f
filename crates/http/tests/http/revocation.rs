//! `POST /oauth/revoke` (RFC 7009).

use reqwest::Method;
use serde_json::json;

use crate::app::{Answer, Client, TestApp};
use crate::on_every_database;

on_every_database!(
    an_access_token_ends_its_session,
    a_refresh_token_ends_its_session_also_when_it_was_used,
    an_api_token_ends_alone,
    the_answer_says_nothing_about_the_token,
    a_form_that_is_not_valid_is_a_400,
);

async fn revoke(app: &TestApp, token: &str) -> Answer {
    app.form("/oauth/revoke", &[("token", token)]).await
}

async fn an_access_token_ends_its_session(app: &TestApp) {
    for client in [app.user().await, app.account().await] {
        let scope = if client.name.contains('@') { "account" } else { "" };
        let (other, script) = (client.again(scope).await, client.api_token(scope).await);
        client.is_accepted().await;
        revoke(app, &client.token).await.expect_ok();
        client.is_refused().await;
        assert_eq!(client.refresh("/oauth/token").await.expect(400)["error"], "invalid_grant");
        other.is_accepted().await;
        script.is_accepted().await;
    }
}

async fn a_refresh_token_ends_its_session_also_when_it_was_used(app: &TestApp) {
    let bob = app.user().await;
    let other = bob.again("").await;
    let second = Client::with_tokens(app, "", &bob.refresh("/oauth/token").await.expect(200));
    revoke(app, &bob.refresh_token).await.expect_ok();
    for dead in [&bob, &second] {
        dead.is_refused().await;
        assert_eq!(dead.refresh("/oauth/token").await.expect(400)["error"], "invalid_grant");
    }
    other.is_accepted().await;
    revoke(app, &other.refresh_token).await.expect_ok();
    other.is_refused().await;
}

async fn an_api_token_ends_alone(app: &TestApp) {
    let bob = app.user().await;
    let (script, other) = (bob.api_token("").await, bob.api_token("read").await);
    script.is_accepted().await;
    revoke(app, &script.token).await.expect_ok();
    script.is_refused().await;
    bob.is_accepted().await;
    other.is_accepted().await;
    let left = bob.get("/api-token/").await.list();
    assert_eq!(left.iter().map(|token| token["api_token_id"].clone()).collect::<Vec<_>>(), [json!(other.id)]);
}

async fn the_answer_says_nothing_about_the_token(app: &TestApp) {
    let (bob, dead) = (app.user().await, app.user().await);
    let script = dead.api_token("").await;
    for token in [&dead.token, &dead.refresh_token, &script.token] {
        let good = revoke(app, token).await;
        for bad in ["", "x", "tgr_x", "tgp_x", "a.b.c", token, &format!("{token}x")] {
            assert_eq!(revoke(app, bad).await.comparable(), good.comparable(), "{bad}");
        }
    }
    for hint in ["access_token", "refresh_token", "unknown", ""] {
        let form = [("token", dead.token.as_str()), ("token_type_hint", hint), ("client_id", "x")];
        app.form("/oauth/revoke", &form).await.expect_ok();
    }
    // A hint that is wrong does no harm.
    let form = [("token", bob.token.as_str()), ("token_type_hint", "refresh_token")];
    app.form("/oauth/revoke/", &form).await.expect_ok();
    bob.is_refused().await;
}

async fn a_form_that_is_not_valid_is_a_400(app: &TestApp) {
    let bob = app.user().await;
    let form = "application/x-www-form-urlencoded";
    let twice = format!("token={}&token={}", bob.token, bob.token);
    for (content_type, body, detail) in [
        (form, String::new(), "token: field required"),
        (form, "token_type_hint=access_token".to_owned(), "token: field required"),
        (form, twice, "token: given more than once"),
        (form, "token=%ff".to_owned(), "the form is not valid UTF-8"),
        (
            "application/json",
            json!({"token": bob.token}).to_string(),
            "the body must be application/x-www-form-urlencoded",
        ),
    ] {
        let request = app.request(Method::POST, "/oauth/revoke").header("content-type", content_type);
        let answer = request.body(body).send().await;
        answer.expect_oauth_error(400, "invalid_request", detail);
    }
    let in_query = app.request(Method::POST, &format!("/oauth/revoke?token={}", bob.token));
    in_query.header("content-type", form).send().await.expect(400);
    let large = app.form("/oauth/revoke", &[("token", &"x".repeat(4096))]).await;
    large.expect_oauth_error(413, "invalid_request", "The body must not be larger than 4096 bytes");
    bob.is_accepted().await;
}
