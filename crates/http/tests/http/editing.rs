//! Editing links and tags: merge patch, tag sets, what is to be included, and conditional requests.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, TestApp, text};
use crate::on_every_database;

on_every_database!(
    a_patch_changes_what_it_names_and_nothing_else,
    a_tag_set_is_replaced_as_a_whole,
    lists_include_tags_and_counts_on_every_page,
);

async fn send(app: &TestApp, method: Method, path: &str, etag: Option<&str>, body: &Value) -> Answer {
    let request = app.request(method, path).bearer(app.token().await).json(body);
    match etag {
        Some(etag) => request.header("if-match", etag).send().await,
        None => request.send().await,
    }
}

async fn patch(app: &TestApp, path: &str, body: Value) -> Answer {
    send(app, Method::PATCH, path, None, &body).await
}

async fn a_patch_changes_what_it_names_and_nothing_else(app: &TestApp) {
    let body = json!({"link": "https://a.example", "tag": "t", "title": " Title ", "notes": "One\nTwo",
        "created_at": "2020-01-02T03:04:05+01:00"});
    let link = app.post("/link/", &body).await.expect(200);
    assert_eq!((&link["title"], &link["notes"]), (&json!("Title"), &json!("One\nTwo")));
    assert_eq!(link["created_at"], "2020-01-02T02:04:05.000000Z");
    assert_ne!(link["updated_at"], link["created_at"]);
    let path = format!("/link/{}", text(&link["link_id"]));

    let patched = patch(app, &path, json!({"title": null})).await;
    assert_eq!(patched.header("etag"), "\"2\"");
    let patched = patched.expect(200);
    assert_eq!((&patched["title"], &patched["notes"]), (&Value::Null, &json!("One\nTwo")));
    assert_eq!((&patched["link"], &patched["created_at"]), (&link["link"], &link["created_at"]));
    assert_eq!(app.get(&path).await.expect(200), patched);

    let moved = patch(app, &path, json!({"link": "HTTPS://B.example", "notes": "  "})).await.expect(200);
    assert_eq!((&moved["link"], &moved["notes"]), (&json!("HTTPS://B.example"), &Value::Null));
    let same = patch(app, &path, json!({})).await;
    assert_eq!((same.header("etag"), same.expect(200)), ("\"3\"", moved));

    app.link("https://c.example", "t").await;
    let taken = patch(app, &path, json!({"link": "https://C.example/"})).await;
    assert_eq!(taken.expect_problem(409, "Link with link https://C.example/ exists")["code"], "link_exists");
    let (_, tag_id) = app.link("https://d.example", "other").await;
    let taken = patch(app, &format!("/tag/{tag_id}"), json!({"tag": " T "})).await;
    assert_eq!(taken.expect_problem(409, "Tag with name  T  exists")["code"], "tag_exists");
    let renamed = patch(app, &format!("/tag/{tag_id}"), json!({"tag": "Another"})).await;
    assert_eq!((renamed.header("etag"), &renamed.expect(200)["tag"]), ("\"2\"", &json!("Another")));
    assert_eq!(app.get("/link/?tag=another").await.expect(200).as_array().unwrap().len(), 1);
}

async fn a_tag_set_is_replaced_as_a_whole(app: &TestApp) {
    let (link_id, first) = app.link("https://a.example", "first").await;
    let path = format!("/link/{link_id}/tags");
    let put = async |etag: Option<&str>, body: Value| send(app, Method::PUT, &path, etag, &body).await;
    let names = |link: &Value| -> Vec<String> {
        link["tags"].as_array().unwrap().iter().map(|tag| text(&tag["tag"])).collect()
    };
    let set = put(None, json!({"tags": ["b", "B ", "a"], "tag_ids": [first]})).await;
    let etag = set.header("etag").to_owned();
    assert_eq!(names(&set.expect(200)), ["first", "b", "a"]);
    let read = app.get(&format!("/link/{link_id}?include=tags")).await;
    assert_eq!((read.header("etag"), names(&read.expect(200))), (etag.as_str(), names(&set.json())));

    let set = put(Some(&etag), json!({"tags": ["a"]})).await;
    assert_eq!(names(&set.expect(200)), ["a"]);
    let late = put(Some(&etag), json!({"tags": []})).await;
    late.expect_problem(412, "It has been changed since it was read: read it again");
    put(Some("\"1\""), json!({"tags": []})).await.expect(412);
    assert_eq!(names(&app.get(&format!("/link/{link_id}?include=tags")).await.json()), ["a"]);

    let unknown = put(None, json!({"tags": ["new"], "tag_ids": ["blah"]})).await;
    assert_eq!(unknown.expect_problem(422, "Tag with tag_id blah not found")["code"], "tag_not_found");
    assert_eq!(app.get("/tag/?tag=new").await.expect(200), json!([]), "nothing is left behind");
    let neither = put(None, json!({})).await;
    neither.expect_problem(422, "One or both of tags or tag_ids must be specified");
    let wrong = put(None, json!({"tags": ["ok", ""]})).await.expect(422);
    assert_eq!(wrong["errors"][0]["loc"], json!(["body", "tags", "1"]));
    let many: Vec<String> = (0..1001).map(|number| format!("t{number}")).collect();
    put(None, json!({ "tags": many })).await.expect(422);
    assert_eq!(names(&put(None, json!({"tags": []})).await.expect(200)), [""; 0]);
    let missing = send(app, Method::PUT, "/link/blah/tags", None, &json!({"tags": []})).await;
    missing.expect_problem(404, "Link with link_id blah not found");
}

async fn lists_include_tags_and_counts_on_every_page(app: &TestApp) {
    for number in 0..3 {
        let (link_id, _) = app.link(&format!("https://example.com/{number}"), "all").await;
        if number == 1 {
            let path = format!("/link/{link_id}/tags");
            send(app, Method::PUT, &path, None, &json!({"tags": ["all", "one"]})).await.expect(200);
        }
    }
    let mut path = "/link/?include=tags&limit=2".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = app.get(&path).await;
        for link in page.expect(200).as_array().unwrap() {
            let tags = link["tags"].as_array().unwrap();
            seen.push(tags.iter().map(|tag| text(&tag["tag"])).collect::<Vec<_>>().join(","));
        }
        let Some((next, _)) = page.header("link").split_once(">; rel=\"next\"") else { break };
        path = next.trim_start_matches('<').to_owned();
        assert!(path.contains("include=tags"), "{path}");
    }
    assert_eq!(seen, ["all", "all,one", "all"]);
    let tagged = app.get("/link/?tag=one&include=tags").await.expect(200);
    assert_eq!(tagged[0]["tags"].as_array().unwrap().len(), 2);
    let plain = app.get("/link/").await.expect(200);
    assert!(plain[0].get("tags").is_none());

    app.post("/tag/", &json!({"tag": "none"})).await.expect(200);
    let counted = app.get("/tag/?include=count").await.expect(200);
    let counts: Vec<_> = counted.as_array().unwrap().iter().map(|tag| tag["link_count"].as_i64()).collect();
    assert_eq!(counts, [Some(3), Some(1), Some(0)]);
    let one = app.get(&format!("/tag/{}?include=count", text(&counted[1]["tag_id"]))).await;
    assert_eq!((one.header("etag"), &one.expect(200)["link_count"]), ("\"1.1\"", &json!(1)));
}

#[tokio::test]
async fn what_cannot_be_included_is_refused() {
    let app = TestApp::sqlite();
    let (link_id, tag_id) = app.link("https://a.example", "t").await;
    for path in ["/link/".to_owned(), format!("/link/{link_id}")] {
        let answer = app.get(&format!("{path}?include=count")).await;
        answer.expect_problem(422, "include must be tags");
    }
    for path in ["/tag/".to_owned(), format!("/tag/{tag_id}")] {
        app.get(&format!("{path}?include=tags")).await.expect_problem(422, "include must be count");
    }
}

#[tokio::test]
async fn a_client_that_has_the_object_is_told_so() {
    let app = TestApp::sqlite();
    let (link_id, tag_id) = app.link("https://a.example", "t").await;
    for path in
        [format!("/link/{link_id}"), format!("/link/{link_id}?include=tags"), format!("/tag/{tag_id}")]
    {
        let etag = app.get(&path).await.header("etag").to_owned();
        let get = async |etag: &str| {
            let request = app.request(Method::GET, &path).bearer(app.token().await);
            request.header("if-none-match", etag).send().await
        };
        for known in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".into()] {
            let answer = get(&known).await;
            assert_eq!((answer.status, answer.body.as_slice()), (304, &b""[..]), "{path} {known}");
            assert_eq!(answer.header("etag"), etag);
        }
        assert_eq!(get("\"x\"").await.status, 200);
    }
    let with_tags = app.get(&format!("/link/{link_id}?include=tags")).await.header("etag").to_owned();
    app.post("/tag/", &json!({"tag": "more"})).await.expect(200);
    let path = format!("/link/{link_id}/tags");
    send(&app, Method::PUT, &path, None, &json!({"tags": ["t", "more"]})).await.expect(200);
    let request = app.request(Method::GET, &format!("/link/{link_id}?include=tags"));
    let answer = request.bearer(app.token().await).header("if-none-match", &with_tags).send().await;
    assert_eq!(answer.status, 200, "another set of tags is another representation");
}

#[tokio::test]
async fn a_change_of_what_was_changed_meanwhile_is_refused() {
    let app = TestApp::sqlite();
    let (link_id, tag_id) = app.link("https://a.example", "t").await;
    for (path, body) in
        [(format!("/link/{link_id}"), json!({"title": "x"})), (format!("/tag/{tag_id}"), json!({"tag": "x"}))]
    {
        let etag = app.get(&path).await.header("etag").to_owned();
        let first = send(&app, Method::PATCH, &path, Some(&etag), &body).await;
        first.expect(200);
        let problem = send(&app, Method::PATCH, &path, Some(&etag), &body).await.expect(412);
        assert_eq!(problem["code"], "precondition_failed");
        send(&app, Method::PATCH, &path, Some("W/\"1\""), &body).await.expect(412);
        send(&app, Method::PATCH, &path, Some("W/\"2\""), &body).await.expect(200);
        send(&app, Method::PATCH, &path, Some("\"1\", \"2\""), &body).await.expect(200);
        send(&app, Method::DELETE, &path, Some(&etag), &Value::Null).await.expect(412);
        send(&app, Method::DELETE, &path, Some("*"), &Value::Null).await.expect(200);
        send(&app, Method::DELETE, &path, Some("*"), &Value::Null).await.expect(404);
    }
}

#[tokio::test]
async fn a_patch_may_say_what_it_is_and_its_rules_are_those_of_creating() {
    let app = TestApp::sqlite();
    let (link_id, tag_id) = app.link("https://a.example", "t").await;
    let (link, tag) = (format!("/link/{link_id}"), format!("/tag/{tag_id}"));
    let request = app.request(Method::PATCH, &link).bearer(app.token().await);
    let request = request.header("content-type", "application/merge-patch+json");
    request.body(r#"{"title":"x"}"#).send().await.expect(200);
    let request = app.request(Method::POST, "/tag/").bearer(app.token().await);
    let request = request.header("content-type", "application/merge-patch+json");
    request.body(r#"{"tag":"x"}"#).send().await.expect(415);

    patch(&app, &link, json!({"link": "ftp://x"}))
        .await
        .expect_problem(422, "link must start with http:// or https://");
    patch(&app, &link, json!({"title": "a".repeat(501)})).await.expect(422);
    patch(&app, &link, json!({"notes": "\u{0}"})).await.expect(422);
    patch(&app, &link, json!({"created_at": "2020-01-01T00:00:00Z"})).await.expect(422);
    patch(&app, &tag, json!({"tag": ""})).await.expect(422);
    patch(&app, &tag, json!({"tag": null})).await.expect(422);
    patch(&app, "/link/blah", json!({})).await.expect_problem(404, "Link with link_id blah not found");
    patch(&app, "/tag/blah", json!({"tag": "x"})).await.expect_problem(404, "Tag with tag_id blah not found");
    for created_at in ["yesterday", "2020-13-01T00:00:00Z", "0000-01-01T00:00:00Z", "2020-01-01"] {
        let body = json!({"link": "https://b.example", "tag": "t", "created_at": created_at});
        let problem = app.post("/link/", &body).await.expect(422);
        assert_eq!(problem["errors"][0]["loc"], json!(["body", "created_at"]), "{created_at}");
    }
}

#[tokio::test]
async fn a_link_posted_again_gets_only_what_it_lacks() {
    let app = TestApp::sqlite();
    let post = async |title: &str, notes: &str| {
        let body = json!({"link": "https://a.example", "tag": "t", "title": title, "notes": notes});
        app.post("/link/", &body).await.expect(200)
    };
    let first = post("", "").await;
    assert_eq!((&first["title"], &first["notes"]), (&Value::Null, &Value::Null));
    let second = post("Title", "").await;
    assert_eq!((&second["title"], &second["notes"]), (&json!("Title"), &Value::Null));
    let third = post("Other", "Notes").await;
    assert_eq!((&third["title"], &third["notes"]), (&json!("Title"), &json!("Notes")));
    assert_eq!(post("", "").await, third, "and nothing is ever blanked");
    assert_eq!((&third["link_id"], &third["created_at"]), (&first["link_id"], &first["created_at"]));
}
