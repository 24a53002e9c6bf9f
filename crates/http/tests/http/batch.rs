//! `POST /batch`: many operations at once.

use reqwest::Method;
use serde_json::{Value, json};
use taglink_repository::Backend;

use crate::app::{Answer, PASSWORD, TestApp, USERNAME, text};
use crate::on_every_database;

on_every_database!(
    each_operation_answers_as_its_single_route,
    an_atomic_batch_is_all_or_nothing,
    an_independent_batch_is_each_for_itself,
    a_dry_run_changes_nothing,
    versions_are_heeded,
    an_admin_names_the_account_of_each_operation,
    a_thousand_operations_are_done,
);

const SHARED: &str = "00000000-0000-0000-0000-000000000000";

async fn send(app: &TestApp, body: &Value) -> Answer {
    app.post("/batch", body).await
}

async fn run(app: &TestApp, body: &Value) -> Value {
    send(app, body).await.expect(200)
}

fn statuses(answer: &Value) -> Vec<u64> {
    answer["results"].as_array().unwrap().iter().map(|result| result["status"].as_u64().unwrap()).collect()
}

async fn count(app: &TestApp, list: &str) -> usize {
    app.get(list).await.expect(200).as_array().unwrap().len()
}

async fn each_operation_answers_as_its_single_route(app: &TestApp) {
    let (link, tag) = app.link("https://1.example", "a").await;
    let answer = run(
        app,
        &json!({"operations": [
            {"op": "create_link", "link": "https://2.example", "tag": "b", "title": "🍣"},
            {"op": "create_link", "link": "https://2.example", "tag_id": tag},
            {"op": "update_link", "link_id": link, "title": "first", "notes": null},
            {"op": "set_link_tags", "link_id": link, "tags": ["b", "c"]},
            {"op": "create_tag", "tag": "d"},
            {"op": "update_tag", "tag_id": tag, "tag": "A!", "if_match": "\"1\""},
            {"op": "create_taglink", "tag_id": tag, "link_id": link},
            {"op": "delete_taglink", "tag_id": tag},
            {"op": "delete_tag", "tag_id": tag, "if_match": "*"},
            {"op": "delete_link", "link_id": link, "if_match": null},
        ]}),
    )
    .await;
    assert_eq!(answer["committed"], true);
    assert_eq!(statuses(&answer), [200; 10], "{answer}");
    let results = &answer["results"];
    let created = text(&results[0]["body"]["link_id"]);
    assert_eq!(results[0]["location"], format!("/link/{created}"));
    assert_eq!(results[0]["body"], app.get(&format!("/link/{created}")).await.expect(200));
    assert_eq!(results[1]["body"], results[0]["body"], "it sees the link of the first");
    assert_eq!((&results[2]["etag"], &results[2]["body"]["title"]), (&json!("\"2\""), &json!("first")));
    let names: Vec<_> =
        results[3]["body"]["tags"].as_array().unwrap().iter().map(|tag| &tag["tag"]).collect();
    assert_eq!(names, ["b", "c"]);
    assert!(text(&results[3]["etag"]).starts_with("\"2."));
    let location = text(&results[4]["location"]);
    assert_eq!(results[4]["body"], app.get(&location).await.expect(200));
    assert_eq!(results[5]["etag"], "\"2\"");
    assert_eq!(results[6]["body"], json!({"tag_id": tag, "link_id": link, "account_id": SHARED}));
    for removed in [7, 8, 9] {
        assert_eq!(results[removed], json!({"status": 200, "body": "OK"}));
    }
    assert_eq!(
        (count(app, "/link/").await, count(app, "/tag/").await, count(app, "/taglink/").await),
        (1, 3, 1)
    );
    assert_eq!(run(app, &json!({"operations": []})).await, json!({"committed": true, "results": []}));
}

async fn an_atomic_batch_is_all_or_nothing(app: &TestApp) {
    let body = json!({"mode": "atomic", "operations": [
        {"op": "create_tag", "tag": "a"},
        {"op": "create_taglink", "tag_id": "blah", "link_id": "blah"},
        {"op": "create_tag", "tag": "b"},
    ]});
    let answer = send(app, &body).await;
    let id = answer.header("x-request-id").to_owned();
    let answer = answer.expect(200);
    assert_eq!(answer["committed"], false);
    assert_eq!(statuses(&answer), [424, 422, 424]);
    let problem = &answer["results"][1]["body"];
    assert_eq!(problem["detail"], "Tag with tag_id blah not found");
    assert_eq!((&problem["code"], &problem["request_id"]), (&json!("tag_not_found"), &json!(id)));
    assert_eq!(problem["errors"][0]["loc"], json!(["body", "operations", "1", "tag_id"]));
    assert_eq!(answer["results"][0]["body"]["code"], "failed_dependency");
    let invalid = json!({"operations": [
        {"op": "create_tag", "tag": "a"},
        {"op": "create_tag", "tag": ""},
        {"op": "create_link", "link": "ftp://example.com", "tag": "a"},
    ]});
    let answer = run(app, &invalid).await;
    assert_eq!((&answer["committed"], statuses(&answer)), (&json!(false), vec![424, 422, 422]));
    assert_eq!(count(app, "/tag/").await, 0);
}

async fn an_independent_batch_is_each_for_itself(app: &TestApp) {
    let answer = run(
        app,
        &json!({"mode": "independent", "operations": [
            {"op": "create_tag", "tag": "a"},
            {"op": "create_tag", "tag": "A"},
            {"op": "create_tag", "tag": ""},
            {"op": "delete_tag", "tag_id": "blah"},
            {"op": "update_link", "link_id": "blah", "title": "x"},
            {"op": "create_link", "link": "https://example.com", "tag_id": "blah"},
            {"op": "create_tag", "tag": "b"},
        ]}),
    )
    .await;
    assert_eq!(answer["committed"], true);
    assert_eq!(statuses(&answer), [200, 409, 422, 404, 404, 404, 200]);
    let details: Vec<_> = [1, 3, 4].map(|index| text(&answer["results"][index]["body"]["detail"])).into();
    assert_eq!(
        details,
        ["Tag with name A exists", "Tag with tag_id blah not found", "Link with link_id blah not found"]
    );
    assert_eq!((count(app, "/link/").await, count(app, "/tag/").await), (0, 2));
    for operations in [json!([{"op": "create_tag", "tag": "a"}]), json!([{"op": "nothing"}])] {
        let answer = run(app, &json!({"mode": "independent", "operations": operations})).await;
        assert_eq!(answer["committed"], false, "nothing was done");
    }
}

async fn a_dry_run_changes_nothing(app: &TestApp) {
    for mode in ["atomic", "independent"] {
        let operations = json!([{"op": "create_tag", "tag": "a"}, {"op": "create_link", "link": "https://example.com", "tag": "A"}]);
        let answer = run(app, &json!({"mode": mode, "dry_run": true, "operations": operations})).await;
        assert_eq!((&answer["committed"], statuses(&answer)), (&json!(false), vec![200, 200]), "{mode}");
        assert_eq!(answer["results"][0]["body"]["tag"], "a");
    }
    assert_eq!((count(app, "/link/").await, count(app, "/tag/").await), (0, 0));
}

async fn versions_are_heeded(app: &TestApp) {
    let (link, tag) = app.link("https://example.com", "a").await;
    let with_tags = app.get(&format!("/link/{link}?include=tags")).await.header("etag").to_owned();
    let answer = run(
        app,
        &json!({"mode": "independent", "operations": [
            {"op": "update_link", "link_id": link, "title": "x", "if_match": "\"7\""},
            {"op": "update_link", "link_id": link, "title": "x", "if_match": "\"1\""},
            {"op": "delete_link", "link_id": link, "if_match": "\"1\""},
            {"op": "set_link_tags", "link_id": link, "tags": ["b"], "if_match": with_tags},
            {"op": "set_link_tags", "link_id": link, "tags": ["c"], "if_match": with_tags},
            {"op": "update_tag", "tag_id": tag, "tag": "d", "if_match": "W/\"7\""},
            {"op": "delete_tag", "tag_id": tag, "if_match": "\"1\", \"2\""},
        ]}),
    )
    .await;
    assert_eq!(statuses(&answer), [412, 200, 412, 200, 412, 412, 200], "{answer}");
    assert_eq!(answer["results"][0]["body"]["code"], "precondition_failed");
}

async fn login(app: &TestApp, username: &str, scope: &str) -> String {
    let form = [("username", username), ("password", PASSWORD), ("scope", scope)];
    text(&app.request(Method::POST, "/token/").form(&form).send().await.expect(200)["access_token"])
}

async fn an_admin_names_the_account_of_each_operation(app: &TestApp) {
    let admin = login(app, USERNAME, "admin").await;
    let post = async |token: &str, path: &str, body: Value| {
        app.request(Method::POST, path).bearer(token).json(&body).send().await.expect(200)
    };
    let account = post(&admin, "/account/", json!({"email": "ada@example.org", "password": PASSWORD})).await;
    let account = text(&account["account_id"]);
    let answer = post(
        &admin,
        "/batch",
        json!({"mode": "independent", "operations": [
            {"op": "create_tag", "tag": "a", "account_id": account},
            {"op": "create_tag", "tag": "a", "account_id": SHARED},
            {"op": "create_tag", "tag": "a"},
            {"op": "create_link", "link": "https://example.com", "tag": "a", "account_id": account},
            {"op": "create_tag", "tag": "b", "account_id": "blah"},
        ]}),
    )
    .await;
    assert_eq!(statuses(&answer), [200, 200, 422, 200, 422], "{answer}");
    let results = &answer["results"];
    assert_eq!(results[2]["body"]["code"], "account_id_required");
    assert_eq!(results[2]["body"]["errors"][0]["loc"], json!(["body", "operations", "2", "account_id"]));
    assert_eq!(results[4]["body"]["code"], "account_not_found");
    let [theirs, shared] = [0, 1].map(|index| text(&results[index]["body"]["tag_id"]));
    let own = login(app, "ada@example.org", "account").await;
    let operations = json!([
        {"op": "update_tag", "tag_id": theirs, "tag": "mine"},
        {"op": "update_tag", "tag_id": shared, "tag": "not mine"},
        {"op": "create_tag", "tag": "new"},
    ]);
    let answer = post(&own, "/batch", json!({"mode": "independent", "operations": operations})).await;
    assert_eq!(statuses(&answer), [200, 404, 200], "{answer}");
    assert_eq!(answer["results"][2]["body"]["account_id"], account.as_str());
    let reader = login(app, USERNAME, "admin read").await;
    let request = app.request(Method::POST, "/batch").bearer(&reader).json(&json!({"operations": []}));
    request.send().await.expect_problem(401, "Not enough permissions");
}

async fn a_thousand_operations_are_done(app: &TestApp) {
    let notes = "n".repeat(2000);
    let operations: Vec<_> = (0..1000)
        .map(|number| json!({"op": "create_link", "link": format!("https://example.com/{number}"), "tag": "a", "notes": notes}))
        .collect();
    let answer = run(app, &json!({"mode": "independent", "operations": operations})).await;
    assert!(statuses(&answer).iter().all(|status| *status == 200));
    let links = app.get("/link/?tag=a&limit=1000").await.expect(200);
    let order: Vec<_> = links.as_array().unwrap().iter().map(|link| text(&link["link"])).collect();
    assert_eq!((order.len(), order[7].as_str()), (1000, "https://example.com/7"), "in the order given");
}

#[tokio::test]
async fn a_body_that_is_no_batch_is_refused_as_a_whole() {
    let app = TestApp::new(Backend::Sqlite);
    let cases = [
        (json!({}), json!(["body", "operations"])),
        (json!({"operations": null}), json!(["body", "operations"])),
        (json!({"operations": {}}), json!(["body", "operations"])),
        (json!({"operations": vec![Value::Null; 1001]}), json!(["body", "operations"])),
        (json!({"operations": [], "mode": "some"}), json!(["body", "mode"])),
        (json!({"operations": [], "dry_run": 1}), json!(["body", "dry_run"])),
        (json!({"operations": [], "x": 1}), json!(["body", "x"])),
    ];
    for (body, loc) in cases {
        let problem = send(&app, &body).await.expect(422);
        assert_eq!(problem["errors"][0]["loc"], loc, "{problem}");
    }
    for text in ["", "[]", "{\"operations\":[{]}", "{\"operations\":[\"\\x\"]}"] {
        app.post_bytes("/batch", text).await.expect(422);
    }
    let tags: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
    let operations = vec![json!({"op": "set_link_tags", "link_id": "blah", "tags": tags}); 11];
    let problem = send(&app, &json!({"operations": operations})).await.expect(422);
    assert_eq!(problem["detail"], "operations must not set more than 10000 tags");
}

#[tokio::test]
async fn an_operation_that_is_none_is_told_by_itself() {
    let app = TestApp::new(Backend::Sqlite);
    let cases = [
        (json!({}), "op", "missing"),
        (json!({"op": null}), "op", "missing"),
        (json!({"op": "drop_table"}), "op", "type_error"),
        (json!({"op": 1}), "op", "type_error"),
        (json!({"op": "create_tag"}), "tag", "missing"),
        (json!({"op": "create_tag", "tag": "a", "if_match": "*"}), "if_match", "extra_forbidden"),
        (json!({"op": "delete_link"}), "link_id", "missing"),
        (json!({"op": "delete_link", "link_id": "a\u{0}"}), "link_id", "value_error"),
        (json!({"op": "delete_link", "link_id": "a", "tag_id": "b"}), "tag_id", "extra_forbidden"),
        (json!({"op": "update_tag", "tag_id": "a", "tag": ["b"]}), "tag", "type_error"),
        (json!({"op": "update_tag", "tag_id": "a", "tag": "b", "if_match": 1}), "if_match", "type_error"),
        (json!({"op": "set_link_tags", "link_id": "a", "tags": [1]}), "tags", "type_error"),
    ];
    let operations: Vec<_> = cases.iter().map(|(operation, ..)| operation).collect();
    let answer = run(&app, &json!({"operations": operations})).await;
    for (index, (operation, member, kind)) in cases.iter().enumerate() {
        let result = &answer["results"][index];
        assert_eq!(result["status"], 422, "{operation}");
        let error = &result["body"]["errors"][0];
        assert_eq!(
            error["loc"].as_array().unwrap()[..4],
            [json!("body"), json!("operations"), json!(index.to_string()), json!(member)],
            "{operation}"
        );
        assert_eq!(error["type"], *kind, "{operation}");
    }
    for (text, detail) in [
        ("[1]", "the body must be a JSON object"),
        (r#"{"op":"create_tag","tag":"a","tag":"b"}"#, "tag: given more than once"),
        (r#"{"op":"delete_taglink"}"#, "One or both of tag_id or link_id must be specified"),
    ] {
        let body =
            format!(r#"{{"mode":"independent","operations":[{text},{{"op":"create_tag","tag":"t"}}]}}"#);
        let answer = app.post_bytes("/batch", body).await.expect(200);
        assert_eq!(answer["results"][0]["body"]["detail"], detail);
    }
}

#[tokio::test]
async fn a_batch_may_be_larger_than_other_bodies() {
    let app = TestApp::new(Backend::Sqlite);
    let padded = |length: usize| format!("{{\"operations\":[]{}}}", " ".repeat(length - 17));
    app.post_bytes("/batch", padded(4 * 1024 * 1024)).await.expect(200);
    let detail = "The body must not be larger than 4194304 bytes";
    app.post_bytes("/batch", padded(4 * 1024 * 1024 + 1)).await.expect_problem(413, detail);
    let deep = format!("{{\"operations\":[{}{}]}}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let answer = app.post_bytes("/batch", deep).await;
    assert!(matches!(answer.status, 200 | 422), "{answer:?}");
}
