//! JSON answers.

use actix_web::body::BoxBody;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use crate::error::ApiError;

/// Completes an answer with an object as JSON, of about `bytes` bytes.
pub(crate) fn json(
    response: &mut HttpResponseBuilder,
    object: &impl Serialize,
    bytes: usize,
) -> HttpResponse<BoxBody> {
    let mut body = Vec::with_capacity(bytes);
    match serde_json::to_writer(&mut body, object) {
        Ok(()) => {
            let media_type = HeaderValue::from_static("application/json");
            response.insert_header((CONTENT_TYPE, media_type)).body(body)
        }
        Err(error) => HttpResponse::from_error(ApiError::internal(error.to_string())),
    }
}
