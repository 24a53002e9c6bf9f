//! Input that means harm: the same statuses and bodies on all three databases.

use reqwest::Method;
use serde_json::{Value, json};
use taglink_repository::Backend;

use crate::app::{Answer, TestApp};

/// What is sent: a JSON body, bytes that call themselves JSON, a path to get, or bytes on the wire.
enum Attack {
    Json(&'static str, Value),
    Bytes(&'static str, Vec<u8>),
    Get(String),
    Delete(String),
}

/// Every attack with the status that it must get.
fn attacks() -> Vec<(u16, Attack)> {
    use Attack::{Bytes, Delete, Get, Json};
    let link = |url: &str| Json("/link/", json!({"link": url, "tag": "a"}));
    let tag = |name: &str| Json("/tag/", json!({"tag": name}));
    let url_of = |length: usize| format!("https://example.com/{}", "é".repeat((length - 20) / 2));
    let deep = |depth: usize| format!(r#"{{"tag":{}{}}}"#, "[".repeat(depth), "]".repeat(depth)).into_bytes();
    vec![
        // Texts
        (200, tag("🍣🍺👩‍👩‍👧‍👦")),
        (200, tag(&"x".repeat(255))),
        (200, tag(&"🍣".repeat(255))),
        (422, tag(&"x".repeat(256))),
        (422, tag(&"İ".repeat(200))),
        (422, tag("")),
        (422, tag(" \u{3000} ")),
        (422, tag("a\0b")),
        (422, tag("a\u{1b}[31m")),
        (422, tag("line\nfeed")),
        (200, tag("'; DROP TABLE tag; --")),
        (200, tag("\\ \" % _ ` $1 ? :x {{7*7}} <script>")),
        (200, tag("\u{202e}right to left")),
        (200, tag("\u{feff}mark")),
        // Links
        (200, link("https://example.com/🍣")),
        (200, link(&url_of(8192))),
        (422, link(&url_of(8194))),
        (422, link("javascript:alert(1)")),
        (422, link("java\nscript:alert(1)")),
        (422, link("data:text/html,<script>")),
        (422, link("file:///etc/passwd")),
        (422, link("ftp://example.com")),
        (422, link("//example.com")),
        (422, link("https://")),
        (422, link("https:///")),
        (422, link("https://exa\0mple.com")),
        (422, link("https://example.com/\r\nset-cookie: a=b")),
        (422, link(" https://example.com")),
        (422, link("https://user:pass@:80")),
        (422, link("https://[::1")),
        (422, link("https://example.com:99999")),
        // Ids
        (404, Json("/link/", json!({"link": "https://a.example", "tag_id": "' OR 1=1 --"}))),
        (404, Json("/link/", json!({"link": "https://a.example", "tag_id": "x".repeat(5000)}))),
        (422, Json("/link/", json!({"link": "https://a.example", "tag_id": "a\0b"}))),
        (422, Json("/taglink/", json!({"tag_id": "a\0b", "link_id": "b"}))),
        (422, Json("/taglink/", json!({"tag_id": "🍣", "link_id": "🍺"}))),
        (404, Get("/tag/%F0%9F%8D%A3".into())),
        (404, Get("/tag/%27%20OR%201=1%20--".into())),
        (404, Get(format!("/link/{}", "x".repeat(8000)))),
        (422, Get("/tag/%00".into())),
        (422, Get("/tag/a%0d%0ab".into())),
        (422, Get("/tag/%ff%fe".into())),
        (422, Delete("/link/%c0%80".into())),
        (422, Get("/link/?tag=%00".into())),
        (422, Get("/link/?%ff=1".into())),
        (422, Get("/taglink/?tag_id=%80".into())),
        (422, Get("/link/?tag=a&tag=b".into())),
        (422, Delete("/taglink/?tag_id=a&tag_id=b".into())),
        (200, Get("/link/?tag=%F0%9F%8D%A3&unknown=1&unknown=2".into())),
        (200, Get("/link/?tag=%2525".into())),
        (422, Get("/link/?limit=99999999999999999999".into())),
        (422, Get("/link/?limit=0x10".into())),
        // JSON
        (422, Json("/tag/", json!({}))),
        (422, Json("/tag/", json!({"tag": null}))),
        (422, Json("/tag/", json!({"tag": 1}))),
        (422, Json("/tag/", json!({"tag": true}))),
        (422, Json("/tag/", json!({"tag": ["a"]}))),
        (422, Json("/tag/", json!({"tag": {"tag": "a"}}))),
        (422, Json("/tag/", json!({"tag": "b", "Tag": "a"}))),
        (422, Json("/tag/", json!({"tag": "b", "__proto__": {}}))),
        (422, Json("/tag/", json!({"tag": "b", "account_id": "c"}))),
        (422, Json("/tag/", json!(["b"]))),
        (422, Json("/tag/", json!("b"))),
        (422, Bytes("/tag/", b"".to_vec())),
        (422, Bytes("/tag/", b"{".to_vec())),
        (422, Bytes("/tag/", b"{\"tag\":\"b\"}{}".to_vec())),
        (422, Bytes("/tag/", b"{\"tag\":\"b\",}".to_vec())),
        (422, Bytes("/tag/", b"{'tag':'b'}".to_vec())),
        (422, Bytes("/tag/", b"{\"tag\":\"b\",\"tag\":\"c\"}".to_vec())),
        (422, Bytes("/tag/", b"{\"tag\":\"b\",\"\\u0074ag\":\"c\"}".to_vec())),
        (422, Bytes("/tag/", b"{\"tag\":\"\xff\"}".to_vec())),
        (422, Bytes("/tag/", b"{\"tag\":\"\xed\xa0\x80\"}".to_vec())),
        (422, Bytes("/tag/", b"{\"tag\":\"\\ud800\"}".to_vec())),
        (422, Bytes("/tag/", b"{\"tag\":\"\\u0000\"}".to_vec())),
        (422, Bytes("/tag/", b"\xef\xbb\xbf{\"tag\":\"b\"}".to_vec())),
        (422, Bytes("/tag/", b"\xff\xfe{\0}\0".to_vec())),
        (422, Bytes("/tag/", b"{\"tag\":1e999}".to_vec())),
        (422, Bytes("/tag/", format!("{{\"tag\":{}}}", "9".repeat(400)).into_bytes())),
        (422, Bytes("/tag/", b"{\"tag\":NaN}".to_vec())),
        (422, Bytes("/tag/", deep(100))),
        (422, Bytes("/tag/", deep(30_000))),
        (422, Bytes("/tag/", vec![b'['; 60_000])),
        (413, Bytes("/tag/", deep(40_000))),
    ]
}

/// Sends everything, and returns what came back apart from what differs by nature.
async fn answers(backend: Backend) -> Vec<(u16, String)> {
    let app = TestApp::new(backend);
    let mut answers = Vec::new();
    for (number, (status, attack)) in attacks().into_iter().enumerate() {
        let answer = match &attack {
            Attack::Json(path, body) => app.post(path, body).await,
            Attack::Bytes(path, body) => app.post_bytes(path, body.clone()).await,
            Attack::Get(path) => app.get(path).await,
            Attack::Delete(path) => app.delete(path).await,
        };
        assert_eq!(answer.status, status, "attack {number}: {}", String::from_utf8_lossy(&answer.body));
        if status != 200 {
            let problem = answer.json();
            answer.expect_problem(status, problem["detail"].as_str().unwrap());
            assert_ne!(problem["code"], "bad_request", "attack {number} is told precisely");
        }
        answers.push((answer.status, comparable(&answer)));
    }
    app.request(Method::GET, "/health/ready").send().await.expect(200);
    answers
}

fn comparable(answer: &Answer) -> String {
    let mut body = answer.json();
    if let Some(object) = body.as_object_mut() {
        for member in ["request_id", "tag_id", "link_id", "created_at", "updated_at"] {
            object.remove(member);
        }
    }
    body.to_string()
}

#[tokio::test]
async fn attacks_get_the_same_answers_on_every_database() {
    let sqlite = answers(Backend::Sqlite).await;
    for backend in [Backend::Postgres, Backend::Mariadb] {
        for (number, (one, other)) in sqlite.iter().zip(answers(backend).await).enumerate() {
            assert_eq!(*one, other, "attack {number} on {backend:?}");
        }
    }
}
