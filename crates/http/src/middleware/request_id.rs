//! Request ids: taken over from a proxy if they are well-formed, otherwise made here.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use taglink_domain::model::TokenId;

/// The header that carries the id, in requests and in answers.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Names one request in the answer and in the log.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(String);

impl RequestId {
    /// The id that the request brought, if it is 1 to 64 letters, digits and hyphens; else a fresh one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let brought = headers.get(HEADER).and_then(|value| value.to_str().ok());
        let is_well_formed = |id: &&str| {
            (1..=64).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        Self(brought.filter(is_well_formed).map_or_else(|| TokenId::new().to_string(), str::to_owned))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn to_header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}
