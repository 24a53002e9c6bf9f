//! One table of every route and every kind of principal.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{Answer, Client, DOCUMENT, PASSWORD, Request, TestApp, text, unique};
use crate::on_every_database;

on_every_database!(every_route_lets_in_whom_the_table_names);

/// The columns of the table.
const KINDS: [&str; 16] = [
    "anonymous",
    "plain",
    "plain, read",
    "admin",
    "admin, read",
    "owner",
    "owner, read",
    "other account",
    "API token, plain",
    "API token, plain, read",
    "API token, admin",
    "API token, admin, read",
    "API token, owner",
    "API token, owner, read",
    "expired",
    "revoked",
];

/// Each route with what is sent, and the outcome for each kind:
///
/// - `.` 200; `0` 200 and an empty list, since the rows are the owner's
/// - `-` 401 `Not authenticated`; `x` 401 `Could not validate credentials`; `P` 401 `Not enough permissions`
/// - `n` 404, with the text of the route; `N` 404 `Not Found`
/// - `r` 422 `The account_id field is required for the admin scope`
/// - `s` 422 `The account_id field should not be provided for account scope`
/// - `c` 422 `current_password: field required`
/// - `T` `The refresh token is not valid`: 401, at `/oauth/token` 400
///
/// The columns:        anonymous, plain, admin, account, API tokens, dead
const TABLE: [(&str, &str, &str, &str); 54] = [
    ("GET", "/health/live", "", ".  ..  ..  ...  .. .. ..  .."),
    ("GET", "/health/ready", "", ".  ..  ..  ...  .. .. ..  .."),
    ("GET", "/.well-known/oauth-authorization-server", "", "N  NN  NN  NNN  NN NN NN  NN"),
    ("POST", "/token/", "grant_type=refresh_token&refresh_token=x", "T  TT  TT  TTT  TT TT TT  TT"),
    ("POST", "/oauth/token", "grant_type=refresh_token&refresh_token=x", "T  TT  TT  TTT  TT TT TT  TT"),
    ("POST", "/oauth/revoke", "token=x", ".  ..  ..  ...  .. .. ..  .."),
    // Lists come before anything is made that they would show.
    ("GET", "/link/", "", "-  00  ..  ..0  00 .. ..  xx"),
    ("GET", "/link/facets", "", "-  00  ..  ..0  00 .. ..  xx"),
    ("GET", "/tag/", "", "-  00  ..  ..0  00 .. ..  xx"),
    ("GET", "/taglink/", "", "-  00  ..  ..0  00 .. ..  xx"),
    ("GET", "/link/", "?account_id={account_id}", "-  00  ..  ..0  00 .. ..  xx"),
    ("GET", "/tag/", "?account_id={account_id}", "-  00  ..  ..0  00 .. ..  xx"),
    ("GET", "/taglink/", "?account_id={account_id}", "-  00  ..  ..0  00 .. ..  xx"),
    ("GET", "/change/", "", "-  00  rr  ..0  00 rr ..  xx"),
    ("GET", "/change/", "?account_id={account_id}", "-  00  ..  ..0  00 .. ..  xx"),
    ("GET", "/link/{link_id}", "", "-  nn  ..  ..n  nn .. ..  xx"),
    ("POST", "/link/", LINK, "-  .P  rP  .P.  .P rP .P  xx"),
    ("POST", "/link/", LINK_FOR_OWNER, "-  sP  .P  .Ps  sP .P .P  xx"),
    ("PATCH", "/link/{link_id}", r#"{"title": "<new>"}"#, "-  nP  .P  .Pn  nP .P .P  xx"),
    ("PUT", "/link/{link_id}/tags", r#"{"tags": ["<new>"]}"#, "-  nP  .P  .Pn  nP .P .P  xx"),
    ("POST", "/link/lookup", r#"{"links": ["https://first.example"]}"#, "-  ..  rr  ...  .. rr ..  xx"),
    ("DELETE", "/link/{link_id}", "", "-  nP  .P  .Pn  nP .P .P  xx"),
    ("GET", "/tag/{tag_id}", "", "-  nn  ..  ..n  nn .. ..  xx"),
    ("POST", "/tag/", r#"{"tag": "<new>"}"#, "-  .P  rP  .P.  .P rP .P  xx"),
    ("POST", "/tag/", TAG_FOR_OWNER, "-  sP  .P  .Ps  sP .P .P  xx"),
    ("PATCH", "/tag/{tag_id}", r#"{"tag": "<new>"}"#, "-  nP  .P  .Pn  nP .P .P  xx"),
    ("POST", "/tag/{tag_id}/merge", r#"{"source_ids": ["{free_tag_id}"]}"#, "-  nP  .P  .Pn  nP .P .P  xx"),
    ("DELETE", "/tag/", "?unused=true", "-  .P  .P  .P.  .P .P .P  xx"),
    ("DELETE", "/tag/{tag_id}", "", "-  nP  .P  .Pn  nP .P .P  xx"),
    ("POST", "/taglink/", TAGLINK_FOR_OWNER, "-  sP  .P  .Ps  sP .P .P  xx"),
    ("DELETE", "/taglink/", "?tag_id={tag_id}", "-  .P  .P  .P.  .P .P .P  xx"),
    ("POST", "/batch/", BATCH, "-  .P  .P  .P.  .P .P .P  xx"),
    ("GET", "/export", "", "-  ..  rr  ...  .. rr ..  xx"),
    ("GET", "/export", "?account_id={account_id}", "-  ss  ..  ..s  ss .. ..  xx"),
    ("POST", "/import", r#"[{"href": "https://<new>.example"}]"#, "-  .P  rP  .P.  .P rP .P  xx"),
    ("GET", "/account/", "", "-  PP  ..  ...  PP .. ..  xx"),
    ("GET", "/account/{account_id}", "", "-  PP  ..  ..n  PP .. ..  xx"),
    ("POST", "/account/", NEW_ACCOUNT, "-  PP  .P  PPP  PP .P PP  xx"),
    ("PATCH", "/account/{account_id}", "{}", "-  PP  .P  .Pn  PP PP PP  xx"),
    ("PATCH", "/account/{account_id}", r#"{"email": "<new>@example.org"}"#, "-  PP  .P  cPn  PP PP PP  xx"),
    ("DELETE", "/account/{account_id}", "", "-  PP  .P  .Pn  PP .P .P  xx"),
    ("GET", "/user/", "", "-  PP  ..  PPP  PP .. PP  xx"),
    ("GET", "/user/{user_id}", "", "-  PP  ..  PPP  PP .. PP  xx"),
    ("POST", "/user/", NEW_USER, "-  PP  .P  PPP  PP PP PP  xx"),
    ("PATCH", "/user/{user_id}", r#"{"is_admin": true}"#, "-  PP  .P  PPP  PP PP PP  xx"),
    ("DELETE", "/user/{user_id}", "", "-  PP  .P  PPP  PP PP PP  xx"),
    ("GET", "/user/me", "", "-  ..  ..  PPP  .. .. PP  xx"),
    ("POST", "/user/me/password", NEW_PASSWORD, "-  .P  .P  PPP  PP PP PP  xx"),
    ("GET", "/session/", "", "-  .P  .P  .P.  PP PP PP  xx"),
    ("DELETE", "/session/{session_id}", "", "-  nP  nP  .Pn  PP PP PP  xx"),
    ("DELETE", "/session/", "", "-  .P  .P  .P.  PP PP PP  xx"),
    ("GET", "/api-token/", "", "-  0P  0P  .P0  PP PP PP  xx"),
    ("POST", "/api-token/", r#"{"name": "script"}"#, "-  .P  .P  .P.  PP PP PP  xx"),
    ("DELETE", "/api-token/{api_token_id}", "", "-  nP  nP  .Pn  PP PP PP  xx"),
];

const LINK: &str = r#"{"link": "https://<new>.example", "tag": "<new>"}"#;
const LINK_FOR_OWNER: &str =
    r#"{"link": "https://<new>.example", "tag": "<new>", "account_id": "{account_id}"}"#;
const TAG_FOR_OWNER: &str = r#"{"tag": "<new>", "account_id": "{account_id}"}"#;
const TAGLINK_FOR_OWNER: &str =
    r#"{"tag_id": "{free_tag_id}", "link_id": "{link_id}", "account_id": "{account_id}"}"#;
const BATCH: &str = r#"{"mode": "independent", "operations": [{"op": "create_tag", "tag": "<new>"}]}"#;
const NEW_ACCOUNT: &str = r#"{"email": "<new>@example.org", "password": "a good password"}"#;
const NEW_USER: &str = r#"{"username": "<new>", "password": "a good password"}"#;
const NEW_PASSWORD: &str = r#"{"current_password": "<password>", "password": "<password>"}"#;

/// Requests after which their principal is not what it was.
const SPENDS: [(&str, &str); 4] = [
    ("DELETE", "/account/{account_id}"),
    ("POST", "/user/me/password"),
    ("DELETE", "/session/{session_id}"),
    ("DELETE", "/session/"),
];

/// Somebody who sends requests, and whose rows these are about.
struct Principal<'a> {
    /// Nothing for the anonymous one.
    client: Option<Client<'a>>,
    /// The login of the account that owns the rows.
    owner: Client<'a>,
}

impl<'a> Principal<'a> {
    /// A principal of this kind, a user or an account of its own. Owners own the rows that their requests are about; for
    /// others these are another account's.
    async fn new(app: &'a TestApp, kind: &str) -> Self {
        let own = app.account().await;
        let admin = async |scope: &str| {
            let name = unique("admin");
            app.add_admin(&name);
            Client::login(app, &name, scope).await
        };
        let client = match kind {
            "anonymous" => None,
            "plain" => Some(app.user().await),
            "plain, read" => Some(app.user().await.again("read").await),
            "admin" => Some(admin("admin").await),
            "admin, read" => Some(admin("admin read").await),
            "owner" => Some(own.at(app)),
            "owner, read" => Some(own.again("account read").await),
            "other account" => Some(app.account().await),
            "API token, plain" => Some(app.user().await.api_token("").await),
            "API token, plain, read" => Some(app.user().await.api_token("read").await),
            "API token, admin" => Some(admin("admin").await.api_token("admin").await),
            "API token, admin, read" => Some(admin("admin").await.api_token("admin read").await),
            "API token, owner" => Some(own.api_token("account").await),
            "API token, owner, read" => Some(own.api_token("account read").await),
            "expired" => {
                let expired = admin("admin").await;
                app.clock.advance(Duration::from_mins(31));
                Some(expired)
            }
            "revoked" => {
                let revoked = admin("admin").await;
                revoked.delete("/session/").await.expect_ok();
                Some(revoked)
            }
            other => panic!("{other}"),
        };
        // The clock may have been moved.
        let owner = if kind == "expired" { app.account().await } else { own };
        // So that lists of the owner's rows are not empty.
        owner.link("https://first.example", "first", None).await;
        owner.api_token("account").await;
        Self { client, owner }
    }

    /// The ids of fresh rows, as far as `wanted` names them.
    async fn rows(&self, app: &TestApp, wanted: &str) -> Vec<(&'static str, String)> {
        let mut ids = vec![("account_id", self.owner.id.clone())];
        if wanted.contains("link_id}") || wanted.contains("tag_id}") {
            let url = format!("https://{}.example", unique("link"));
            let (link_id, tag_id) = self.owner.link(&url, &unique("tag"), None).await;
            let free = self.owner.post("/tag/", &json!({"tag": unique("free")})).await.expect(200);
            ids.extend([("link_id", link_id), ("tag_id", tag_id), ("free_tag_id", text(&free["tag_id"]))]);
        }
        if wanted.contains("{user_id}") {
            ids.push(("user_id", app.add_plain_user(&unique("target"))));
        }
        if wanted.contains("{session_id}") {
            let sessions = self.owner.get("/session/").await.list();
            ids.push(("session_id", text(&sessions[0]["session_id"])));
        }
        if wanted.contains("{api_token_id}") {
            ids.push(("api_token_id", self.owner.api_token("account").await.id));
        }
        ids
    }
}

async fn every_route_lets_in_whom_the_table_names(app: &TestApp) {
    let mut principals = BTreeMap::new();
    // The expired one first, because it moves the clock.
    for kind in KINDS.iter().rev() {
        principals.insert(*kind, Principal::new(app, kind).await);
    }
    principals.insert("revoked", Principal::new(app, "revoked").await);
    for (method, path, sent, outcomes) in TABLE {
        let outcomes: Vec<char> = outcomes.chars().filter(|outcome| *outcome != ' ').collect();
        assert_eq!(outcomes.len(), KINDS.len(), "{method} {path}");
        for (kind, outcome) in KINDS.iter().zip(outcomes) {
            let principal = &principals[kind];
            let ids = principal.rows(app, &format!("{path}{sent}")).await;
            let mut request = request(app, method, path, sent, &ids);
            if let Some(client) = &principal.client {
                request = request.bearer(&client.token);
            }
            let context = format!("{method} {path} {sent} as {kind}");
            assert_outcome(&request.send().await, outcome, path, &ids, &context);
            if outcome == '.' && SPENDS.contains(&(method, path)) {
                principals.insert(*kind, Principal::new(app, kind).await);
            }
        }
    }
}

fn request(app: &TestApp, method: &str, path: &str, sent: &str, ids: &[(&str, String)]) -> Request {
    let filled = |text: &str| {
        let text = text.replace("<new>", &unique("new")).replace("<password>", PASSWORD);
        ids.iter().fold(text, |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
    };
    let method: Method = method.parse().unwrap();
    match sent.chars().next() {
        None => app.request(method, &filled(path)),
        Some('?') => app.request(method, &filled(&format!("{path}{sent}"))),
        Some('{' | '[') => {
            app.request(method, &filled(path)).json(&serde_json::from_str::<Value>(&filled(sent)).unwrap())
        }
        Some(_) => app
            .request(method, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(sent.to_owned()),
    }
}

fn assert_outcome(answer: &Answer, outcome: char, path: &str, ids: &[(&str, String)], context: &str) {
    let body = answer.json();
    let (status, detail, challenge) = match outcome {
        '.' | '0' => {
            assert_eq!(answer.status, 200, "{context}: {body}");
            let is_empty = body.as_array().is_some_and(Vec::is_empty);
            // Taglinks and such are removed whether or not there are any.
            assert_eq!(is_empty, outcome == '0', "{context}: {body}");
            return;
        }
        '-' => (401, "Not authenticated".to_owned(), "Bearer"),
        'x' => (401, "Could not validate credentials".to_owned(), "Bearer error=\"invalid_token\""),
        'P' => (401, "Not enough permissions".to_owned(), "Bearer error=\"insufficient_scope\""),
        'n' => (404, not_found(path, ids), ""),
        'N' => (404, "Not Found".to_owned(), ""),
        'r' => (422, "The account_id field is required for the admin scope".to_owned(), ""),
        's' => (422, "The account_id field should not be provided for account scope".to_owned(), ""),
        'c' => (422, "current_password: field required".to_owned(), ""),
        'T' if path == "/token/" => (401, "The refresh token is not valid".to_owned(), "Bearer"),
        'T' => (400, "The refresh token is not valid".to_owned(), ""),
        other => panic!("{other}"),
    };
    assert_eq!((answer.status, body["detail"].as_str()), (status, Some(detail.as_str())), "{context}");
    assert_eq!(answer.header("www-authenticate"), challenge, "{context}");
}

/// The text of the route for a row that is not there.
fn not_found(path: &str, ids: &[(&str, String)]) -> String {
    let name = path.split(['{', '}']).nth(1).unwrap();
    let (_, id) = ids.iter().find(|(known, _)| *known == name).unwrap();
    match name {
        "link_id" => format!("Link with link_id {id} not found"),
        "tag_id" => format!("Tag with tag_id {id} not found"),
        "account_id" => format!("Account with account_id '{id}' not found"),
        "session_id" => format!("Session with session_id '{id}' not found"),
        "api_token_id" => format!("API token with api_token_id '{id}' not found"),
        other => panic!("{other}"),
    }
}

#[test]
fn the_table_has_every_route_and_no_other() {
    let documented: BTreeSet<(String, &str)> = DOCUMENT["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.as_str()))
        })
        .collect();
    let in_table: BTreeSet<(String, &str)> =
        TABLE.iter().map(|(method, path, ..)| ((*method).to_owned(), *path)).collect();
    assert_eq!(in_table, documented);
}
