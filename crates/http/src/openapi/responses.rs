//! Answers that whole groups of operations can give, documented once.

use std::collections::BTreeMap;

use serde_json::{Value, to_value};
use utoipa::IntoResponses;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use crate::error::{PROBLEM_MEDIA_TYPE, Problem};

/// What any request can be answered with.
pub struct Anyone;

/// What a request to an endpoint of OAuth2 can be answered with: the same, as plain JSON.
pub struct OAuthClient;

/// What a request that needs a bearer token can be answered with.
pub struct Authenticated;

/// What a request with a JSON body can be answered with.
pub struct WithJsonBody;

pub(super) type Responses = BTreeMap<String, RefOr<Response>>;

impl IntoResponses for Anyone {
    fn responses() -> Responses {
        let invalid = response(
            422,
            "The path or the query is not valid",
            "validation_failed",
            "the query is not valid UTF-8",
        );
        let mut responses = failures(PROBLEM_MEDIA_TYPE);
        responses.extend(collect([(422, invalid)]));
        responses
    }
}

impl IntoResponses for OAuthClient {
    fn responses() -> Responses {
        let mut responses = Anyone::responses();
        responses.extend(failures("application/json"));
        responses
    }
}

impl IntoResponses for Authenticated {
    fn responses() -> Responses {
        let refused = response(
            401,
            "The bearer token is missing or not good",
            "not_authenticated",
            "Not authenticated",
        )
        .header("WWW-Authenticate", header("The challenge (RFC 6750)"));
        let mut responses = Anyone::responses();
        responses.extend(collect([(401, refused)]));
        responses
    }
}

impl IntoResponses for WithJsonBody {
    fn responses() -> Responses {
        collect([
            (
                408,
                response(
                    408,
                    "The body did not arrive in time",
                    "body_timeout",
                    "The body did not arrive in time",
                ),
            ),
            (
                413,
                response(
                    413,
                    "The body is too large",
                    "body_too_large",
                    "The body must not be larger than 65536 bytes",
                ),
            ),
            (
                415,
                response(
                    415,
                    "The body is not JSON",
                    "unsupported_media_type",
                    "The body must be application/json",
                ),
            ),
        ])
    }
}

/// The example of a problem.
#[must_use]
pub fn problem(status: u16, code: &'static str, detail: &str) -> Value {
    to_value(Problem::example(status, code, detail)).unwrap_or_default()
}

/// What the service itself can fail with.
fn failures(media_type: &str) -> Responses {
    let busy = response_of(
        media_type,
        503,
        "The service or its database is busy or away; try again",
        "busy",
        "The service is busy, please try again",
    )
    .header("Retry-After", header("After how many seconds to try again"));
    let failed = response_of(
        media_type,
        500,
        "The service failed; its log tells why",
        "internal_error",
        "Internal Server Error",
    );
    collect([(500, failed), (503, busy)])
}

pub(super) fn response(status: u16, description: &str, code: &'static str, detail: &str) -> ResponseBuilder {
    response_of(PROBLEM_MEDIA_TYPE, status, description, code, detail)
}

fn response_of(
    media_type: &str,
    status: u16,
    description: &str,
    code: &'static str,
    detail: &str,
) -> ResponseBuilder {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .example(Some(problem(status, code, detail)))
        .build();
    ResponseBuilder::new().description(description).content(media_type, content)
}

pub(super) fn header(description: &str) -> utoipa::openapi::header::Header {
    let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).build();
    HeaderBuilder::new().schema(Some(text)).description(Some(description)).build()
}

pub(super) fn collect<const N: usize>(responses: [(u16, ResponseBuilder); N]) -> Responses {
    responses.map(|(status, response)| (status.to_string(), RefOr::T(response.build()))).into()
}
