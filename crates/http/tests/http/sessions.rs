//! Sessions: listed, ended one by one or all at once.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Client, PASSWORD, TestApp, text};
use crate::on_every_database;

on_every_database!(
    sessions_are_listed_with_the_one_that_asks,
    an_ended_session_is_refused_at_once_and_the_others_go_on,
    a_session_of_somebody_else_is_not_found,
    logging_out_everywhere_ends_sessions_and_api_tokens,
    what_another_process_ended_is_refused_within_two_seconds,
    a_session_that_has_expired_is_not_listed,
    sessions_are_paged,
);

async fn sessions_are_listed_with_the_one_that_asks(app: &TestApp) {
    let bob = app.user().await;
    let form = [("username", bob.name.as_str()), ("password", PASSWORD), ("scope", " read ")];
    let long = format!("browser/{}", "x".repeat(300));
    let login = app.request(Method::POST, "/oauth/token").header("user-agent", &long);
    login.form(&[&form[..], &[("grant_type", "password")]].concat()).send().await.expect(200);
    let sessions = bob.get("/session/").await.list();
    let (first, second) = (&sessions[0], &sessions[1]);
    assert_eq!(sessions.len(), 2);
    let names: Vec<&String> = first.as_object().unwrap().keys().collect();
    assert_eq!(names, ["created", "current", "expires", "last_used", "scope", "session_id", "user_agent"]);
    assert_eq!(
        (&first["scope"], &first["current"], &first["user_agent"]),
        (&json!(""), &json!(true), &Value::Null)
    );
    assert_eq!((&second["scope"], &second["current"]), (&json!("read"), &json!(false)));
    assert_eq!(second["user_agent"], long[..255]);
    assert_eq!(first["created"], first["last_used"]);
    let time = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap();
    assert_eq!(time(&first["expires"]) - time(&first["created"]), chrono::TimeDelta::days(30));
    app.clock.advance(Duration::from_mins(5));
    let refreshed = Client::with_tokens(app, &bob.name, &bob.refresh("/token/").await.expect(200));
    let now = refreshed.get("/session/").await.list()[0].clone();
    assert!(time(&now["last_used"]) >= time(&first["created"]) + chrono::TimeDelta::minutes(5));
    for same in ["session_id", "created", "expires", "current"] {
        assert_eq!(now[same], first[same], "{same}");
    }
}

async fn an_ended_session_is_refused_at_once_and_the_others_go_on(app: &TestApp) {
    let account = app.account().await;
    let (other, script) = (account.again("account").await, account.api_token("account").await);
    let refreshed = Client::with_tokens(app, "", &other.refresh("/token/").await.expect(200));
    let sessions = account.get("/session/").await.list();
    let of_other = sessions.iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/session/{}", text(&of_other["session_id"]).to_uppercase());
    other.is_accepted().await;
    account.delete(&path).await.expect_ok();
    other.is_refused().await;
    refreshed.is_refused().await;
    assert_eq!(refreshed.refresh("/oauth/token").await.expect(400)["error"], "invalid_grant");
    account.is_accepted().await;
    script.is_accepted().await;
    let id = path.rsplit('/').next().unwrap();
    let problem = account.delete(&path).await;
    let problem = problem.expect_problem(404, &format!("Session with session_id '{id}' not found"));
    assert_eq!(problem["code"], "session_not_found");
    let own = account.get("/session/").await.list();
    account.delete(&format!("/session/{}", text(&own[0]["session_id"]))).await.expect_ok();
    account.is_refused().await;
}

async fn a_session_of_somebody_else_is_not_found(app: &TestApp) {
    let (bob, admin, account) = (app.user().await, app.admin().await, app.account().await);
    let id = text(&bob.get("/session/").await.list()[0]["session_id"]);
    for other in [&admin, &account] {
        let detail = format!("Session with session_id '{id}' not found");
        other.delete(&format!("/session/{id}")).await.expect_problem(404, &detail);
        other.delete("/session/blah").await.expect_problem(404, "Session with session_id 'blah' not found");
    }
    bob.is_accepted().await;
}

async fn logging_out_everywhere_ends_sessions_and_api_tokens(app: &TestApp) {
    let (bob, stranger) = (app.user().await, app.user().await);
    let (other, script) = (bob.again("read").await, bob.api_token("").await);
    for credential in [&bob, &other, &script] {
        credential.is_accepted().await;
    }
    bob.delete("/session").await.expect_ok();
    for credential in [&bob, &other, &script] {
        credential.is_refused().await;
    }
    for door in ["/token/", "/oauth/token"] {
        assert_eq!(other.refresh(door).await.json()["error"], "invalid_grant");
    }
    let anew = bob.again("").await;
    assert_eq!(anew.get("/session/").await.list().len(), 1);
    assert_eq!(anew.get("/api-token/").await.expect(200), json!([]));
    stranger.is_accepted().await;
}

async fn what_another_process_ended_is_refused_within_two_seconds(app: &TestApp) {
    let elsewhere = app.another_service(&[]);
    let (bob, account) = (app.user().await, app.account().await);
    let (other, script) = (bob.again("").await, account.api_token("account").await);
    for credential in [&bob, &other, &account, &script] {
        credential.is_accepted().await;
        credential.at(&elsewhere).is_accepted().await;
    }
    app.clock.stop();
    let id = text(&other.at(&elsewhere).get("/session/").await.list()[1]["session_id"]);
    bob.at(&elsewhere).delete(&format!("/session/{id}")).await.expect_ok();
    other.at(&elsewhere).is_refused().await;
    account.at(&elsewhere).delete("/session/").await.expect_ok();
    app.clock.advance(Duration::from_secs(2));
    other.is_refused().await;
    account.is_refused().await;
    script.is_refused().await;
    bob.is_accepted().await;
}

async fn a_session_that_has_expired_is_not_listed(app: &TestApp) {
    let bob = app.user().await;
    app.clock.advance(Duration::from_hours(24 * 30));
    bob.is_refused().await;
    let sessions = bob.again("").await.get("/session/").await.list();
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0]["current"], true);
}

async fn sessions_are_paged(app: &TestApp) {
    let bob = app.user().await;
    for _ in 0..3 {
        bob.again("").await;
    }
    let whole = bob.get("/session/").await.list();
    let (mut walked, mut next) = (Vec::new(), Some("/session/?limit=1".to_owned()));
    while let Some(path) = next {
        let page = bob.get(&path).await;
        walked.extend(page.list());
        next = page.next();
    }
    assert_eq!((walked.len(), &walked), (4, &whole));
}
