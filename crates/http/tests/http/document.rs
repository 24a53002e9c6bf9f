//! The OpenAPI document: it is what is committed, and it is true.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{DOCUMENT, TestApp};

#[tokio::test]
async fn the_served_document_is_the_committed_one() {
    let app = TestApp::sqlite();
    let answer = app.request(Method::GET, "/openapi.json").send().await;
    let served = answer.expect(200);
    assert_eq!(served, *DOCUMENT, "run `make openapi` and commit openapi.json");
    assert_eq!(served["openapi"].as_str().unwrap().split('.').take(2).collect::<Vec<_>>(), ["3", "1"]);
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

/// A request for each operation that succeeds in this order.
const EXERCISES: [(&str, Method, &str); 14] = [
    ("live", Method::GET, "/health/live"),
    ("ready", Method::GET, "/health/ready"),
    ("create_token", Method::POST, "/token/"),
    ("create_link", Method::POST, "/link/"),
    ("create_tag", Method::POST, "/tag/"),
    ("create_taglink", Method::POST, "/taglink/"),
    ("list_links", Method::GET, "/link/"),
    ("list_tags", Method::GET, "/tag/"),
    ("list_taglinks", Method::GET, "/taglink/"),
    ("get_link", Method::GET, "/link/{link_id}"),
    ("get_tag", Method::GET, "/tag/{tag_id}"),
    ("delete_taglinks", Method::DELETE, "/taglink/?link_id={link_id}"),
    ("delete_link", Method::DELETE, "/link/{link_id}"),
    ("delete_tag", Method::DELETE, "/tag/{tag_id}"),
];

#[tokio::test]
async fn every_operation_does_what_the_document_says() {
    let app = TestApp::sqlite();
    let (mut link, mut tag) = (String::new(), String::new());
    for (operation_id, method, path) in EXERCISES {
        let operation =
            crate::app::operation(&method, path).unwrap_or_else(|| panic!("{path} is not documented"));
        assert_eq!(operation["operationId"], operation_id);
        let path = path.replace("{link_id}", &link).replace("{tag_id}", &tag);
        let body = match operation_id {
            "create_link" => example("NewLink"),
            "create_tag" => json!({"tag": "another"}),
            "create_taglink" => json!({"tag_id": tag, "link_id": link}),
            _ => Value::Null,
        };
        let mut request = app.request(method, &path).bearer(app.token().await);
        request = match operation_id {
            "create_token" => {
                request.form(&[("username", crate::app::USERNAME), ("password", crate::app::PASSWORD)])
            }
            _ if !body.is_null() => request.json(&body),
            _ => request,
        };
        let answer = request.send().await.expect(200);
        assert_matches(&operation["responses"]["200"]["content"]["application/json"]["schema"], &answer);
        match operation_id {
            "create_link" => answer["link_id"].as_str().unwrap().clone_into(&mut link),
            "create_tag" => answer["tag_id"].as_str().unwrap().clone_into(&mut tag),
            _ => {}
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

/// The example of a request body, as Swagger UI offers it.
fn example(name: &str) -> Value {
    schema(name)["example"].clone()
}

/// Checks an answer against what its schema says of members and types.
fn assert_matches(schema_of: &Value, value: &Value) {
    if let Some(reference) = schema_of["$ref"].as_str() {
        return assert_matches(schema(reference.rsplit('/').next().unwrap()), value);
    }
    match schema_of["type"].as_str().unwrap_or_default() {
        "array" => {
            for item in value.as_array().unwrap() {
                assert_matches(&schema_of["items"], item);
            }
        }
        "object" => {
            let members = schema_of["properties"].as_object().unwrap();
            for (member, value) in value.as_object().unwrap() {
                assert_matches(
                    members.get(member).unwrap_or_else(|| panic!("{member} is not documented")),
                    value,
                );
            }
            for required in schema_of["required"].as_array().unwrap() {
                assert!(value.get(required.as_str().unwrap()).is_some(), "{required} is missing in {value}");
            }
        }
        "string" => assert!(value.is_string(), "{value}"),
        "integer" => assert!(value.is_i64(), "{value}"),
        other => panic!("unexpected type {other:?} in {schema_of}"),
    }
}
