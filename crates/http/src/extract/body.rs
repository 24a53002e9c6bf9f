//! Reading a body: bounded in size and in time.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderValue};
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use super::state;
use crate::error::ApiError;

/// Marks a request whose body was read to its end, so that its connection can be used for another.
pub(crate) struct BodyWasRead;

/// Reads the whole body.
///
/// # Errors
/// 413 above `limit` bytes, 408 if it does not arrive in time, 415 if it is compressed, 422 if it is cut off.
pub(super) async fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> Result<Bytes, ApiError> {
    let timeout = state(request)?.body_timeout;
    refuse_compressed(request)?;
    if announced_length(request)
        .is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit))
    {
        return Err(too_large(limit));
    }
    let body = web::Payload::from_request(request, payload)
        .await
        .map_err(|error| ApiError::internal(error.to_string()))?;
    match actix_web::rt::time::timeout(timeout, body.to_bytes_limited(limit)).await {
        Ok(Ok(Ok(bytes))) => {
            request.extensions_mut().insert(BodyWasRead);
            Ok(bytes)
        }
        Ok(Ok(Err(_))) => Err(incomplete()),
        Ok(Err(_)) => Err(too_large(limit)),
        Err(_) => Err(timed_out()),
    }
}

/// 415 for a body that would have to be decompressed.
pub(super) fn refuse_compressed(request: &HttpRequest) -> Result<(), ApiError> {
    if request.headers().get(CONTENT_ENCODING).is_some_and(|coding| !is_identity(coding)) {
        return Err(unsupported_media_type("compressed bodies are not supported"));
    }
    Ok(())
}

/// How long the body is said to be.
pub(super) fn announced_length(request: &HttpRequest) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// 422 for a body that was cut off.
pub(super) fn incomplete() -> ApiError {
    ApiError::unprocessable("body_incomplete", "The body is incomplete")
}

/// 408
pub(super) fn timed_out() -> ApiError {
    ApiError::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", "The body did not arrive in time")
}

/// Whether the body is said to be of this media type; parameters such as `charset` do not matter.
pub(super) fn is_of_type(request: &HttpRequest, media_type: &str) -> bool {
    request.content_type().trim().eq_ignore_ascii_case(media_type)
}

fn is_identity(coding: &HeaderValue) -> bool {
    coding.as_bytes().trim_ascii().is_empty() || coding.as_bytes().eq_ignore_ascii_case(b"identity")
}

/// 415, with the reason.
pub(super) fn unsupported_media_type(detail: &'static str) -> ApiError {
    ApiError::unsupported_media_type(detail)
}

/// 413
pub(super) fn too_large(limit: impl std::fmt::Display) -> ApiError {
    let detail = format!("The body must not be larger than {limit} bytes");
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}
