//! Links, to the contract.

use serde_json::json;

use crate::app::{SHARED, TestApp, text};
use crate::on_every_database;

on_every_database!(
    a_link_is_stored_and_found,
    a_url_posted_again_is_the_same_link_with_one_more_tag,
    a_tag_is_given_by_name_or_by_id,
    filters_narrow_the_list_and_both_unite,
    deleting_a_link_keeps_its_tags,
);

async fn a_link_is_stored_and_found(app: &TestApp) {
    let answer = app.post("/link/", &json!({"link": "https://example.com/ü?q=🍣", "tag": "Rust"})).await;
    let link = answer.expect(200);
    let id = text(&link["link_id"]);
    let created_at = text(&link["created_at"]);
    let expected = json!({
        "link_id": id,
        "link": "https://example.com/ü?q=🍣",
        "title": null,
        "notes": null,
        "account_id": SHARED,
        "created_at": created_at,
        "updated_at": created_at,
    });
    assert_eq!(link, expected);
    assert_eq!(answer.header("location"), format!("/link/{id}"));
    for path in [format!("/link/{id}"), format!("/link/{id}/"), format!("/link/{}", id.to_uppercase())] {
        assert_eq!(app.get(&path).await.expect(200), link, "{path}");
    }
    for path in ["/link", "/link/", "/link?x=1"] {
        assert_eq!(app.get(path).await.expect(200), json!([link]), "{path}");
    }
}

async fn a_url_posted_again_is_the_same_link_with_one_more_tag(app: &TestApp) {
    let first = app.post("/link/", &json!({"link": "HTTP://Example.com:80", "tag": "a"})).await.expect(200);
    let again = app.post("/link/", &json!({"link": "http://example.com/", "tag": "b"})).await.expect(200);
    assert_eq!(again, first, "the text that was sent first stays");
    let same_tag = app.post("/link/", &json!({"link": "http://example.com", "tag": "B"})).await.expect(200);
    assert_eq!(same_tag, first);
    assert_eq!(app.get("/taglink/").await.expect(200).as_array().unwrap().len(), 2);
    for tag in ["a", "b", "A", "%20b%20"] {
        assert_eq!(app.get(&format!("/link/?tag={tag}")).await.expect(200), json!([first]), "{tag}");
    }
}

async fn a_tag_is_given_by_name_or_by_id(app: &TestApp) {
    let link = "https://example.com";
    app.post("/link/", &json!({"link": link}))
        .await
        .expect_problem(422, "One of tag_id or tag must be specified");
    app.post("/link/", &json!({"link": link, "tag": null, "tag_id": null}))
        .await
        .expect_problem(422, "One of tag_id or tag must be specified");
    app.post("/link/", &json!({"link": link, "tag": "a", "tag_id": "b"}))
        .await
        .expect_problem(422, "Only one of tag_id or tag must be specified");
    let missing = "018f3b1e-7c1a-7def-8a1b-0123456789ab";
    for id in ["invalid", "", missing, "{018f3b1e-7c1a-7def-8a1b-0123456789ab}"] {
        let detail = format!("Tag with tag_id {id} not found");
        let problem =
            app.post("/link/", &json!({"link": link, "tag_id": id})).await.expect_problem(404, &detail);
        assert_eq!(problem["code"], "tag_not_found");
    }
    assert_eq!(app.get("/link/").await.expect(200), json!([]), "nothing is left behind");
    let tag = app.post("/tag/", &json!({"tag": "a"})).await.expect(200);
    let stored = app.post("/link/", &json!({"link": link, "tag_id": tag["tag_id"]})).await.expect(200);
    assert_eq!(app.get("/link/?tag=a").await.expect(200), json!([stored]));
}

async fn filters_narrow_the_list_and_both_unite(app: &TestApp) {
    let (first, a) = app.link("https://1.example", "a").await;
    let (second, b) = app.link("https://2.example", "b").await;
    let (both, _) = app.link("https://3.example", "a").await;
    app.link("https://3.example", "b").await;
    app.link("https://4.example", "c").await;
    let ids = async |query: &str| -> Vec<String> {
        let links = app.get(&format!("/link/{query}")).await.expect(200);
        links.as_array().unwrap().iter().map(|link| text(&link["link_id"])).collect()
    };
    assert_eq!(ids(&format!("?tag_id={a}")).await, [first.clone(), both.clone()]);
    assert_eq!(ids("?tag=b").await, [second.clone(), both.clone()]);
    assert_eq!(ids(&format!("?tag_id={b}&tag=a")).await, [first.clone(), second, both.clone()]);
    assert_eq!(ids("?tag_id=blah&tag=a").await, [first, both]);
    for nothing in ["?tag=unknown", "?tag=", "?tag_id=", "?tag_id=blah", "?tag_id=blah&tag=unknown"] {
        assert_eq!(ids(nothing).await, Vec::<String>::new(), "{nothing}");
    }
}

async fn deleting_a_link_keeps_its_tags(app: &TestApp) {
    let (id, tag) = app.link("https://example.com", "a").await;
    assert_eq!(app.delete(&format!("/link/{id}")).await.expect(200), json!("OK"));
    let detail = format!("Link with link_id {id} not found");
    app.delete(&format!("/link/{id}/")).await.expect_problem(404, &detail);
    app.get(&format!("/link/{id}")).await.expect_problem(404, &detail);
    assert_eq!(app.get("/taglink/").await.expect(200), json!([]));
    app.get(&format!("/tag/{tag}")).await.expect(200);
    app.get("/link/blah").await.expect_problem(404, "Link with link_id blah not found");
    app.delete("/link/a%2Fb").await.expect_problem(404, "Link with link_id a/b not found");
}
