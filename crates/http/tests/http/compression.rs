//! `Content-Encoding`: compressed is what the client accepts and what holds no credential.

use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::Method;
use serde_json::json;
use taglink_repository::Backend;

use crate::app::{Answer, Client, PASSWORD, Request, TestApp, USERNAME};

fn decompressed(answer: &Answer) -> Vec<u8> {
    assert_eq!(answer.header("content-encoding"), "gzip");
    let mut content = Vec::new();
    GzDecoder::new(&*answer.body).read_to_end(&mut content).unwrap();
    content
}

fn varies(answer: &Answer) -> bool {
    let mut values = answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap());
    values.any(|value| value.eq_ignore_ascii_case("accept-encoding"))
}

async fn send(request: Request, accepted: &str) -> Answer {
    request.header("accept-encoding", accepted).send().await
}

/// The id of a link with notes of more than the least length.
async fn long_link(client: &Client<'_>) -> String {
    let body = json!({"link": "https://example.org/long", "tag": "a", "notes": "note ".repeat(500)});
    let link = client.post("/link/", &body).await.expect(200);
    crate::app::text(&link["link_id"])
}

#[tokio::test]
async fn a_long_answer_is_compressed_if_the_client_prefers_that() {
    let app = TestApp::sqlite();
    let user = app.user().await;
    let path = format!("/link/{}", long_link(&user).await);
    for path in [path.as_str(), "/link/", "/export?format=json", "/export?format=csv", "/export?format=html"]
    {
        let plain = user.get(path).await;
        assert_eq!((plain.status, plain.header("content-encoding")), (200, ""), "{path}");
        assert!(varies(&plain), "{path}");
        for accepted in ["gzip", "br, gzip;q=0.5", "gzip, deflate, br, zstd", "gzip;q=0.5, identity;q=0.1"] {
            let answer = send(user.request(Method::GET, path), accepted).await;
            assert!(decompressed(&answer) == plain.body && varies(&answer), "{path} {accepted}");
            assert!(answer.body.len() < plain.body.len() / 2, "{path}");
            assert_eq!(answer.header("content-type"), plain.header("content-type"), "{path}");
        }
        for accepted in ["", "identity", "gzip;q=0", "*;q=0", "br", "identity, gzip;q=0.5"] {
            let answer = send(user.request(Method::GET, path), accepted).await;
            assert!(answer.body == plain.body && varies(&answer), "{path} {accepted}");
            assert_eq!(answer.header("content-encoding"), "", "{path} {accepted}");
        }
    }
}

#[tokio::test]
async fn a_short_answer_is_left_alone() {
    let app = TestApp::sqlite();
    for path in ["/link/", "/tag/?tag=unknown", "/link/blah", "/health/ready"] {
        let answer = send(app.request(Method::GET, path).bearer(app.token().await), "gzip").await;
        assert_eq!((answer.header("content-encoding"), varies(&answer)), ("", false), "{path}");
    }
}

#[tokio::test]
async fn an_answer_with_a_credential_is_never_compressed() {
    // The issuer is part of each access token, and of the metadata.
    let issuer = format!("https://example.org/{}", "a".repeat(1000));
    let app = TestApp::with_settings(Backend::Sqlite, &[("TAGLINK__SERVER__PUBLIC_URL", &issuer)]);
    let metadata = app.request(Method::GET, "/.well-known/oauth-authorization-server");
    decompressed(&send(metadata, "gzip").await);

    let form = [("grant_type", "password"), ("username", USERNAME), ("password", PASSWORD)];
    for path in ["/token/", "/oauth/token"] {
        let answer = send(app.request(Method::POST, path).form(&form), "gzip").await;
        answer.expect(200);
        assert!(answer.body.len() > 1024, "long enough");
        assert_eq!((answer.header("content-encoding"), answer.header("cache-control")), ("", "no-store"));
    }
    let user = app.user().await;
    let new = user.request(Method::POST, "/api-token/").json(&json!({"name": "a".repeat(100)}));
    let answer = send(new, "gzip").await;
    answer.expect(200);
    assert_eq!((answer.header("content-encoding"), answer.header("cache-control")), ("", "no-store"));
}

#[tokio::test]
async fn conditional_requests_work_with_compressed_answers() {
    let app = TestApp::sqlite();
    let user = app.user().await;
    let path = format!("/link/{}", long_link(&user).await);
    let get =
        async |etag: &str| send(user.request(Method::GET, &path).header("if-none-match", etag), "gzip").await;
    let change = async |etag: &str| {
        let request = user.request(Method::PATCH, &path).json(&json!({"title": etag}));
        request.header("if-match", etag).send().await
    };
    assert_eq!(user.get(&path).await.header("etag"), "\"1\"");
    let answer = get("W/\"0\"").await;
    decompressed(&answer);
    assert_eq!(answer.header("etag"), "W/\"1\"", "a strong one names one encoding");
    for (known, etag) in [("W/\"1\"", "W/\"1\""), ("\"1\"", "\"1\""), ("\"1-gzip\"", "\"1\"")] {
        let answer = get(known).await;
        assert_eq!((answer.status, answer.header("etag"), answer.body.len()), (304, etag, 0), "{known}");
        assert!(varies(&answer), "{known}");
    }
    // Each is the version before the change, made weak here or by a proxy.
    for current in ["W/\"1\"", "\"2-gzip\"", "W/\"3-br\"", "\"4\""] {
        change(current).await.expect(200);
        let detail = "It has been changed since it was read: read it again";
        change(current).await.expect_problem(412, detail);
    }
}

#[tokio::test]
async fn head_has_the_headers_of_get() {
    let app = TestApp::sqlite();
    let user = app.user().await;
    let path = format!("/link/{}", long_link(&user).await);
    for path in [path.as_str(), "/link/", "/docs/", "/docs/swagger-ui.css", "/openapi.json"] {
        for accepted in ["gzip", "identity"] {
            let [get, head] =
                [Method::GET, Method::HEAD].map(|method| send(user.request(method, path), accepted));
            let (get, head) = (get.await, head.await);
            assert!(head.body.is_empty() && !get.body.is_empty(), "{path}");
            assert_eq!((get.status, get.header("etag")), (head.status, head.header("etag")), "{path}");
            for name in ["content-encoding", "content-type", "content-length", "cache-control", "vary"] {
                assert_eq!(get.header(name), head.header(name), "{path} {accepted} {name}");
            }
        }
    }
}
