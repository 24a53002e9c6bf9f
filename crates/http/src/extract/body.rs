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
    if request.headers().get(CONTENT_ENCODING).is_some_and(|coding| !is_identity(coding)) {
        return Err(unsupported_media_type("compressed bodies are not supported"));
    }
    let announced =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| usize::try_from(length).map_or(true, |length| length > limit)) {
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
        Ok(Ok(Err(_))) => Err(ApiError::unprocessable("body_incomplete", "The body is incomplete")),
        Ok(Err(_)) => Err(too_large(limit)),
        Err(_) => {
            Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", "The body did not arrive in time"))
        }
    }
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
    ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
}

fn too_large(limit: usize) -> ApiError {
    let detail = format!("The body must not be larger than {limit} bytes");
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}
