//! API tokens, to the contract.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{Client, TestApp, text};
use crate::on_every_database;
use crate::process::PATIENCE;

on_every_database!(
    one_is_made_shown_once_listed_and_revoked,
    one_may_do_no_more_than_the_login_that_makes_it,
    one_expires_when_it_was_told_to,
    its_last_use_is_told_to_the_minute,
    one_of_somebody_else_is_not_found,
    one_that_another_process_revoked_is_refused_within_two_seconds,
    values_that_break_a_rule_are_refused,
    they_are_paged,
);

async fn one_is_made_shown_once_listed_and_revoked(app: &TestApp) {
    for (client, scope) in
        [(app.user().await, ""), (app.admin().await, "admin"), (app.account().await, "account")]
    {
        let answer = client.post("/api-token/", &json!({"name": "nightly import"})).await;
        let made = answer.expect(200);
        let (id, token) = (text(&made["api_token_id"]), text(&made["token"]));
        assert_eq!(
            (answer.header("location"), answer.header("cache-control")),
            (format!("/api-token/{id}").as_str(), "no-store")
        );
        assert!(token.len() == 52 && token.starts_with("tgp_"), "{token}");
        let expected = json!({
            "api_token_id": id, "name": "nightly import", "scope": scope, "created": made["created"],
            "expires": null, "last_used": null, "token": token,
        });
        assert_eq!(made, expected);
        let mut listed = expected;
        listed.as_object_mut().unwrap().remove("token");
        let list = client.get("/api-token/").await;
        assert_eq!(list.expect(200), json!([listed]));
        assert!(!String::from_utf8(list.body).unwrap().contains(&token[4..]));
        let script = async || app.get_as(&token, "/tag/").await;
        script().await.expect(200);
        client.delete(&format!("/api-token/{}", id.to_uppercase())).await.expect_ok();
        script().await.expect_problem(401, "Could not validate credentials");
        let problem = client.delete(&format!("/api-token/{id}")).await;
        let problem = problem.expect_problem(404, &format!("API token with api_token_id '{id}' not found"));
        assert_eq!(problem["code"], "api_token_not_found");
        assert_eq!(client.get("/api-token/").await.expect(200), json!([]));
        client.is_accepted().await;
    }
}

async fn one_may_do_no_more_than_the_login_that_makes_it(app: &TestApp) {
    let (bob, admin, account) = (app.user().await, app.admin().await, app.account().await);
    for (client, own, granted, too_wide) in [
        (&bob, "", &["", "read"][..], &["admin", "admin read", "account"][..]),
        (&admin, "admin", &["admin", "admin read", "read admin", "read", ""], &["account", "account read"]),
        (&account, "account", &["account", "account read"], &["", "read", "admin"]),
    ] {
        for scope in granted {
            let made = client.post("/api-token/", &json!({"name": "a", "scope": scope})).await.expect(200);
            let canonical = if *scope == "read admin" { "admin read" } else { scope };
            assert_eq!(made["scope"], canonical);
        }
        for scope in too_wide {
            let answer = client.post("/api-token/", &json!({"name": "a", "scope": scope})).await;
            let detail = format!("scope must be no more than that of the login, which is \"{own}\"");
            let problem = answer.expect_problem(422, &detail);
            assert_eq!(
                (&problem["code"], &problem["errors"][0]["loc"]),
                (&json!("scope_too_wide"), &json!(["body", "scope"]))
            );
        }
        assert_eq!(client.get("/api-token/").await.list().len(), granted.len());
    }
    let script = admin.api_token("admin").await;
    script.get("/user/").await.expect(200);
    let made =
        script.post("/account/", &json!({"email": "a@example.org", "password": "a good password"})).await;
    script.delete(&format!("/account/{}", text(&made.expect(200)["account_id"]))).await.expect_ok();
    let plain = admin.api_token("").await;
    plain.get("/user/").await.expect_problem(401, "Not enough permissions");
}

async fn one_expires_when_it_was_told_to(app: &TestApp) {
    let bob = app.user().await;
    let made = bob.post("/api-token/", &json!({"name": "a", "expires_in_days": 90})).await.expect(200);
    let time = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap();
    assert_eq!(time(&made["expires"]) - time(&made["created"]), chrono::TimeDelta::days(90));
    let forever = bob.api_token("").await;
    let token = text(&made["token"]);
    app.clock.advance(Duration::from_hours(24 * 90) - Duration::from_mins(1));
    app.get_as(&token, "/tag/").await.expect(200);
    app.clock.advance(Duration::from_mins(1));
    app.get_as(&token, "/tag/").await.expect_problem(401, "Could not validate credentials");
    forever.is_accepted().await;
    // It is still in the list, so that its holder can see why it ended.
    assert_eq!(bob.again("").await.get("/api-token/").await.list().len(), 2);
}

async fn its_last_use_is_told_to_the_minute(app: &TestApp) {
    let bob = app.user().await;
    let script = bob.api_token("").await;
    app.clock.stop();
    // It is written after the answer.
    let last_used = async |differs_from: &Value| {
        let changed = async {
            loop {
                let shown = bob.get("/api-token/").await.list()[0]["last_used"].clone();
                if shown != *differs_from {
                    return shown;
                }
            }
        };
        tokio::time::timeout(PATIENCE, changed).await.expect("the use is written down")
    };
    script.is_accepted().await;
    let first = last_used(&Value::Null).await;
    app.clock.advance(Duration::from_secs(59));
    script.is_accepted().await;
    app.clock.advance(Duration::from_secs(2));
    script.is_accepted().await;
    let second = last_used(&first).await;
    let time = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap();
    assert_eq!(time(&second) - time(&first), chrono::TimeDelta::seconds(61));
}

async fn one_of_somebody_else_is_not_found(app: &TestApp) {
    let (bob, admin, account) = (app.user().await, app.admin().await, app.account().await);
    let script = bob.api_token("").await;
    for other in [&admin, &account] {
        let detail = format!("API token with api_token_id '{}' not found", script.id);
        other.delete(&format!("/api-token/{}", script.id)).await.expect_problem(404, &detail);
        other
            .delete("/api-token/Blah")
            .await
            .expect_problem(404, "API token with api_token_id 'Blah' not found");
        assert_eq!(other.get("/api-token/").await.expect(200), json!([]));
    }
    script.is_accepted().await;
}

async fn one_that_another_process_revoked_is_refused_within_two_seconds(app: &TestApp) {
    let elsewhere = app.another_service(&[]);
    let bob = app.user().await;
    let script = bob.api_token("").await;
    script.is_accepted().await;
    script.at(&elsewhere).is_accepted().await;
    app.clock.stop();
    bob.at(&elsewhere).delete(&format!("/api-token/{}", script.id)).await.expect_ok();
    script.at(&elsewhere).is_refused().await;
    app.clock.advance(Duration::from_secs(2));
    script.is_refused().await;
}

async fn values_that_break_a_rule_are_refused(app: &TestApp) {
    let bob = app.user().await;
    let name = "name must be 1 to 255 characters long, none of them a control character";
    let scope = "scope must be admin or account or neither of them, and may hold read";
    let days = "expires_in_days must be a number from 1 to 3650";
    for (body, detail) in [
        (json!({"name": ""}), name.to_owned()),
        (json!({"name": "a\nb"}), name.to_owned()),
        (json!({"name": "x".repeat(256)}), name.to_owned()),
        (json!({"name": "a", "scope": "admin account"}), scope.to_owned()),
        (json!({"name": "a", "scope": "unknown"}), scope.to_owned()),
        (json!({"name": "a", "expires_in_days": 0}), days.to_owned()),
        (json!({"name": "a", "expires_in_days": 3651}), days.to_owned()),
        (json!({"name": "", "scope": "x", "expires_in_days": 0}), format!("{name}; {scope}; {days}")),
        (json!({"scope": ""}), "name: field required".to_owned()),
        (json!({"name": "a", "token": "tgp_x"}), "token: unknown member".to_owned()),
    ] {
        bob.post("/api-token/", &body).await.expect_problem(422, &detail);
    }
    for days in [json!(-1), json!(1.5), json!("1")] {
        bob.post("/api-token/", &json!({"name": "a", "expires_in_days": days})).await.expect(422);
    }
    for days in [1, 3650] {
        bob.post("/api-token/", &json!({"name": "a", "expires_in_days": days})).await.expect(200);
    }
}

async fn they_are_paged(app: &TestApp) {
    let bob: Client<'_> = app.user().await;
    for _ in 0..3 {
        bob.api_token("").await;
    }
    let whole = bob.get("/api-token/").await.list();
    let (mut walked, mut next) = (Vec::new(), Some("/api-token/?limit=2".to_owned()));
    while let Some(path) = next {
        let page = bob.get(&path).await;
        walked.extend(page.list());
        next = page.next();
    }
    assert_eq!((walked.len(), &walked), (3, &whole));
}
