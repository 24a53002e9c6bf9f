//! Looking URLs up, storing only what is new, and parameters that do not count.

use reqwest::Method;
use serde_json::{Value, json};
use taglink_repository::Backend;

use crate::app::{TestApp, text};
use crate::on_every_database;
use crate::scoped::{account, login};

on_every_database!(urls_are_looked_up_in_the_order_asked, a_link_that_must_be_new_is_refused_if_it_is_there,);

async fn urls_are_looked_up_in_the_order_asked(app: &TestApp) {
    let (first, _) = app.link("https://a.example", "x").await;
    app.link("https://a.example", "y").await;
    let asked =
        ["https://nowhere.example", "HTTPS://A.example/", "javascript:alert(1)", "", "https://a.example"];
    let answer = app.post("/link/lookup", &json!({"links": asked})).await.expect(200);
    let stored = app.get(&format!("/link/{first}?include=tags")).await.expect(200);
    assert_eq!(stored["tags"].as_array().unwrap().len(), 2);
    let scheme = "link must start with http:// or https://";
    assert_eq!(
        answer,
        json!([
            {"link": asked[0], "found": null},
            {"link": asked[1], "found": stored},
            {"link": asked[2], "found": null, "error": scheme},
            {"link": asked[3], "found": null, "error": "link must be 1 to 8192 bytes long"},
            {"link": asked[4], "found": stored},
        ])
    );
    assert_eq!(app.post("/link/lookup", &json!({"links": []})).await.expect(200), json!([]));
}

async fn a_link_that_must_be_new_is_refused_if_it_is_there(app: &TestApp) {
    let create = async |query: &str, link: &str, tag: &str| {
        app.post(&format!("/link/{query}"), &json!({"link": link, "tag": tag, "title": tag})).await
    };
    let made = create("?on_conflict=error", "https://a.example", "a").await;
    let link = made.expect(200);
    assert_eq!(made.header("location"), format!("/link/{}", text(&link["link_id"])));
    let detail = "Link with link HTTPS://A.example exists";
    let refused = create("?on_conflict=error", "HTTPS://A.example", "b").await.expect_problem(409, detail);
    assert_eq!(refused["code"], "link_exists");
    assert_eq!(app.get("/tag/").await.expect(200).as_array().unwrap().len(), 1);
    assert_eq!(app.get("/taglink/").await.expect(200).as_array().unwrap().len(), 1);
    for query in ["", "?on_conflict=return"] {
        assert_eq!(create(query, "https://a.example", "b").await.expect(200), link);
    }
    let detail = "on_conflict must be return or error";
    create("?on_conflict=update", "https://b.example", "b").await.expect_problem(422, detail);
    let keyed = async |query: &str| {
        let request = app.request(Method::POST, &format!("/link/{query}")).bearer(app.token().await);
        let body = json!({"link": "https://a.example", "tag": "a"});
        request.header("idempotency-key", "one").json(&body).send().await
    };
    assert_eq!(keyed("").await.expect(200), link);
    keyed("?on_conflict=error").await.expect_problem(422, "The Idempotency-Key was used for another request");
    let body = json!({"link": "https://a.example", "tag_id": "blah"});
    let no_tag = app.post("/link/?on_conflict=error", &body).await;
    no_tag.expect_problem(404, "Tag with tag_id blah not found");
}

#[tokio::test]
async fn a_look_up_may_be_as_large_as_a_mebibyte_and_a_thousand_urls() {
    let app = TestApp::sqlite();
    let long = "a".repeat(900);
    let urls = |number: usize| -> Vec<String> {
        (0..number).map(|number| format!("https://example.com/{number}/{long}")).collect()
    };
    let body = json!({"links": urls(1000)});
    assert!(body.to_string().len() > 900_000);
    let found = app.post("/link/lookup", &body).await.expect(200);
    assert_eq!(found.as_array().unwrap().len(), 1000);
    let too_many = json!({"links": vec!["https://a.example"; 1001]});
    app.post("/link/lookup", &too_many).await.expect_problem(422, "links must not be more than 1000");
    let too_large = json!({"links": urls(1200)});
    let detail = "The body must not be larger than 1048576 bytes";
    app.post("/link/lookup", &too_large).await.expect_problem(413, detail);
    let detail = "The body must not be larger than 65536 bytes";
    app.post("/tag/", &json!({"tag": "a".repeat(70_000)})).await.expect_problem(413, detail);
}

#[tokio::test]
async fn a_look_up_only_reads_and_belongs_to_an_account() {
    let app = TestApp::sqlite();
    app.link("https://a.example", "x").await;
    let look_up = async |token: &str, account_id: Option<&str>| {
        let body = json!({"links": ["https://a.example"], "account_id": account_id});
        app.request(Method::POST, "/link/lookup").bearer(token).json(&body).send().await
    };
    let found = async |token: &str, account_id: Option<&str>| {
        look_up(token, account_id).await.expect(200)[0]["found"] != Value::Null
    };
    let admin = login(&app, "admin").await;
    let (own, id) = account(&app, &admin, "one@example.org").await;
    let shared = "00000000-0000-0000-0000-000000000000";
    assert!(found(&login(&app, "read").await, None).await);
    assert!(found(&admin, Some(shared)).await);
    assert!(!found(&admin, Some(&id)).await);
    assert!(!found(&own, None).await && !found(&own, Some(&id)).await);
    let required = "The account_id field is required for the admin scope";
    look_up(&admin, None).await.expect_problem(422, required);
    let unknown = "Account with account_id 'blah' not found";
    look_up(&admin, Some("blah")).await.expect_problem(422, unknown);
    let not_allowed = "The account_id field should not be provided for account scope";
    look_up(&own, Some(shared)).await.expect_problem(422, not_allowed);
    let nobody = app.request(Method::POST, "/link/lookup").json(&json!({"links": 1})).send().await;
    nobody.expect_problem(401, "Not authenticated");
}

#[tokio::test]
async fn parameters_that_do_not_count_are_dropped_wherever_a_url_is_read() {
    let dropped = [("TAGLINK__LINKS__DROP_PARAMETERS", "utm_*,FBCLID")];
    let app = TestApp::with_settings(Backend::Sqlite, &dropped);
    let sent = "https://a.example/?utm_source=x&b=1&fbclid=y";
    let link = app.post("/link/", &json!({"link": sent, "tag": "a"})).await.expect(200);
    assert_eq!(link["link"], sent, "kept as it was sent");
    let again = app.post("/link/", &json!({"link": "https://a.example/?b=1&UTM_Medium", "tag": "b"})).await;
    assert_eq!(again.expect(200)["link_id"], link["link_id"]);
    let found = app.post("/link/lookup", &json!({"links": ["https://a.example/?fbclid=z&b=1"]})).await;
    assert_eq!(found.expect(200)[0]["found"]["link_id"], link["link_id"]);
    let (other, _) = app.link("https://b.example", "a").await;
    let body = json!({"link": "https://a.example/?b=1&utm_term=z"});
    let request = app.request(Method::PATCH, &format!("/link/{other}")).bearer(app.token().await);
    let taken = request.json(&body).send().await;
    taken.expect_problem(409, "Link with link https://a.example/?b=1&utm_term=z exists");
}
