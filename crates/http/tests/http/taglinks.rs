//! Taglinks, to the contract.

use serde_json::json;

use crate::app::{SHARED, TestApp};
use crate::on_every_database;

on_every_database!(
    a_tag_is_put_on_a_link,
    checks_come_in_the_order_tag_link_pair,
    filters_agree_with_everything_given,
    deleting_needs_a_filter_and_is_ok_without_a_match,
);

async fn a_tag_is_put_on_a_link(app: &TestApp) {
    let (link, _) = app.link("https://example.com", "a").await;
    let tag = app.post("/tag/", &json!({"tag": "b"})).await.expect(200)["tag_id"].clone();
    let answer = app.post("/taglink/", &json!({"tag_id": tag, "link_id": link})).await;
    let pair = json!({"tag_id": tag, "link_id": link, "account_id": SHARED});
    assert_eq!(answer.expect(200), pair);
    let location = answer.header("location").to_owned();
    assert_eq!(app.get(&location).await.expect(200), json!([pair]));
}

async fn checks_come_in_the_order_tag_link_pair(app: &TestApp) {
    let (link, tag) = app.link("https://example.com", "a").await;
    let post =
        async |tag: &str, link: &str| app.post("/taglink/", &json!({"tag_id": tag, "link_id": link})).await;
    let problem = post("invalid", "invalid").await.expect_problem(422, "Tag with tag_id invalid not found");
    assert_eq!(problem["code"], "tag_not_found");
    let problem = post(&tag, "invalid").await.expect_problem(422, "Link with link_id invalid not found");
    assert_eq!(problem["code"], "link_not_found");
    let detail = format!("TagLink with tag_id {tag} and link_id {link} exists");
    let problem = post(&tag, &link).await.expect_problem(409, &detail);
    assert_eq!(problem["code"], "taglink_exists");
}

async fn filters_agree_with_everything_given(app: &TestApp) {
    let (one, a) = app.link("https://1.example", "a").await;
    let (two, b) = app.link("https://2.example", "b").await;
    app.link("https://2.example", "a").await;
    let pair = |tag: &str, link: &str| json!({"tag_id": tag, "link_id": link, "account_id": SHARED});
    let list = async |query: String| app.get(&format!("/taglink/{query}")).await.expect(200);
    assert_eq!(list(String::new()).await, json!([pair(&a, &one), pair(&a, &two), pair(&b, &two)]));
    assert_eq!(list(format!("?tag_id={a}")).await, json!([pair(&a, &one), pair(&a, &two)]));
    assert_eq!(list(format!("?link_id={two}")).await, json!([pair(&a, &two), pair(&b, &two)]));
    assert_eq!(list(format!("?tag_id={b}&link_id={two}")).await, json!([pair(&b, &two)]));
    assert_eq!(list(format!("?tag_id={b}&link_id={one}")).await, json!([]));
    assert_eq!(list("?tag_id=blah".into()).await, json!([]));
    assert_eq!(list(format!("?tag_id={a}&link_id=")).await, json!([]));
}

async fn deleting_needs_a_filter_and_is_ok_without_a_match(app: &TestApp) {
    let (one, a) = app.link("https://1.example", "a").await;
    let (two, b) = app.link("https://2.example", "a").await;
    assert_eq!(a, b);
    app.link("https://2.example", "b").await;
    let detail = "One or both of tag_id or link_id must be specified";
    for path in ["/taglink/", "/taglink", "/taglink/?other=1"] {
        app.delete(path).await.expect_problem(422, detail);
    }
    let count = async || app.get("/taglink/").await.expect(200).as_array().unwrap().len();
    for (query, left) in [
        (format!("tag_id=blah&link_id={one}"), 3),
        (format!("tag_id={a}&link_id={one}"), 2),
        (format!("tag_id={a}&link_id={one}"), 2),
        (format!("tag_id={a}"), 1),
        (format!("link_id={two}"), 0),
    ] {
        assert_eq!(app.delete(&format!("/taglink/?{query}")).await.expect(200), json!("OK"));
        assert_eq!(count().await, left, "{query}");
    }
    assert_eq!(app.get("/link/").await.expect(200).as_array().unwrap().len(), 2);
    assert_eq!(app.get("/tag/").await.expect(200).as_array().unwrap().len(), 2);
}
