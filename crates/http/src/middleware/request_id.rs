//! Request ids: taken over from a proxy if they are well-formed, otherwise made here.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use taglink_domain::model::TokenId;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

/// The header that carries the id, in requests and in answers.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Names one request in the answer and in the log. Clones share its text.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    /// The id that the request brought, if it is 1 to 64 letters, digits and hyphens; else a fresh one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let is_well_formed = |id: &&HeaderValue| {
            (1..=64).contains(&id.len())
                && id.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        };
        Self(headers.get(HEADER).filter(is_well_formed).cloned().unwrap_or_else(fresh))
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(super) fn to_header(&self) -> HeaderValue {
        self.0.clone()
    }
}

fn fresh() -> HeaderValue {
    let mut text = [0; Hyphenated::LENGTH];
    let text = Uuid::from(TokenId::new()).hyphenated().encode_lower(&mut text);
    // Its characters are those of a header.
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}
