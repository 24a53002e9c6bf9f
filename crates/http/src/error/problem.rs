//! The shape of every error: problem details for HTTP APIs (RFC 9457).

use std::fmt;

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::ApiError;

/// The media type of [`Problem`].
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the title says what the status means, the code which case it is.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// What the status means.
    #[schema(example = "Not Found")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 404)]
    status: u16,
    /// What went wrong, for people.
    #[schema(example = "Not Found")]
    detail: String,
    /// What went wrong, for programs.
    #[schema(example = "not_found")]
    code: &'static str,
    /// Names this request in the log of the service.
    #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
    request_id: String,
    /// The places in the request that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
    /// How many characters of `q` stand before the place that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 5)]
    at: Option<usize>,
    /// The error code of RFC 6749, on answers of the token endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<&'static str>,
    /// The same text as `detail`, on answers of the token endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error_description: Option<String>,
}

/// A place in the request that is wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// Where: `body`, `query` or `header`, then the name of the member, parameter or header.
    #[schema(example = json!(["body", "tag"]))]
    pub(crate) loc: Vec<String>,
    /// What is wrong with it.
    #[schema(example = "field required")]
    pub(crate) msg: String,
    /// Which rule is broken.
    #[serde(rename = "type")]
    #[schema(example = "missing")]
    pub(crate) kind: &'static str,
}

impl FieldError {
    /// A member of the body that breaks the rule `kind`.
    pub(crate) fn body(field: &str, kind: &'static str, msg: &(impl ToString + ?Sized)) -> Self {
        Self { loc: vec!["body".into(), field.into()], msg: msg.to_string(), kind }
    }

    /// A body that breaks the rule `kind` as a whole.
    pub(crate) fn whole_body(kind: &'static str, msg: &(impl ToString + ?Sized)) -> Self {
        Self { loc: vec!["body".into()], msg: msg.to_string(), kind }
    }

    /// The idempotency key breaks the rule `kind`.
    pub(crate) fn idempotency_key(kind: &'static str, msg: &(impl ToString + ?Sized)) -> Self {
        Self { loc: vec!["header".into(), "Idempotency-Key".into()], msg: msg.to_string(), kind }
    }

    /// The same, for an error in an operation of a batch.
    pub(crate) fn of_operation(self, index: usize) -> Self {
        let within = self.loc.into_iter().skip(1);
        let loc = ["body".into(), "operations".into(), index.to_string()].into_iter().chain(within).collect();
        Self { loc, ..self }
    }

    /// A parameter of the query that breaks the rule `kind`.
    pub(crate) fn query(parameter: &str, kind: &'static str, msg: &(impl ToString + ?Sized)) -> Self {
        Self { loc: vec!["query".into(), parameter.into()], msg: msg.to_string(), kind }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.loc.get(1) {
            // Messages about values name their subject themselves.
            Some(field) if !self.msg.starts_with(&format!("{field} ")) => write!(f, "{field}: {}", self.msg),
            _ => f.write_str(&self.msg),
        }
    }
}

impl Problem {
    /// The problem that tells of an error.
    pub(crate) fn new(error: &ApiError, request_id: &str) -> Self {
        Self {
            errors: error.errors.clone(),
            at: error.at,
            error: error.oauth,
            error_description: error.oauth.map(|_| error.detail.clone().into_owned()),
            ..Self::of_status(error.status, error.code, error.detail.clone().into_owned(), request_id)
        }
    }

    /// An example for the documentation.
    pub(crate) fn example(status: u16, code: &'static str, detail: &str) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or_default();
        Self::of_status(status, code, detail.into(), "018f3b1e-7c1a-7def-8a1b-0123456789ab")
    }

    fn of_status(status: StatusCode, code: &'static str, detail: String, request_id: &str) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail,
            code,
            request_id: request_id.to_owned(),
            errors: Vec::new(),
            at: None,
            error: None,
            error_description: None,
        }
    }
}
