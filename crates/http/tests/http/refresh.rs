//! Refresh tokens, at both doors.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::app::{Client, SECRET, TestApp, text};
use crate::client::{claims, refresh};
use crate::on_every_database;

on_every_database!(
    each_is_used_once_and_gives_the_next,
    one_that_is_used_again_later_ends_the_session,
    for_sixty_seconds_the_successor_is_the_same,
    later_a_lost_answer_is_a_replay,
    a_session_ends_when_the_login_said,
    less_may_be_asked_for_and_never_more,
    what_is_no_refresh_token_is_refused,
    many_at_once_get_the_same_token,
);

const DOORS: [(&str, u16); 2] = [("/token/", 401), ("/oauth/token", 400)];
const INVALID: &str = "The refresh token is not valid";

fn client<'a>(app: &'a TestApp, answer: &crate::app::Answer) -> Client<'a> {
    Client::with_tokens(app, "", &answer.expect(200))
}

#[track_caller]
fn assert_invalid(answer: &crate::app::Answer, status: u16) {
    if status == 401 {
        let problem = answer.expect_problem(401, INVALID);
        assert_eq!(
            (&problem["error"], &problem["code"]),
            (&json!("invalid_grant"), &json!("invalid_refresh_token"))
        );
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    } else {
        answer.expect_oauth_error(400, "invalid_grant", INVALID);
    }
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
}

async fn each_is_used_once_and_gives_the_next(app: &TestApp) {
    let mut last = app.account().await;
    let (mut seen, first) = (BTreeSet::new(), claims(&last.token));
    for door in ["/token/", "/oauth/token", "/token", "/oauth/token/"] {
        assert!(last.refresh_token.len() == 52 && last.refresh_token.starts_with("tgr_"));
        assert!(seen.insert(last.refresh_token.clone()));
        let answer = last.refresh(door).await;
        let tokens = answer.expect(200);
        assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
        assert_eq!(
            (&tokens["token_type"], &tokens["expires_in"], &tokens["scope"]),
            (&json!("bearer"), &json!(1800), &json!("account"))
        );
        last = client(app, &answer);
        let claims = claims(&last.token);
        assert_eq!(
            (&claims["sid"], &claims["sub"], &claims["epoch"]),
            (&first["sid"], &first["sub"], &first["epoch"])
        );
        assert_ne!(claims["jti"], first["jti"]);
        last.is_accepted().await;
    }
}

async fn one_that_is_used_again_later_ends_the_session(app: &TestApp) {
    for (door, status) in DOORS {
        let bob = app.user().await;
        let other = bob.again("").await;
        let second = client(app, &bob.refresh(door).await);
        let third = client(app, &second.refresh(door).await);
        third.is_accepted().await;
        app.clock.advance(Duration::from_secs(61));
        assert_invalid(&bob.refresh(door).await, status);
        assert_invalid(&third.refresh(door).await, status);
        for dead in [&bob, &second, &third] {
            dead.is_refused().await;
        }
        other.is_accepted().await;
        client(app, &other.refresh(door).await).is_accepted().await;
    }
}

async fn for_sixty_seconds_the_successor_is_the_same(app: &TestApp) {
    for (door, _) in DOORS {
        let bob = app.user().await;
        let one = client(app, &bob.refresh(door).await);
        app.clock.advance(Duration::from_secs(50));
        let other = client(app, &bob.refresh(door).await);
        assert_eq!(one.refresh_token, other.refresh_token);
        for tab in [&one, &other] {
            client(app, &tab.refresh(door).await).is_accepted().await;
            tab.is_accepted().await;
        }
    }
}

async fn later_a_lost_answer_is_a_replay(app: &TestApp) {
    for (door, status) in DOORS {
        let bob = app.user().await;
        app.clock.stop();
        let second = client(app, &bob.refresh(door).await);
        app.clock.advance(Duration::from_secs(61));
        assert_invalid(&bob.refresh(door).await, status);
        second.is_refused().await;
        assert_invalid(&second.refresh(door).await, status);
    }
}

async fn a_session_ends_when_the_login_said(app: &TestApp) {
    let mut last = app.user().await;
    app.clock.stop();
    for _ in 0..3 {
        app.clock.advance(Duration::from_hours(24 * 10) - Duration::from_mins(1));
        last = client(app, &last.refresh("/oauth/token").await);
    }
    last.is_accepted().await;
    app.clock.advance(Duration::from_mins(4));
    for (door, status) in DOORS {
        assert_invalid(&last.refresh(door).await, status);
    }
    last.is_refused().await;
}

async fn less_may_be_asked_for_and_never_more(app: &TestApp) {
    let mut token = app.admin().await.refresh_token;
    for (scope, granted) in [
        ("admin read", json!("admin read")),
        ("read", json!("read")),
        ("read admin", json!("admin read")),
        ("", json!("admin")),
        (" ", json!("admin")),
    ] {
        let answer = refresh(app, "/oauth/token", &token, scope).await.expect(200);
        assert_eq!(answer["scope"], granted, "{scope:?}");
        assert_eq!(claims(&text(&answer["access_token"]))["scope"], granted);
        token = text(&answer["refresh_token"]);
    }
    let bob = app.user().await;
    let reader = bob.again("read").await;
    let account = app.account().await;
    for (client, scopes) in [
        (&bob, &["admin", "account", "unknown", "read read"][..]),
        (&reader, &["admin read", "admin", "account read"]),
        (&account, &["admin", "read", "account account", "admin read"]),
    ] {
        for scope in scopes {
            let answer = refresh(app, "/oauth/token", &client.refresh_token, scope).await;
            let body =
                answer.expect_oauth_error(400, "invalid_scope", "The session does not have this scope");
            assert_eq!(body["code"], "invalid_scope");
            let answer = refresh(app, "/token/", &client.refresh_token, scope).await;
            let problem = answer.expect_problem(401, "The session does not have this scope");
            assert_eq!(problem["error"], "invalid_grant");
        }
        // Nothing was spent by that.
        client.refresh("/token/").await.expect(200);
    }
    // What was asked for less at a refresh is not lost for the session.
    let narrowed = refresh(app, "/token/", &token, "admin read").await.expect(200);
    let narrowed = Client::with_tokens(app, "", &narrowed);
    narrowed.post("/account/", &json!({})).await.expect_problem(401, "Not enough permissions");
    let whole = client(app, &narrowed.refresh("/token/").await);
    whole.post("/account/", &json!({})).await.expect(422);
}

async fn what_is_no_refresh_token_is_refused(app: &TestApp) {
    let bob = app.user().await;
    let script = bob.api_token("").await;
    let flipped = if bob.refresh_token.ends_with('A') { "B" } else { "A" };
    let flipped = format!("{}{flipped}", &bob.refresh_token[..51]);
    let as_api_token = bob.refresh_token.replace("tgr_", "tgp_");
    let padded = format!("{} ", bob.refresh_token);
    for token in ["", "x", "tgr_", SECRET, &bob.token, &script.token, &flipped, &as_api_token, &padded] {
        for (door, status) in DOORS {
            assert_invalid(&refresh(app, door, token, "").await, status);
        }
    }
    bob.is_accepted().await;
    bob.refresh("/token/").await.expect(200);
}

async fn many_at_once_get_the_same_token(app: &TestApp) {
    const CLIENTS: usize = 20;
    let bob = app.user().await;
    let start = Arc::new(tokio::sync::Barrier::new(CLIENTS));
    let tasks: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let start = Arc::clone(&start);
            let form = [("grant_type", "refresh_token"), ("refresh_token", bob.refresh_token.as_str())];
            let request = app.request(reqwest::Method::POST, "/oauth/token").form(&form);
            tokio::spawn(async move {
                start.wait().await;
                request.send().await
            })
        })
        .collect();
    let mut given = Vec::new();
    for task in tasks {
        let answer = task.await.unwrap();
        given.push(text(&answer.expect(200)["refresh_token"]));
    }
    assert!(given.iter().all(|token| *token == given[0]), "one live successor");
    client(app, &refresh(app, "/oauth/token", &given[0], "").await).is_accepted().await;
}
