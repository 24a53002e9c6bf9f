//! Failed logins are counted, and too many are turned away. Addresses are played by a trusted proxy's header.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use taglink_repository::Backend;

use crate::app::{Answer, Client, PASSWORD, TestApp, USERNAME};

const TOO_MANY: &str = "Too many failed logins, please try again later";
const HERE: &str = "192.0.2.1";

/// A service behind a proxy on this machine, with limits per address, per name and address, and per name. Its clock
/// stands still, so that nothing is forgiven meanwhile.
fn service(backend: Backend, limits: [&str; 3]) -> TestApp {
    let app = TestApp::with_settings(
        backend,
        &[
            ("TAGLINK__SERVER__TRUSTED_PROXIES", "127.0.0.1"),
            ("TAGLINK__THROTTLE__FAILURES_PER_ADDRESS", limits[0]),
            ("TAGLINK__THROTTLE__FAILURES_PER_NAME_AND_ADDRESS", limits[1]),
            ("TAGLINK__THROTTLE__FAILURES_PER_NAME", limits[2]),
        ],
    );
    app.clock.stop();
    app
}

async fn login_at(app: &TestApp, door: &str, from: &str, name: &str, password: &str) -> Answer {
    let form = [("grant_type", "password"), ("username", name), ("password", password)];
    app.request(Method::POST, door).header("x-forwarded-for", from).form(&form).send().await
}

async fn login(app: &TestApp, from: &str, name: &str, password: &str) -> Answer {
    login_at(app, "/token/", from, name, password).await
}

/// The status of an attempt with a wrong password.
async fn fail(app: &TestApp, from: &str, name: &str) -> u16 {
    login(app, from, name, "wrong").await.status
}

#[tokio::test]
async fn too_many_failures_are_a_429_that_says_when_to_come_back() {
    let app = service(Backend::Sqlite, ["100", "3", "100"]);
    for name in [USERNAME, " ApiUser ", "APIUSER"] {
        assert_eq!(fail(&app, HERE, name).await, 401);
    }
    let answer = login(&app, HERE, USERNAME, PASSWORD).await;
    let problem = answer.expect_problem(429, TOO_MANY);
    assert_eq!(problem["code"], "too_many_failures");
    assert_eq!((answer.header("retry-after"), answer.header("cache-control")), ("21", "no-store"));
    let answer = login_at(&app, "/oauth/token", HERE, USERNAME, PASSWORD).await;
    answer.expect_oauth_error(429, "temporarily_unavailable", TOO_MANY);
    assert_eq!((answer.header("retry-after"), answer.header("cache-control")), ("21", "no-store"));
    // Others, and the same from elsewhere, are not concerned.
    assert_eq!(fail(&app, HERE, "another").await, 401);
    assert_eq!(login(&app, "192.0.2.2", USERNAME, PASSWORD).await.status, 200);
    app.clock.advance(Duration::from_secs(19));
    login(&app, HERE, USERNAME, PASSWORD).await.expect_problem(429, TOO_MANY);
    app.clock.advance(Duration::from_secs(1));
    login(&app, HERE, USERNAME, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn names_that_do_not_exist_are_counted_alike() {
    let app = service(Backend::Sqlite, ["100", "3", "100"]);
    for (name, scope) in [(USERNAME, ""), ("nobody", ""), ("alice@example.org", "account"), ("a\u{1}", "")] {
        let form = [("username", name), ("password", "wrong"), ("scope", scope)];
        let attempt =
            || app.request(Method::POST, "/token/").header("x-forwarded-for", HERE).form(&form).send();
        for _ in 0..3 {
            attempt().await.expect(401);
        }
        let answer = attempt().await;
        answer.expect_problem(429, TOO_MANY);
        assert_eq!(answer.header("retry-after"), "21", "{name}");
    }
}

#[tokio::test]
async fn an_address_is_turned_away_whatever_names_it_tries() {
    let app = service(Backend::Sqlite, ["4", "100", "100"]);
    for (addresses, elsewhere) in [
        ([HERE, HERE, HERE, HERE, HERE], "192.0.2.2"),
        (["2001:db8::1", "2001:db8::2", "2001:db8::3:4", "2001:db8::ffff", "2001:db8::5"], "2001:db8:0:1::1"),
    ] {
        for (number, address) in addresses[..4].iter().enumerate() {
            assert_eq!(fail(&app, address, &format!("name {number}")).await, 401);
        }
        let answer = login(&app, addresses[4], USERNAME, PASSWORD).await;
        answer.expect_problem(429, TOO_MANY);
        assert_eq!(answer.header("retry-after"), "16");
        login(&app, elsewhere, USERNAME, PASSWORD).await.expect(200);
    }
}

#[tokio::test]
async fn logins_that_succeed_are_not_counted() {
    let app = service(Backend::Sqlite, ["3", "2", "3"]);
    let mut client = Client::login(&app, USERNAME, "").await;
    for _ in 0..6 {
        login(&app, HERE, USERNAME, PASSWORD).await.expect(200);
        client = Client::with_tokens(&app, USERNAME, &client.refresh("/token/").await.expect(200));
    }
    assert_eq!((fail(&app, HERE, USERNAME).await, fail(&app, HERE, USERNAME).await), (401, 401));
    assert_eq!(fail(&app, HERE, USERNAME).await, 429);
}

#[tokio::test]
async fn a_header_is_believed_only_from_a_trusted_proxy() {
    let settings = [("TAGLINK__THROTTLE__FAILURES_PER_NAME_AND_ADDRESS", "2")];
    let app = TestApp::with_settings(Backend::Sqlite, &settings);
    app.clock.stop();
    for (number, expected) in [401, 401, 429, 429].into_iter().enumerate() {
        assert_eq!(fail(&app, &format!("192.0.2.{number}"), USERNAME).await, expected);
    }
    let app = service(Backend::Sqlite, ["100", "2", "100"]);
    for (number, expected) in [401, 401, 429].into_iter().enumerate() {
        // What the client wrote itself comes before what the proxy saw.
        assert_eq!(fail(&app, &format!("192.0.2.{number}, 203.0.113.9"), USERNAME).await, expected);
    }
    assert_eq!(fail(&app, "192.0.2.0", USERNAME).await, 401);
    for name in ["x-real-ip", "forwarded", "client-ip"] {
        let form = [("username", "another"), ("password", "wrong")];
        let request = app.request(Method::POST, "/token/").header(name, "for=192.0.2.77").form(&form);
        request.header("x-forwarded-for", "203.0.113.9").send().await;
    }
    assert_eq!(fail(&app, "203.0.113.9", "another").await, 429);
}

async fn a_stranger_cannot_lock_a_user_out(backend: Backend) {
    const STRANGERS: [&str; 3] = ["203.0.113.1", "203.0.113.2", "203.0.113.3"];
    let app = service(backend, ["100", "4", "4"]);
    let token = login(&app, HERE, USERNAME, PASSWORD).await.expect(200);
    let token = crate::app::text(&token["access_token"]);
    for stranger in [STRANGERS[0], STRANGERS[0], STRANGERS[1], STRANGERS[1]] {
        assert_eq!(fail(&app, stranger, USERNAME).await, 401);
    }
    for stranger in STRANGERS {
        assert_eq!(fail(&app, stranger, USERNAME).await, 429);
        assert_eq!(login(&app, stranger, USERNAME, PASSWORD).await.status, 429, "not even with the password");
        // Whoever is logged in reads on.
        app.get_as(&token, "/tag/").await.expect(200);
    }
    assert_eq!(fail(&app, HERE, USERNAME).await, 401);
    login(&app, HERE, USERNAME, PASSWORD).await.expect(200);
    // Also where another process has let the user in.
    let elsewhere = app.another_service(&[("TAGLINK__SERVER__TRUSTED_PROXIES", "127.0.0.1")]);
    let form = [("username", USERNAME), ("password", PASSWORD)];
    let there = elsewhere.request(Method::POST, "/token/").header("x-forwarded-for", STRANGERS[2]);
    there.form(&form).send().await.expect(200);
    login(&app, STRANGERS[2], USERNAME, PASSWORD).await.expect(200);
    // Thirty days later nobody remembers.
    app.clock.advance(Duration::from_hours(24 * 31));
    for stranger in [STRANGERS[0], STRANGERS[0], STRANGERS[1], STRANGERS[1]] {
        assert_eq!(fail(&app, stranger, USERNAME).await, 401);
    }
    assert_eq!(login(&app, HERE, USERNAME, PASSWORD).await.status, 429);
}

#[tokio::test]
async fn a_stranger_cannot_lock_a_user_out_sqlite() {
    a_stranger_cannot_lock_a_user_out(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_stranger_cannot_lock_a_user_out_postgres() {
    a_stranger_cannot_lock_a_user_out(Backend::Postgres).await;
}

#[tokio::test]
async fn a_stranger_cannot_lock_a_user_out_mariadb() {
    a_stranger_cannot_lock_a_user_out(Backend::Mariadb).await;
}

#[tokio::test]
async fn wrong_current_passwords_are_counted_too() {
    let app = service(Backend::Sqlite, ["100", "2", "100"]);
    let (bob, account, admin) = (app.user().await, app.account().await, app.admin().await);
    let body = json!({"password": "another password", "current_password": "wrong"});
    for (client, method, path) in [
        (&bob, Method::POST, "/user/me/password".to_owned()),
        (&account, Method::PATCH, format!("/account/{}", account.id)),
        (&admin, Method::PATCH, format!("/user/{}", admin.id)),
    ] {
        let attempt = async |current: &str| {
            let mut body = body.clone();
            body["current_password"] = json!(current);
            client.request(method.clone(), &path).json(&body).send().await
        };
        for _ in 0..2 {
            attempt("wrong").await.expect_problem(422, "current_password is not the password");
        }
        let answer = attempt(PASSWORD).await;
        assert_eq!(answer.expect_problem(429, TOO_MANY)["code"], "too_many_failures");
        assert_eq!(answer.header("retry-after"), "31", "{path}");
        client.is_accepted().await;
        app.clock.advance(Duration::from_secs(31));
        attempt(PASSWORD).await.expect(200);
    }
}
