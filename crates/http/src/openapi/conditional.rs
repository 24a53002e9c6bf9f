//! Conditional requests, documented once.

use utoipa::openapi::ResponseBuilder;
use utoipa::{IntoParams, IntoResponses};

use super::responses::{Responses, collect, header, response};

/// The header of a change that wants to overwrite nobody.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header; `IfMatch` reads it")]
pub struct IfMatchHeader {
    /// The `ETag` of the object as it was read, with its quotes: if it has been changed since, the answer is 412.
    #[param(rename = "If-Match", nullable = false)]
    if_match: Option<String>,
}

/// The header of a read that may be spared.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header; the answer looks at it")]
pub struct IfNoneMatchHeader {
    /// The `ETag` of the object as it is known, with its quotes: if it is the same, the answer is 304.
    #[param(rename = "If-None-Match", nullable = false)]
    if_none_match: Option<String>,
}

/// What a read that may be spared can be answered with.
pub struct NotModified;

/// What a change that wants to overwrite nobody can be answered with.
pub struct WithIfMatch;

impl IntoResponses for NotModified {
    fn responses() -> Responses {
        let known = ResponseBuilder::new()
            .description("The client has it as it is (`If-None-Match`)")
            .header("ETag", header("Its version"));
        collect([(304, known)])
    }
}

impl IntoResponses for WithIfMatch {
    fn responses() -> Responses {
        let changed = response(
            412,
            "It has been changed since it was read (`If-Match`)",
            "precondition_failed",
            "It has been changed since it was read: read it again",
        );
        collect([(412, changed)])
    }
}
