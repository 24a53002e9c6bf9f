//! The OpenAPI document: it is what is committed, and it is true.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};
use taglink_repository::Backend;

use crate::app::{Client, DOCUMENT, PASSWORD, TestApp, USERNAME, text};

#[tokio::test]
async fn the_served_document_is_the_committed_one() {
    let app = TestApp::sqlite();
    let answer = app.request(Method::GET, "/openapi.json").send().await;
    let served = answer.expect(200);
    assert_eq!(served, *DOCUMENT, "run `make openapi` and commit openapi.json");
    assert_eq!(served["openapi"].as_str().unwrap().split('.').take(2).collect::<Vec<_>>(), ["3", "1"]);
}

#[test]
fn what_may_be_left_out_is_not_filled_in_by_swagger_ui() {
    let items = DOCUMENT["paths"].as_object().unwrap().values();
    let operations = items.flat_map(|item| item.as_object().unwrap().values());
    let parameters =
        operations.flat_map(|operation| operation["parameters"].as_array().into_iter().flatten());
    let optional: Vec<&Value> = parameters.filter(|parameter| parameter["required"] != true).collect();
    assert!(optional.len() > 20);
    for parameter in optional {
        for member in [&parameter["example"], &parameter["examples"], &parameter["schema"]["example"]] {
            assert!(member.is_null(), "an example becomes what is sent: {parameter}");
        }
    }
}

#[tokio::test]
async fn plain_docs_lead_to_swagger_ui() {
    let app = TestApp::sqlite();
    let answer = app.request(Method::GET, "/docs").send().await;
    assert_eq!((answer.status, answer.header("location")), (308, "docs/"));
    let answer = app.request(Method::GET, "/docs/").send().await;
    assert_eq!(answer.status, 200);
    assert!(String::from_utf8(answer.body).unwrap().contains("swagger-ui"));
}

/// A request for each operation that succeeds in this order: with which scope, if it needs a login, and what it sends.
/// Ids are those that earlier answers held.
const EXERCISES: [(&str, Method, &str, Option<&str>, Body); 46] = [
    ("live", Method::GET, "/health/live", None, Body::None),
    ("ready", Method::GET, "/health/ready", None, Body::None),
    (
        "describe_authorization_server",
        Method::GET,
        "/.well-known/oauth-authorization-server",
        None,
        Body::None,
    ),
    ("create_token", Method::POST, "/token/", None, Body::Login),
    ("create_oauth_token", Method::POST, "/oauth/token", None, Body::Login),
    ("create_link", Method::POST, "/link/", Some(""), Body::Example("NewLink")),
    ("create_tag", Method::POST, "/tag/", Some(""), Body::Text(r#"{"tag": "another"}"#)),
    (
        "create_taglink",
        Method::POST,
        "/taglink/",
        Some(""),
        Body::Text(r#"{"tag_id": "{tag_id}", "link_id": "{link_id}"}"#),
    ),
    ("list_links", Method::GET, "/link/", Some(""), Body::None),
    ("list_link_facets", Method::GET, "/link/facets?q=-nothing", Some(""), Body::None),
    ("list_tags", Method::GET, "/tag/", Some(""), Body::None),
    ("list_taglinks", Method::GET, "/taglink/", Some(""), Body::None),
    ("list_changes", Method::GET, "/change/", Some(""), Body::None),
    ("get_link", Method::GET, "/link/{link_id}", Some(""), Body::None),
    ("get_tag", Method::GET, "/tag/{tag_id}", Some(""), Body::None),
    ("change_link", Method::PATCH, "/link/{link_id}", Some(""), Body::Example("LinkChange")),
    ("set_link_tags", Method::PUT, "/link/{link_id}/tags", Some(""), Body::Example("LinkTags")),
    ("rename_tag", Method::PATCH, "/tag/{tag_id}", Some(""), Body::Example("TagChange")),
    ("look_up_links", Method::POST, "/link/lookup", Some("read"), Body::Example("LookUp")),
    ("merge_tags", Method::POST, "/tag/{tag_id}/merge", Some(""), Body::Merge),
    ("delete_unused_tags", Method::DELETE, "/tag/?unused=true", Some(""), Body::None),
    ("export_links", Method::GET, "/export", Some(""), Body::None),
    (
        "import_links",
        Method::POST,
        "/import",
        Some(""),
        Body::Text(
            r#"[{"href": "https://www.example.com/imported", "tags": "example"}, {"href": "nothing"}]"#,
        ),
    ),
    ("delete_taglinks", Method::DELETE, "/taglink/?link_id={link_id}", Some(""), Body::None),
    ("delete_link", Method::DELETE, "/link/{link_id}", Some(""), Body::None),
    ("delete_tag", Method::DELETE, "/tag/{tag_id}", Some(""), Body::None),
    ("run_batch", Method::POST, "/batch/", Some(""), Body::Example("Batch")),
    ("list_accounts", Method::GET, "/account/", Some("admin"), Body::None),
    ("create_account", Method::POST, "/account/", Some("admin"), Body::Example("NewAccount")),
    ("get_account", Method::GET, "/account/{account_id}", Some("admin"), Body::None),
    ("change_account", Method::PATCH, "/account/{account_id}", Some("admin"), Body::Example("AccountChange")),
    ("delete_account", Method::DELETE, "/account/{account_id}", Some("admin"), Body::None),
    ("list_users", Method::GET, "/user/", Some("admin"), Body::None),
    ("create_user", Method::POST, "/user/", Some("admin"), Body::Example("NewUser")),
    ("get_user", Method::GET, "/user/{user_id}", Some("admin"), Body::None),
    ("change_user", Method::PATCH, "/user/{user_id}", Some("admin"), Body::Example("UserChange")),
    ("delete_user", Method::DELETE, "/user/{user_id}", Some("admin"), Body::None),
    ("get_own_user", Method::GET, "/user/me", Some(""), Body::None),
    ("create_api_token", Method::POST, "/api-token/", Some(""), Body::Example("NewApiToken")),
    ("list_api_tokens", Method::GET, "/api-token/", Some(""), Body::None),
    ("revoke_api_token", Method::DELETE, "/api-token/{api_token_id}", Some(""), Body::None),
    ("list_sessions", Method::GET, "/session/", Some(""), Body::None),
    ("end_session", Method::DELETE, "/session/{session_id}", Some(""), Body::None),
    ("end_sessions", Method::DELETE, "/session/", Some(""), Body::None),
    ("revoke_oauth_token", Method::POST, "/oauth/revoke", None, Body::Form(&[("token", "unknown")])),
    // The last one, because it ends whatever was given out before.
    ("change_own_password", Method::POST, "/user/me/password", Some(""), Body::NewPassword),
];

/// What an exercise sends.
enum Body {
    None,
    /// JSON, with the names of ids in it.
    Text(&'static str),
    /// The example of a schema, as Swagger UI offers it.
    Example(&'static str),
    Form(&'static [(&'static str, &'static str)]),
    Login,
    /// A tag that is made for it.
    Merge,
    NewPassword,
}

#[tokio::test]
async fn every_operation_does_what_the_document_says() {
    let settings = [("TAGLINK__SERVER__PUBLIC_URL", "https://links.example.org")];
    let app = TestApp::with_settings(Backend::Sqlite, &settings);
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for (operation_id, method, path, scope, body) in EXERCISES {
        let operation =
            crate::app::operation(&method, path).unwrap_or_else(|| panic!("{path} is not documented"));
        assert_eq!(operation["operationId"], operation_id);
        let with_ids = |text: &str| {
            ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
        };
        let mut request = app.request(method, &with_ids(path));
        if let Some(scope) = scope {
            // A login for each, because some end the session that they use.
            request = request.bearer(&Client::login(&app, USERNAME, scope).await.token);
        }
        request = match body {
            Body::None => request,
            Body::Text(text) => request.json(&serde_json::from_str(&with_ids(text)).unwrap()),
            Body::Example(name) => request.json(&schema(name)["example"]),
            Body::Form(pairs) => request.form(pairs),
            Body::Login => {
                request.form(&[("grant_type", "password"), ("username", USERNAME), ("password", PASSWORD)])
            }
            Body::Merge => {
                let source = app.post("/tag/", &json!({"tag": "merged"})).await.expect(200);
                request.json(&json!({"source_ids": [source["tag_id"]]}))
            }
            Body::NewPassword => {
                request.json(&json!({"current_password": PASSWORD, "password": "another password"}))
            }
        };
        let answer = request.send().await.expect(200);
        assert_matches(&operation["responses"]["200"]["content"]["application/json"]["schema"], &answer);
        let members = answer.get(0).unwrap_or(&answer).as_object().into_iter().flatten();
        for (name, id) in members.filter(|(name, _)| name.ends_with("_id")) {
            ids.insert(name.clone(), text(id));
        }
    }
    let exercised: BTreeSet<&str> = EXERCISES.iter().map(|(id, ..)| *id).collect();
    let items =
        DOCUMENT["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let documented: BTreeSet<&str> =
        items.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(exercised, documented, "an operation is documented and not exercised, or the other way round");
}

fn schema(name: &str) -> &'static Value {
    &DOCUMENT["components"]["schemas"][name]
}

/// What a schema says of an object: its members, and which of them must be there.
fn members(schema_of: &Value) -> (BTreeMap<String, Value>, Vec<String>) {
    if let Some(reference) = schema_of["$ref"].as_str() {
        return members(schema(reference.rsplit('/').next().unwrap()));
    }
    let mut all = BTreeMap::new();
    let mut required = Vec::new();
    for part in schema_of["allOf"].as_array().into_iter().flatten() {
        let (members, needed) = members(part);
        all.extend(members);
        required.extend(needed);
    }
    let own = schema_of["properties"].as_object().into_iter().flatten();
    all.extend(own.map(|(name, schema)| (name.clone(), schema.clone())));
    required.extend(schema_of["required"].as_array().into_iter().flatten().map(text));
    (all, required)
}

/// Checks an answer against what its schema says of members and types.
fn assert_matches(schema_of: &Value, value: &Value) {
    let reference = schema_of["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    let schema_of = match reference {
        Some(name) => schema(name),
        None => schema_of,
    };
    if let Some(choices) = schema_of["oneOf"].as_array() {
        let meant = choices.iter().find(|choice| is_meant(choice, value));
        return assert_matches(meant.unwrap_or_else(|| panic!("{value} is none of {schema_of}")), value);
    }
    match value {
        Value::Array(items) => {
            assert_is(schema_of, "array");
            for item in items {
                assert_matches(&schema_of["items"], item);
            }
        }
        Value::Object(object) => {
            let (members, required) = members(schema_of);
            for (member, value) in object {
                let documented = members.get(member);
                assert_matches(documented.unwrap_or_else(|| panic!("{member} is not documented")), value);
            }
            for member in required {
                assert!(object.contains_key(&member), "{member} is missing in {value}");
            }
        }
        Value::String(_) | Value::Bool(_) | Value::Number(_) | Value::Null => {
            assert_is(schema_of, json_type(value));
        }
    }
}

/// Whether a schema of several is the one for this value.
fn is_meant(schema_of: &Value, value: &Value) -> bool {
    let Some(object) = value.as_object() else { return schema_of["type"] == json_type(value) };
    let (members, required) = members(schema_of);
    object.keys().all(|member| members.contains_key(member))
        && required.iter().all(|member| object.contains_key(member))
}

/// What a schema calls the type of a value.
fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::Null => "null",
    }
}

/// Checks that the schema allows this type.
fn assert_is(schema_of: &Value, name: &str) {
    let allowed = match &schema_of["type"] {
        Value::Array(types) => types.iter().any(|one| one == name),
        one => one == name,
    };
    assert!(allowed, "no {name} is documented: {schema_of}");
}
