//! Another account's row is answered exactly as one that does not exist.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Client, SHARED, TestApp, text};
use crate::on_every_database;

on_every_database!(
    a_foreign_row_is_answered_as_a_missing_one,
    lists_show_nothing_of_others,
    nothing_that_others_send_changes_a_row,
);

/// An id that no row has.
const MISSING: &str = "018f3b1e-7c1a-7def-8a1b-0123456789ab";

/// What belongs to somebody else: ids of each kind.
struct Foreign {
    account: String,
    link: String,
    tag: String,
    session: String,
    api_token: String,
}

impl Foreign {
    async fn of(owner: &Client<'_>) -> Self {
        let (link, tag) = owner.link("https://foreign.example", "foreign", None).await;
        let session = owner.get("/session/").await.list()[0]["session_id"].clone();
        let api_token = owner.api_token("account").await.id;
        Self { account: owner.id.clone(), link, tag, session: text(&session), api_token }
    }
}

/// Every request with an id in it: its path, or its body. `ID` stands for the id.
fn requests(foreign: &Foreign, own: (&str, &str)) -> Vec<(Method, String, Value, String)> {
    let path = |method: Method, path: &str, id: &str| (method, path.to_owned(), Value::Null, id.to_owned());
    let body = |path: &str, body: Value, id: &str| (Method::POST, path.to_owned(), body, id.to_owned());
    let change = |body: Value| (Method::PATCH, "/account/ID".to_owned(), body, foreign.account.clone());
    let (own_link, own_tag) = own;
    vec![
        path(Method::GET, "/link/ID", &foreign.link),
        path(Method::DELETE, "/link/ID", &foreign.link),
        path(Method::GET, "/tag/ID", &foreign.tag),
        path(Method::DELETE, "/tag/ID", &foreign.tag),
        path(Method::GET, "/account/ID", &foreign.account),
        path(Method::DELETE, "/account/ID", &foreign.account),
        change(json!({})),
        change(json!({"email": "new@example.org", "current_password": crate::app::PASSWORD})),
        change(json!({"password": "x"})),
        path(Method::DELETE, "/session/ID", &foreign.session),
        path(Method::DELETE, "/api-token/ID", &foreign.api_token),
        body("/link/", json!({"link": "https://a.example", "tag_id": "ID"}), &foreign.tag),
        body("/taglink/", json!({"tag_id": "ID", "link_id": own_link}), &foreign.tag),
        body("/taglink/", json!({"tag_id": own_tag, "link_id": "ID"}), &foreign.link),
        body("/tag/", json!({"tag": "a", "account_id": "ID"}), &foreign.account),
        path(Method::GET, "/link/?tag_id=ID", &foreign.tag),
        path(Method::GET, "/link/?account_id=ID", &foreign.account),
        path(Method::GET, "/tag/?account_id=ID", &foreign.account),
        path(Method::GET, "/taglink/?tag_id=ID", &foreign.tag),
        path(Method::GET, "/taglink/?link_id=ID", &foreign.link),
        path(Method::GET, "/taglink/?account_id=ID", &foreign.account),
        path(Method::DELETE, "/taglink/?tag_id=ID", &foreign.tag),
        path(Method::DELETE, "/taglink/?link_id=ID", &foreign.link),
    ]
}

async fn send(client: &Client<'_>, method: &Method, path: &str, body: &Value, id: &str) -> Answer {
    let request = client.request(method.clone(), &path.replace("ID", id));
    let body = serde_json::from_str(&body.to_string().replace("\"ID\"", &format!("\"{id}\""))).unwrap();
    if body == Value::Null { request.send().await } else { request.json(&body).send().await }
}

/// What is seen of the answer, whatever the id.
fn seen(answer: &Answer, id: &str) -> (u16, Vec<(String, String)>, String) {
    let (status, headers, body) = answer.comparable();
    (status, headers, body.replace(id, "ID"))
}

async fn a_foreign_row_is_answered_as_a_missing_one(app: &TestApp) {
    let foreign = Foreign::of(&app.account().await).await;
    let account = app.account().await;
    for client in [account, app.user().await, app.admin().await] {
        let named = if client.name == crate::app::USERNAME { Some(SHARED) } else { None };
        let (link, tag) = client.link("https://own.example", "own", named).await;
        for (method, path, body, id) in requests(&foreign, (&link, &tag)) {
            // An admin sees all accounts, but only its own sessions and API tokens.
            let is_own = path.starts_with("/session/") || path.starts_with("/api-token/");
            if named.is_some() && !is_own {
                continue;
            }
            let about_foreign = send(&client, &method, &path, &body, &id).await;
            let about_missing = send(&client, &method, &path, &body, MISSING).await;
            let context = format!("{method} {path} {body} as {}", client.name);
            assert_eq!(seen(&about_foreign, &id), seen(&about_missing, MISSING), "{context}");
            let is_list = path.contains('?');
            assert_eq!(about_foreign.status == 200, is_list, "{context}: {}", about_foreign.status);
        }
    }
}

async fn lists_show_nothing_of_others(app: &TestApp) {
    let owner = app.account().await;
    let foreign = Foreign::of(&owner).await;
    for client in [app.account().await, app.user().await] {
        for list in [
            "/link/".to_owned(),
            "/tag/".to_owned(),
            "/taglink/".to_owned(),
            "/link/?tag=foreign".to_owned(),
            "/tag/?tag=foreign".to_owned(),
            format!("/link/?tag_id={}", foreign.tag),
            format!("/link/?tag=foreign&tag_id={}", foreign.tag),
            format!("/link/?account_id={}&tag=foreign", foreign.account),
            format!("/tag/?account_id={}&tag=foreign", foreign.account),
            format!("/taglink/?link_id={}&tag_id={}", foreign.link, foreign.tag),
            format!("/taglink/?account_id={}&tag_id={}", foreign.account, foreign.tag),
        ] {
            assert_eq!(client.get(&list).await.expect(200), json!([]), "{list} as {}", client.name);
        }
    }
    let other = app.account().await;
    assert_eq!(other.get(&format!("/account/?email={}", owner.name)).await.expect(200), json!([]));
    let itself = other.get("/account/").await.list();
    assert_eq!(itself.len(), 1);
    assert_eq!(itself[0]["account_id"], other.id.as_str());
}

async fn nothing_that_others_send_changes_a_row(app: &TestApp) {
    let owner = app.account().await;
    let foreign = Foreign::of(&owner).await;
    let state = async || {
        let mut state = Vec::new();
        for list in ["/link/", "/tag/", "/taglink/", "/account/", "/session/", "/api-token/"] {
            state.push(owner.get(list).await.expect(200));
        }
        state
    };
    let before = state().await;
    for client in [app.account().await, app.user().await] {
        let (link, tag) = client.link("https://own.example", "own", None).await;
        for (method, path, body, id) in requests(&foreign, (&link, &tag)) {
            send(&client, &method, &path, &body, &id).await;
        }
    }
    assert_eq!(state().await, before);
    Client::login(app, &owner.name, "account").await.is_accepted().await;
}
