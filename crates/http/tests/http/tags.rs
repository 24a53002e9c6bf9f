//! Tags, to the contract.

use serde_json::json;

use crate::app::{SHARED, TestApp, text};
use crate::on_every_database;

on_every_database!(
    a_tag_is_stored_and_found,
    a_name_that_is_taken_is_a_conflict_told_as_sent,
    names_that_look_alike_are_different_tags,
    deleting_a_tag_keeps_its_links,
);

async fn a_tag_is_stored_and_found(app: &TestApp) {
    let answer = app.post("/tag", &json!({"tag": "  Cafe\u{301} "})).await;
    let tag = answer.expect(200);
    let id = text(&tag["tag_id"]);
    let created_at = text(&tag["created_at"]);
    let expected = json!({
        "tag_id": id,
        "tag": "Café",
        "account_id": SHARED,
        "created_at": created_at,
        "updated_at": created_at,
    });
    assert_eq!(tag, expected);
    assert_eq!(answer.header("location"), format!("/tag/{id}"));
    assert_eq!(app.get(&format!("/tag/{id}")).await.expect(200), tag);
    for query in ["", "?tag=Caf%C3%A9", "?tag=CAFE%CC%81", "?tag=+caf%c3%a9+", "?unknown=1"] {
        assert_eq!(app.get(&format!("/tag/{query}")).await.expect(200), json!([tag]), "{query}");
    }
    let too_long = format!("?tag={}", "a".repeat(256));
    for query in ["?tag=cafe", "?tag=", "?tag=%20", &too_long] {
        assert_eq!(app.get(&format!("/tag/{query}")).await.expect(200), json!([]), "{query}");
    }
}

async fn a_name_that_is_taken_is_a_conflict_told_as_sent(app: &TestApp) {
    app.post("/tag/", &json!({"tag": "Rust"})).await.expect(200);
    for name in ["Rust", "rust", " RUST "] {
        let problem = app.post("/tag/", &json!({"tag": name})).await;
        let problem = problem.expect_problem(409, &format!("Tag with name {name} exists"));
        assert_eq!(problem["code"], "tag_exists");
    }
    assert_eq!(app.get("/tag/").await.expect(200).as_array().unwrap().len(), 1);
}

async fn names_that_look_alike_are_different_tags(app: &TestApp) {
    let names = ["🍣", "🍺", "cafe", "café", "ß", "ss", "ﬁ", "fi", "a b", "a  b"];
    for name in names {
        app.post("/tag/", &json!({"tag": name})).await.expect(200);
    }
    let stored = app.get("/tag/").await.expect(200);
    let stored: Vec<_> = stored.as_array().unwrap().iter().map(|tag| text(&tag["tag"])).collect();
    assert_eq!(stored, names, "in the order in which they were stored");
}

async fn deleting_a_tag_keeps_its_links(app: &TestApp) {
    let (link, id) = app.link("https://example.com", "a").await;
    assert_eq!(app.delete(&format!("/tag/{id}")).await.expect(200), json!("OK"));
    let detail = format!("Tag with tag_id {id} not found");
    app.delete(&format!("/tag/{id}")).await.expect_problem(404, &detail);
    app.get(&format!("/tag/{id}")).await.expect_problem(404, &detail);
    app.get(&format!("/link/{link}")).await.expect(200);
    assert_eq!(app.get("/taglink/").await.expect(200), json!([]));
    app.delete("/tag/blah").await.expect_problem(404, "Tag with tag_id blah not found");
}
