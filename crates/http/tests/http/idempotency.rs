//! `Idempotency-Key`: a request that is sent again is done once.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use taglink_repository::Backend;

use crate::app::{Answer, PASSWORD, TestApp, USERNAME, text};
use crate::on_every_database;

on_every_database!(
    each_route_gives_its_first_answer_again,
    another_request_with_the_same_key_is_refused,
    a_failure_is_tried_again,
    a_key_that_is_none_is_refused,
    a_key_lasts_a_day,
);

async fn send(app: &TestApp, key: &str, method: Method, path: &str, body: &Value) -> Answer {
    let request = app.request(method, path).bearer(app.token().await);
    request.header("idempotency-key", key).json(body).send().await
}

async fn post(app: &TestApp, key: &str, path: &str, body: &Value) -> Answer {
    send(app, key, Method::POST, path, body).await
}

/// Sends it twice; both answers are the same, to the byte.
async fn twice(app: &TestApp, method: Method, path: &str, body: &Value) -> Value {
    let key = format!("\"{method}-{path}\"");
    let first = send(app, &key, method.clone(), path, body).await;
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = send(app, &key, method, path, body).await;
    assert_eq!(again.header("idempotency-replayed"), "true", "{path}");
    assert_eq!((first.status, &first.body), (again.status, &again.body), "{path}");
    for header in ["location", "etag", "content-type"] {
        assert_eq!(first.header(header), again.header(header), "{header} of {path}");
    }
    assert!(!first.header("location").is_empty() || !first.header("etag").is_empty() || path == "/batch");
    first.expect(200)
}

async fn each_route_gives_its_first_answer_again(app: &TestApp) {
    let link =
        twice(app, Method::POST, "/link/", &json!({"link": "https://example.com/🍣", "tag": "a"})).await;
    let tag = twice(app, Method::POST, "/tag", &json!({"tag": "Ünï 🍣"})).await;
    let (link_id, tag_id) = (text(&link["link_id"]), text(&tag["tag_id"]));
    twice(app, Method::POST, "/taglink/", &json!({"tag_id": tag_id, "link_id": link_id})).await;
    let link_path = format!("/link/{link_id}");
    let changed = twice(app, Method::PATCH, &link_path, &json!({"title": "1"})).await;
    assert_eq!(changed["title"], "1");
    twice(app, Method::PATCH, &format!("/tag/{tag_id}"), &json!({"tag": "b"})).await;
    let operations = json!({"operations": [{"op": "create_tag", "tag": "c"}]});
    let batch = twice(app, Method::POST, "/batch", &operations).await;
    assert_eq!(batch["committed"], true);
    assert_eq!(app.get(&link_path).await.header("etag"), "\"2\"", "it was changed once");
    app.delete(&link_path).await.expect(200);
    let again =
        send(app, &format!("\"PATCH-{link_path}\""), Method::PATCH, &link_path, &json!({"title": "1"})).await;
    assert_eq!(again.expect(200), changed, "also when it is gone by now");
    let slash = post(app, "\"POST-/tag\"", "/tag/", &json!({"tag": "Ünï 🍣"})).await;
    assert_eq!(slash.expect(200), tag, "both are the same route");
}

async fn another_request_with_the_same_key_is_refused(app: &TestApp) {
    let tag = post(app, "k", "/tag/", &json!({"tag": "a"})).await.expect(200);
    let tag_path = format!("/tag/{}", text(&tag["tag_id"]));
    let others = [
        (Method::POST, "/tag/", json!({"tag": "b"})),
        (Method::POST, "/link/", json!({"link": "https://example.com", "tag": "a"})),
        (Method::PATCH, tag_path.as_str(), json!({"tag": "a"})),
        (Method::POST, "/batch/", json!({"operations": []})),
    ];
    for (method, path, body) in others {
        let answer = send(app, "k", method, path, &body).await;
        let problem = answer.expect_problem(422, "The Idempotency-Key was used for another request");
        assert_eq!(problem["code"], "idempotency_key_reused");
        assert_eq!(problem["errors"][0]["loc"], json!(["header", "Idempotency-Key"]));
    }
    assert_eq!(app.get("/tag/").await.expect(200), json!([tag]));
    let login = app
        .request(Method::POST, "/token/")
        .form(&[("username", USERNAME), ("password", PASSWORD), ("scope", "admin")])
        .send()
        .await;
    let admin = text(&login.expect(200)["access_token"]);
    let request = app.request(Method::POST, "/tag/").bearer(&admin).header("idempotency-key", "k");
    let account_id = "00000000-0000-0000-0000-000000000000";
    let answer = request.json(&json!({"tag": "a", "account_id": account_id})).send().await;
    assert_eq!(answer.expect(422)["code"], "idempotency_key_reused", "the same subject has the same keys");
    let request = app.request(Method::PATCH, &tag_path).bearer(&admin).header("idempotency-key", "admin");
    request.json(&json!({"tag": "b"})).send().await.expect(200);
    let plain = send(app, "admin", Method::PATCH, &tag_path, &json!({"tag": "b"})).await;
    assert_eq!(
        plain.expect(422)["code"],
        "idempotency_key_reused",
        "what an admin was told is not for others"
    );
}

async fn a_failure_is_tried_again(app: &TestApp) {
    let tag = app.post("/tag/", &json!({"tag": "a"})).await.expect(200);
    for _ in 0..2 {
        post(app, "k", "/tag/", &json!({"tag": "A"})).await.expect_problem(409, "Tag with name A exists");
    }
    app.delete(&format!("/tag/{}", text(&tag["tag_id"]))).await.expect(200);
    let answer = post(app, "k", "/tag/", &json!({"tag": "A"})).await;
    answer.expect(200);
    assert_eq!(answer.header("idempotency-replayed"), "");
    for body in [json!({"tag": "b", "x": 1}), json!({"tag": ""})] {
        post(app, "l", "/tag/", &body).await.expect(422);
    }
    post(app, "l", "/tag/", &json!({"tag": "b"})).await.expect(200);
    let dry = json!({"dry_run": true, "operations": [{"op": "create_tag", "tag": "c"}]});
    for _ in 0..2 {
        let answer = post(app, "m", "/batch", &dry).await;
        assert_eq!(answer.expect(200)["committed"], false);
        assert_eq!(answer.header("idempotency-replayed"), "", "nothing was changed, so nothing is kept");
    }
}

async fn a_key_that_is_none_is_refused(app: &TestApp) {
    let too_long = "k".repeat(256);
    for key in ["", "a b", "ä", &too_long] {
        let answer = post(app, key, "/tag/", &json!({"tag": "a"})).await;
        let problem = answer.expect_problem(422, "Idempotency-Key must be 1 to 255 visible ASCII characters");
        assert_eq!(problem["code"], "validation_failed");
    }
    let request = app.request(Method::POST, "/tag/").bearer(app.token().await);
    let request = request.header("idempotency-key", "a").header("idempotency-key", "a");
    let answer = request.json(&json!({"tag": "a"})).send().await;
    answer.expect_problem(422, "Idempotency-Key: given more than once");
    post(app, &"k".repeat(255), "/tag/", &json!({"tag": "a"})).await.expect(200);
    let request = app.request(Method::POST, "/tag/").header("idempotency-key", "a b");
    request.json(&json!({})).send().await.expect_problem(401, "Not authenticated");
}

async fn a_key_lasts_a_day(app: &TestApp) {
    let body = json!({"tag": "a"});
    let tag = post(app, "k", "/tag/", &body).await.expect(200);
    app.delete(&format!("/tag/{}", text(&tag["tag_id"]))).await.expect(200);
    app.clock.advance(Duration::from_hours(24) - Duration::from_mins(10));
    let token = text(&app.login(USERNAME, PASSWORD).await.expect(200)["access_token"]);
    let again = async |token: &str| {
        let request = app.request(Method::POST, "/tag/").bearer(token).header("idempotency-key", "k");
        request.json(&body).send().await.expect(200)["tag_id"].clone()
    };
    assert_eq!(again(&token).await, tag["tag_id"]);
    app.clock.advance(Duration::from_mins(11));
    assert_ne!(again(&token).await, tag["tag_id"]);
}

const CLIENTS: usize = 30;

async fn many_at_once_get_one_answer(backend: Backend) {
    let app = Arc::new(TestApp::new(backend));
    app.token().await;
    for round in 0..3 {
        let start = Arc::new(tokio::sync::Barrier::new(CLIENTS));
        let tasks: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (app, start) = (Arc::clone(&app), Arc::clone(&start));
                tokio::spawn(async move {
                    start.wait().await;
                    post(&app, &format!("round-{round}"), "/tag/", &json!({"tag": format!("tag {round}")}))
                        .await
                })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        let first = answers[0].expect(200);
        assert!(answers.iter().all(|answer| answer.expect(200) == first));
        let replayed =
            answers.iter().filter(|answer| answer.header("idempotency-replayed") == "true").count();
        assert_eq!(replayed, CLIENTS - 1);
        assert_eq!(app.get("/tag/").await.expect(200).as_array().unwrap().len(), round + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_get_one_answer_on_sqlite() {
    many_at_once_get_one_answer(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_get_one_answer_on_postgres() {
    many_at_once_get_one_answer(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_get_one_answer_on_mariadb() {
    many_at_once_get_one_answer(Backend::Mariadb).await;
}
