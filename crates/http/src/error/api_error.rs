//! What a request can fail with. The text is for the client; the cause is for the log.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};

use super::problem::{FieldError, MEDIA_TYPE, Problem};

/// A failed request: status, machine-readable code and text, and the headers that belong to it.
///
#[derive(Clone, Debug)]
pub struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) detail: Cow<'static, str>,
    pub(crate) errors: Vec<FieldError>,
    /// How many characters of the value stand before the place that is wrong.
    pub(crate) at: Option<usize>,
    /// The `error` of an OAuth2 error response (RFC 6749, 5.2).
    pub(crate) oauth: Option<&'static str>,
    /// Why it happened; never shown to the client.
    pub(crate) cause: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
    media_type: &'static str,
    /// Whose request failed; told by the middleware that knows.
    request_id: String,
}

impl ApiError {
    /// An error of this status, with nothing more to say.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            at: None,
            oauth: None,
            cause: None,
            headers: Vec::new(),
            media_type: MEDIA_TYPE,
            request_id: String::new(),
        }
    }

    /// 404 for a row that is missing.
    pub fn not_found(code: &'static str, detail: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    /// 404 for a path that is none.
    #[must_use]
    pub fn unknown_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "Not Found")
    }

    /// 405; `allow` lists the methods that the path has.
    pub fn method_not_allowed(allow: HeaderValue) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method Not Allowed")
            .with_header(header::ALLOW, allow)
    }

    /// 409 for something that exists already.
    pub fn conflict(code: &'static str, detail: String) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 410 for something that was there and is not kept any more.
    pub fn gone(code: &'static str, detail: String) -> Self {
        Self::new(StatusCode::GONE, code, detail)
    }

    /// 415, with the reason.
    #[must_use]
    pub fn unsupported_media_type(detail: &'static str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
    }

    /// 422 for a request that is understood but makes no sense.
    pub fn unprocessable(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// 422 with the places that are wrong; the text joins them.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        Self { errors, ..Self::unprocessable("validation_failed", detail) }
    }

    /// Points at a character of the value that is wrong.
    #[must_use]
    pub fn at_character(self, at: Option<usize>) -> Self {
        Self { at, ..self }
    }

    /// 422 for a rule with a code of its own: the text is that of the place that breaks it.
    #[must_use]
    pub fn broken_rule(code: &'static str, error: FieldError) -> Self {
        Self { errors: vec![error.clone()], ..Self::unprocessable(code, error.msg) }
    }

    /// 424 for an operation of a batch that was not done because another failed (RFC 4918, 11.4).
    #[must_use]
    pub fn failed_dependency() -> Self {
        let detail = "Another operation failed, so this one was not done";
        Self::new(StatusCode::FAILED_DEPENDENCY, "failed_dependency", detail)
    }

    /// 401 for a request without a bearer token (RFC 6750, 3).
    #[must_use]
    pub fn not_authenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_authenticated", "Not authenticated").with_challenge("Bearer")
    }

    /// 401 for a bearer token that is not good.
    #[must_use]
    pub fn invalid_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_token", "Could not validate credentials")
            .with_challenge("Bearer error=\"invalid_token\"")
    }

    /// 401 for a bearer token that is good, but not for this (the tutorial's choice; RFC 6750, 3.1 has 403).
    #[must_use]
    pub fn insufficient_scope() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "insufficient_scope", "Not enough permissions")
            .with_challenge("Bearer error=\"insufficient_scope\"")
    }

    /// 429 that says when to come back.
    #[must_use]
    pub fn too_many_failures(detail: String, retry_after: Duration) -> Self {
        let seconds = retry_after.as_secs().saturating_add(1);
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_failures", detail)
            .with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// 503 that asks to come back in a second.
    pub fn unavailable(code: &'static str, detail: &'static str, cause: String) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
            .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
            .because(cause)
    }

    /// 500; only the log says why.
    pub fn internal(cause: String) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Internal Server Error").because(cause)
    }

    /// The error of an extractor whose failure the handler deals with.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
    pub fn from_extractor(error: actix_web::Error) -> Self {
        error.as_error::<Self>().cloned().unwrap_or_else(|| Self::internal(error.to_string()))
    }

    /// The same, for an operation of a batch.
    #[must_use]
    pub fn of_operation(mut self, index: usize) -> Self {
        self.errors = self.errors.into_iter().map(|error| error.of_operation(index)).collect();
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Adds a `WWW-Authenticate` challenge (RFC 9110, 11.6.1).
    #[must_use]
    pub fn with_challenge(self, challenge: &'static str) -> Self {
        self.with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }

    /// Adds the error code that OAuth2 clients look for.
    #[must_use]
    pub fn with_oauth(mut self, error: &'static str) -> Self {
        self.oauth = Some(error);
        self
    }

    /// Forbids to keep the answer (RFC 6749, 5.1).
    #[must_use]
    pub fn not_stored(self) -> Self {
        self.with_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
            .with_header(header::PRAGMA, HeaderValue::from_static("no-cache"))
    }

    /// The same error as RFC 6749, 5.2 wants it: 400 for whatever the client did wrong, and plain JSON. The members of a
    /// problem stay, which the RFC allows.
    #[must_use]
    pub fn into_oauth_error(mut self) -> Self {
        let is_refusal =
            [StatusCode::UNAUTHORIZED, StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNSUPPORTED_MEDIA_TYPE];
        if is_refusal.contains(&self.status) {
            self.status = StatusCode::BAD_REQUEST;
            self.headers.retain(|(name, _)| name != header::WWW_AUTHENTICATE);
        }
        if self.oauth.is_none() {
            let is_ours = self.status.is_server_error();
            self.oauth = Some(if is_ours { "server_error" } else { "invalid_request" });
        }
        self.media_type = "application/json";
        self
    }

    /// Names the request that failed.
    #[must_use]
    pub(crate) fn of_request(mut self, id: &str) -> Self {
        id.clone_into(&mut self.request_id);
        if let Ok(id) = HeaderValue::from_str(id) {
            self = self.with_header(HeaderName::from_static("x-request-id"), id);
        }
        self
    }

    fn because(mut self, cause: String) -> Self {
        self.cause = Some(cause);
        self
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        for (name, value) in &self.headers {
            response.append_header((name.clone(), value.clone()));
        }
        response.content_type(self.media_type).json(Problem::new(self, &self.request_id))
    }
}
