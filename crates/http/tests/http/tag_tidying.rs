//! Merging tags, and removing those that no link carries.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use taglink_repository::Backend;

use crate::app::{Answer, TestApp, text};
use crate::on_every_database;
use crate::scoped::{account, login};

on_every_database!(
    merging_answers_the_tag_as_it_is_read_with_its_count,
    what_cannot_be_merged_changes_nothing,
    merging_stays_within_an_account,
    only_unused_tags_are_removed_together,
);

async fn merge(app: &TestApp, target: &str, sources: &[&str]) -> Answer {
    app.post(&format!("/tag/{target}/merge"), &json!({"source_ids": sources})).await
}

async fn tag(app: &TestApp, name: &str) -> String {
    text(&app.post("/tag/", &json!({"tag": name})).await.expect(200)["tag_id"])
}

/// The names of the tags of a link.
async fn tags_of(app: &TestApp, link: &str) -> Vec<String> {
    let link = app.get(&format!("/link/{link}?include=tags")).await.expect(200);
    link["tags"].as_array().unwrap().iter().map(|tag| text(&tag["tag"])).collect()
}

async fn merging_answers_the_tag_as_it_is_read_with_its_count(app: &TestApp) {
    let (one, target) = app.link("https://a.example", "target").await;
    let (two, first) = app.link("https://b.example", "first").await;
    let (both, _) = app.link("https://c.example", "first").await;
    app.link("https://c.example", "target").await;
    let (_, second) = app.link("https://c.example", "second").await;

    let path = format!("/tag/{target}?include=count");
    let before = app.get(&path).await.header("etag").to_owned();
    let (body, merge_path) = (json!({"source_ids": [first, second, first]}), format!("/tag/{target}/merge"));
    let send = async |etag: &str| {
        let request = app.request(Method::POST, &merge_path).bearer(app.token().await);
        let request = request.header("if-match", etag).header("idempotency-key", "one");
        request.json(&body).send().await
    };
    let changed = send("\"7\"").await;
    changed.expect_problem(412, "It has been changed since it was read: read it again");
    let merged = send(&before).await;
    let again = send(&before).await;
    assert_eq!((again.header("idempotency-replayed"), &again.body), ("true", &merged.body));
    let read = app.get(&path).await;
    assert_eq!((merged.status, merged.json()), (200, read.json()));
    assert_eq!(merged.header("etag"), read.header("etag"));
    assert_ne!(merged.header("etag"), before);
    assert_eq!(merged.json()["link_count"], 3);
    for link in [one, two, both] {
        assert_eq!(tags_of(app, &link).await, ["target"]);
    }
    for source in [first, second] {
        app.get(&format!("/tag/{source}")).await.expect(404);
    }
}

async fn what_cannot_be_merged_changes_nothing(app: &TestApp) {
    let (link, source) = app.link("https://a.example", "source").await;
    let target = tag(app, "target").await;
    for unknown in ["blah", "018f3b1e-7c1a-7def-8a1b-0123456789ab"] {
        let detail = format!("Tag with tag_id {unknown} not found");
        let refused = merge(app, &target, &[&source, unknown]).await.expect_problem(422, &detail);
        assert_eq!(
            (&refused["code"], &refused["errors"][0]["loc"]),
            (&json!("tag_not_found"), &json!(["body", "source_ids"]))
        );
        merge(app, unknown, &[&source]).await.expect_problem(404, &detail);
    }
    let itself = target.to_uppercase();
    let detail = "source_ids must not hold the tag that they are merged into";
    let refused = merge(app, &target, &[&source, &itself]).await.expect_problem(422, detail);
    assert_eq!(refused["code"], "target_among_sources");
    merge(app, &target, &[]).await.expect_problem(422, "source_ids must be 1 to 1000");
    merge(app, &target, &vec!["x"; 1001]).await.expect_problem(422, "source_ids must be 1 to 1000");
    assert_eq!(tags_of(app, &link).await, ["source"]);
}

async fn merging_stays_within_an_account(app: &TestApp) {
    let admin = login(app, "admin").await;
    let (own, id) = account(app, &admin, "one@example.org").await;
    let (_, other_id) = account(app, &admin, "two@example.org").await;
    let make = async |account_id: &str, name: &str| {
        let body = json!({"tag": name, "account_id": account_id});
        let made = app.request(Method::POST, "/tag/").bearer(&admin).json(&body).send().await.expect(200);
        text(&made["tag_id"])
    };
    let tags = [make(&id, "a").await, make(&id, "b").await, make(&other_id, "c").await];
    let send = async |token: &str, target: &str, source: &str| {
        let request = app.request(Method::POST, &format!("/tag/{target}/merge")).bearer(token);
        request.json(&json!({"source_ids": [source]})).send().await
    };
    let not_found = |id: &str| format!("Tag with tag_id {id} not found");
    for token in [&admin, &own] {
        send(token, &tags[0], &tags[2]).await.expect_problem(422, &not_found(&tags[2]));
    }
    send(&own, &tags[2], &tags[0]).await.expect_problem(404, &not_found(&tags[2]));
    send(&admin, &tags[0], &tags[1]).await.expect(200);
}

async fn only_unused_tags_are_removed_together(app: &TestApp) {
    app.link("https://a.example", "used").await;
    for name in ["a", "b"] {
        tag(app, name).await;
    }
    for query in ["", "?unused=false", "?unused=", "?unused=TRUE"] {
        app.delete(&format!("/tag/{query}")).await.expect_problem(422, "unused must be true");
    }
    let remove = async |token: &str, query: &str| {
        let request = app.request(Method::DELETE, &format!("/tag/?unused=true{query}")).bearer(token);
        let answer = request.send().await;
        assert_eq!(answer.expect(200), json!("OK"));
        answer.header("x-total-count").to_owned()
    };
    let admin = login(app, "admin").await;
    let (_, id) = account(app, &admin, "one@example.org").await;
    assert_eq!(remove(app.token().await, &format!("&account_id={id}")).await, "0", "nobody else's");
    assert_eq!(remove(&admin, &format!("&account_id={id}")).await, "0");
    assert_eq!(remove(app.token().await, "").await, "2");
    assert_eq!(remove(&admin, "").await, "0");
    let left = app.get("/tag/").await.expect(200);
    assert_eq!((left.as_array().unwrap().len(), &left[0]["tag"]), (1, &json!("used")));
    let read_only = login(app, "read").await;
    let refused = app.request(Method::DELETE, "/tag/?unused=true").bearer(&read_only).send().await;
    refused.expect_problem(401, "Not enough permissions");
}

macro_rules! against_merging {
    ($($name:ident: $backend:ident),+ $(,)?) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
            links_are_tagged_while_tags_are_merged_and_tidied(Backend::$backend).await;
        })+
    };
}
against_merging!(
    no_odd_answer_on_sqlite: Sqlite,
    no_odd_answer_on_postgres: Postgres,
    no_odd_answer_on_mariadb: Mariadb,
);

/// What the clients of the race ask for.
fn request(number: usize, target: &str, source: &str) -> (Method, String, Value) {
    let link = format!("https://{number}.example");
    match number % 4 {
        0 => (Method::POST, format!("/tag/{target}/merge"), json!({"source_ids": [source]})),
        1 => (Method::POST, "/link/".into(), json!({"link": link, "tag_id": source})),
        2 => (Method::POST, "/link/".into(), json!({"link": link, "tag": "source"})),
        _ => (Method::DELETE, "/tag/?unused=true".into(), Value::Null),
    }
}

async fn links_are_tagged_while_tags_are_merged_and_tidied(backend: Backend) {
    let app = Arc::new(TestApp::new(backend));
    let (_, target) = app.link("https://target.example", "target").await;
    let (_, source) = app.link("https://source.example", "source").await;
    app.token().await;
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let (app, sent) = (Arc::clone(&app), request(number, &target, &source));
            tokio::spawn(async move {
                let (method, path, body) = sent;
                let request = app.request(method, &path).bearer(app.token().await);
                let answer =
                    if body.is_null() { request.send().await } else { request.json(&body).send().await };
                (answer.status, answer.json())
            })
        })
        .collect();
    let mut stored = Vec::new();
    for task in tasks {
        let (status, body) = task.await.unwrap();
        assert!([200, 404, 422, 503].contains(&status), "{status} {body}");
        stored.extend(body["link_id"].as_str().map(str::to_owned));
    }
    for link in stored {
        assert_eq!(
            tags_of(&app, &link).await.len(),
            1,
            "the tag that it was given, or the one that took over"
        );
    }
}
