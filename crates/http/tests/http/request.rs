//! A client that knows the OpenAPI document: it checks that each answer is documented.

use std::sync::LazyLock;

use reqwest::{Method, header};
use serde_json::Value;

/// The document as it is committed.
pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../../openapi.json")).unwrap());

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// A request in the making.
pub(crate) struct Request {
    method: Method,
    path: String,
    builder: reqwest::RequestBuilder,
}

impl Request {
    pub(crate) fn new(method: Method, path: &str, builder: reqwest::RequestBuilder) -> Self {
        Self { method, path: path.to_owned(), builder }
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self { builder: self.builder.header(name, value), ..self }
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        Self { builder: self.builder.json(body), ..self }
    }

    pub(crate) fn form(self, pairs: &[(&str, &str)]) -> Self {
        Self { builder: self.builder.form(pairs), ..self }
    }

    pub(crate) fn body(self, body: impl Into<reqwest::Body>) -> Self {
        Self { builder: self.builder.body(body), ..self }
    }

    /// Sends it, and checks that the OpenAPI document knows this answer.
    pub(crate) async fn send(self) -> Answer {
        let response = self.builder.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap();
        let answer = Answer { status, headers, body: body.to_vec() };
        assert_documented(&self.method, &self.path, &answer);
        answer
    }
}

/// The operation of the document that a request is for.
pub(crate) fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next().unwrap();
    let path = path.strip_suffix('/').unwrap_or(path);
    let segments: Vec<&str> = path.split('/').collect();
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let matching = paths.iter().filter(|(template, _)| {
        let template: Vec<&str> = template.trim_end_matches('/').split('/').collect();
        template.len() == segments.len()
            && template.iter().zip(&segments).all(|(known, given)| known == given || known.starts_with('{'))
    });
    // `/user/me` is not the user whose id is "me".
    let (_, item) = matching.min_by_key(|(template, _)| template.matches('{').count())?;
    item.get(method.as_str().to_lowercase())
}

fn assert_documented(method: &Method, path: &str, answer: &Answer) {
    let Some(operation) = operation(method, path) else { return };
    let documented = &operation["responses"][answer.status.to_string()];
    assert!(!documented.is_null(), "{method} {path}: {} is not documented", answer.status);
    let Some(content) = documented["content"].as_object() else {
        assert!(answer.body.is_empty(), "{method} {path}: {} with a body is not documented", answer.status);
        return;
    };
    let media_type = answer.header("content-type").split(';').next().unwrap().to_owned();
    assert!(
        content.contains_key(&media_type),
        "{method} {path}: {} as {media_type} is not documented",
        answer.status
    );
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header's value, empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// Checks that this is a problem of this status and text, well-formed in every member.
    #[track_caller]
    pub(crate) fn expect_problem(&self, status: u16, detail: &str) -> Value {
        assert_eq!(self.json()["detail"], detail);
        assert_eq!(self.header("content-type"), "application/problem+json");
        self.expect_members_of_a_problem(status)
    }

    /// Checks that this is an error of an endpoint of OAuth2: plain JSON that nobody keeps.
    #[track_caller]
    pub(crate) fn expect_oauth_error(&self, status: u16, error: &str, detail: &str) -> Value {
        let body = self.expect_members_of_a_problem(status);
        assert_eq!(body["error"], error, "{body}");
        assert_eq!((&body["detail"], &body["error_description"]), (&detail.into(), &detail.into()));
        assert_eq!(self.header("content-type"), "application/json");
        body
    }

    #[track_caller]
    fn expect_members_of_a_problem(&self, status: u16) -> Value {
        let problem = self.expect(status);
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], "about:blank");
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        for member in ["title", "code", "detail"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member} in {problem}");
        }
        problem
    }

    /// Checks that this is `"OK"`.
    #[track_caller]
    pub(crate) fn expect_ok(&self) {
        assert_eq!(self.expect(200), "OK");
    }

    /// The list in an answer with the status 200.
    #[track_caller]
    pub(crate) fn list(&self) -> Vec<Value> {
        self.expect(200).as_array().unwrap().clone()
    }

    /// Everything that a client sees, apart from what differs by nature: the request's id and the time.
    pub(crate) fn comparable(&self) -> (u16, Vec<(String, String)>, String) {
        let id = self.header("x-request-id").to_owned();
        let mut headers: Vec<(String, String)> = self
            .headers
            .iter()
            .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        headers.sort();
        (self.status, headers, String::from_utf8(self.body.clone()).unwrap().replace(&id, "<request id>"))
    }

    /// Where the next page is, by the header `Link`.
    pub(crate) fn next(&self) -> Option<String> {
        let (target, relation) = self.header("link").split_once(">; ")?;
        assert_eq!(relation, "rel=\"next\"");
        Some(target.trim_start_matches('<').to_owned())
    }
}
