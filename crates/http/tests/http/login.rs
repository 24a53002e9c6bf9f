//! Logging in, to the contract.

use reqwest::Method;
use serde_json::json;
use taglink_domain::model::Clock;

use crate::app::{PASSWORD, TestApp, USERNAME, text};

async fn post(app: &TestApp, body: &str) -> crate::app::Answer {
    post_with(app, body, &[]).await
}

async fn post_with(app: &TestApp, body: &str, headers: &[(&str, &str)]) -> crate::app::Answer {
    let mut request = app.request(Method::POST, "/token/");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned()).send().await
}

/// The right credentials, encoded.
fn credentials() -> String {
    let password = PASSWORD.replace('&', "%26").replace('=', "%3D").replace(' ', "+");
    format!("username={USERNAME}&password={password}")
}

#[tokio::test]
async fn a_login_gives_a_token_that_works() {
    let app = TestApp::sqlite();
    let answer = post(&app, &credentials()).await;
    let token = answer.expect(200);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("bearer"), &json!(1800)));
    let expires = text(&token["expires"]);
    let parsed = chrono::NaiveDateTime::parse_from_str(&expires, "%Y-%m-%dT%H:%M:%S%.6f").unwrap();
    assert_eq!(expires.len(), "2026-01-31T12:30:00.000000".len());
    let lifetime = parsed.and_utc().timestamp() - app.clock.now().seconds();
    assert!((1790..=1800).contains(&lifetime), "{lifetime}");
    let list = app.request(Method::GET, "/link/").bearer(&text(&token["access_token"])).send().await;
    assert_eq!(list.expect(200), json!([]));
}

#[tokio::test]
async fn clients_send_the_form_in_many_ways() {
    let app = TestApp::sqlite();
    for more in [
        "grant_type=password",
        "grant_type=&scope=&client_id=&client_secret=",
        "grant_type=password&client_id=swagger&client_secret=&unknown=1",
        "client_id=c&scope=+",
    ] {
        post(&app, &format!("{}&{more}", credentials())).await.expect(200);
    }
    for basic in ["Basic Og==", "Basic Yzo=", "Basic not base64"] {
        let headers = [("authorization", basic), ("x-requested-with", "XMLHttpRequest")];
        post_with(&app, &credentials(), &headers).await.expect(200);
    }
    let without_slash =
        app.request(Method::POST, "/token").form(&[("username", USERNAME), ("password", PASSWORD)]);
    without_slash.send().await.expect(200);
    let name = app.login(" ApiUser ", PASSWORD).await;
    name.expect(200);
}

#[tokio::test]
async fn a_wrong_user_and_a_wrong_password_get_the_same_bytes() {
    let app = TestApp::sqlite();
    let mut bodies = Vec::new();
    for (username, password) in
        [(USERNAME, "wrong"), ("nobody", "wrong"), ("nobody", PASSWORD), ("", ""), (USERNAME, "")]
    {
        let answer = app.login(username, password).await;
        let mut problem = answer.expect_problem(401, "Incorrect username or password");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(problem["error"], "invalid_grant");
        assert_eq!(problem["error_description"], "Incorrect username or password");
        problem.as_object_mut().unwrap().remove("request_id");
        bodies.push(problem);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn every_failure_with_a_scope_has_the_text_of_scopes() {
    let app = TestApp::sqlite();
    let detail = "Incorrect username or password or invalid scopes";
    for scope in ["unknown", "admin account", "read read"] {
        let answer = post(&app, &format!("{}&scope={scope}", credentials())).await;
        assert_eq!(answer.expect_problem(401, detail)["error"], "invalid_grant");
    }
    let wrong = post(&app, &format!("username={USERNAME}&password=wrong&scope=unknown")).await;
    wrong.expect_problem(401, detail);
}

#[tokio::test]
async fn forms_that_are_not_valid_are_refused() {
    let app = TestApp::sqlite();
    let cases = [
        (
            format!("{}&grant_type=client_credentials", credentials()),
            "unsupported_grant_type",
            "grant_type must be password, empty or refresh_token",
        ),
        ("username=a".into(), "invalid_request", "password: field required"),
        ("password=a".into(), "invalid_request", "username: field required"),
        (String::new(), "invalid_request", "username: field required"),
        (format!("{}&username=b", credentials()), "invalid_request", "username: given more than once"),
        (format!("{}&x=1&x=2", credentials()), "invalid_request", "x: given more than once"),
        ("username=%ff&password=a".into(), "invalid_request", "the form is not valid UTF-8"),
        ("username=a%00&password=a".into(), "invalid_request", "the form holds a NUL character"),
    ];
    for (body, error, detail) in cases {
        let problem = post(&app, &body).await.expect_problem(422, detail);
        assert_eq!(problem["error"], error, "{body}");
        assert_eq!(problem["error_description"], detail);
    }
    let json =
        app.request(Method::POST, "/token/").json(&json!({"username": USERNAME, "password": PASSWORD}));
    assert_eq!(json.send().await.expect(422)["error"], "invalid_request");
    let too_large = post(&app, &format!("username=a&password={}", "b".repeat(4096))).await;
    too_large.expect_problem(413, "The body must not be larger than 4096 bytes");
}

#[tokio::test]
async fn credentials_in_the_query_are_never_read() {
    let app = TestApp::sqlite();
    let answer = app.request(Method::POST, &format!("/token/?{}", credentials())).send().await;
    assert_eq!(answer.expect(422)["error"], "invalid_request");
    let answer = app
        .request(Method::POST, &format!("/token/?{}", credentials()))
        .form(&[("username", USERNAME), ("password", "wrong")])
        .send()
        .await;
    answer.expect(401);
}

#[tokio::test]
async fn a_bcrypt_user_of_the_tutorial_logs_in_and_is_upgraded() {
    let app = TestApp::sqlite();
    let hash = "$2b$04$CfGCM0NfQkcL7WAqP3vY.e6hYfyEZlEM7vjsv2rozRvJEKId.z1qW";
    app.add_user("old", hash);
    app.login("old", "wrong").await.expect(401);
    app.login("old", "tutorial password").await.expect(200);
    app.with_users(|uow| {
        let user = uow.user_by_name("old")?.unwrap();
        assert!(user.hashed_password.starts_with("$argon2id$"));
        assert_eq!(user.epoch, 0);
        Ok(())
    });
    app.login("old", "tutorial password").await.expect(200);
}
