//! What HTTP itself asks for: routes, methods, media types, sizes, times.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::app::{PASSWORD, TestApp, USERNAME};

#[tokio::test]
async fn unknown_paths_are_404_and_wrong_methods_405_with_allow() {
    let app = TestApp::sqlite();
    for path in
        ["/", "/nothing", "/link//", "//link", "/link/a/b", "/LINK/", "/docs/nothing", "/link/../tag/x/y"]
    {
        let answer = app.request(Method::GET, path).send().await;
        assert_eq!(answer.expect_problem(404, "Not Found")["code"], "not_found", "{path}");
    }
    let cases = [
        (Method::PUT, "/link/", "GET, HEAD, POST"),
        (Method::DELETE, "/link", "GET, HEAD, POST"),
        (Method::POST, "/link/blah", "GET, HEAD, PATCH, DELETE"),
        (Method::PUT, "/tag/", "GET, HEAD, POST, DELETE"),
        (Method::PATCH, "/taglink/", "GET, HEAD, POST, DELETE"),
        (Method::GET, "/token/", "POST"),
        (Method::POST, "/health/live", "GET, HEAD"),
        (Method::POST, "/docs", "GET, HEAD"),
        (Method::POST, "/openapi.json", "GET, HEAD"),
        (Method::from_bytes(b"BREW").unwrap(), "/account/", "GET, HEAD, POST"),
    ];
    for (method, path, allow) in cases {
        let answer = app.request(method.clone(), path).send().await;
        let problem = answer.expect_problem(405, "Method Not Allowed");
        assert_eq!(
            (answer.header("allow"), &problem["code"]),
            (allow, &json!("method_not_allowed")),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::sqlite();
    for path in ["/health/live", "/docs/", "/tag/"] {
        let get = app.request(Method::GET, path).bearer(app.token().await).send().await;
        let head = app.request(Method::HEAD, path).bearer(app.token().await).send().await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(head.header("content-length"), get.body.len().to_string(), "{path}");
    }
}

#[tokio::test]
async fn a_json_body_must_say_that_it_is_json() {
    let app = TestApp::sqlite();
    let post = async |content_type: Option<&str>, body: &str| {
        let mut request = app.request(Method::POST, "/tag/").bearer(app.token().await);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        request.body(body.to_owned()).send().await
    };
    for (number, good) in
        ["application/json", "Application/JSON; charset=utf-8", "application/json ;x=y"].iter().enumerate()
    {
        post(Some(good), &json!({"tag": format!("tag {number}")}).to_string()).await.expect(200);
    }
    for bad in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/jsonp"),
        Some("application/vnd.api+json"),
    ] {
        let answer = post(bad, r#"{"tag":"a"}"#).await;
        assert_eq!(
            answer.expect_problem(415, "The body must be application/json")["code"],
            "unsupported_media_type"
        );
    }
    let compressed = app.request(Method::POST, "/tag/").bearer(app.token().await);
    let compressed = compressed.header("content-type", "application/json").header("content-encoding", "gzip");
    compressed.body("x").send().await.expect_problem(415, "compressed bodies are not supported");
}

#[tokio::test]
async fn bodies_are_at_most_64_kib() {
    let app = TestApp::sqlite();
    let body = |length: usize| format!(r#"{{"tag":"a"{}}}"#, " ".repeat(length - 11)).into_bytes();
    app.post_bytes("/tag/", body(64 * 1024)).await.expect(200);
    let answer = app.post_bytes("/tag/", body(64 * 1024 + 1)).await;
    assert_eq!(
        answer.expect_problem(413, "The body must not be larger than 65536 bytes")["code"],
        "body_too_large"
    );
    let token = app.token().await;
    let chunk = "x".repeat(0x1000);
    let chunks = format!("1000\r\n{chunk}\r\n").repeat(17);
    let request = format!(
        "POST /tag/ HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n{chunks}0\r\n\r\n"
    );
    assert!(app.raw(request.as_bytes()).await.starts_with("HTTP/1.1 413 "));
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_a_408() {
    let app = TestApp::with_settings(
        taglink_repository::Backend::Sqlite,
        &[("TAGLINK__SERVER__BODY_TIMEOUT_MS", "200")],
    );
    let token = app.token().await;
    let head = format!(
        "POST /tag/ HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{{\"tag\":"
    );
    let answer = tokio::time::timeout(Duration::from_secs(20), app.raw(head.as_bytes())).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"body_timeout\""), "{answer}");
}

#[tokio::test]
async fn an_answer_before_the_body_ends_the_connection() {
    let app = TestApp::sqlite();
    for (path, status) in [("/tag/", 401), ("/nothing", 404), ("/health/live", 405)] {
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
        let answer = tokio::time::timeout(Duration::from_secs(20), app.raw(head.as_bytes())).await;
        let answer = answer.expect("the connection is closed");
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
}

#[tokio::test]
async fn a_head_that_does_not_arrive_ends_the_connection() {
    let settings = [("TAGLINK__SERVER__HEADER_TIMEOUT_MS", "200")];
    let app = TestApp::with_settings(taglink_repository::Backend::Sqlite, &settings);
    let answer =
        tokio::time::timeout(Duration::from_secs(20), app.raw(b"GET /tag/ HTTP/1.1\r\nhost:")).await.unwrap();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn requests_that_could_be_read_in_two_ways_are_refused() {
    let app = TestApp::sqlite();
    let heads = [
        "content-length: 5\r\ncontent-length: 6",
        "content-length: +5",
        "content-length: 5\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: xchunked",
    ];
    for head in heads {
        let request =
            format!("POST /token/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n\r\n0\r\n\r\n");
        let answer = app.raw(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{head}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{head}: {answer}");
    }
}

#[tokio::test]
async fn a_service_that_is_up_says_so_without_a_token() {
    let app = TestApp::sqlite();
    for path in ["/health/live", "/health/ready", "/health/ready/"] {
        let answer = app.request(Method::GET, path).send().await;
        assert_eq!(answer.expect(200), json!({"status": "ok"}));
    }
}

#[tokio::test]
async fn many_logins_at_once_are_answered_or_turned_away() {
    let app = TestApp::sqlite();
    let tasks: Vec<_> = (0..60)
        .map(|_| {
            let client = reqwest::Client::new();
            let url = format!("http://{}/token/", app.address);
            tokio::spawn(async move {
                let form = [("username", USERNAME), ("password", PASSWORD)];
                let answer = client.post(url).form(&form).send().await.unwrap();
                (answer.status().as_u16(), answer.headers().get("retry-after").is_some())
            })
        })
        .collect();
    let mut logged_in = 0;
    for task in tasks {
        match task.await.unwrap() {
            (200, false) => logged_in += 1,
            (503, true) => {}
            odd => panic!("{odd:?}"),
        }
    }
    assert!(logged_in >= 1);
}
