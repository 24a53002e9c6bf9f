//! The outermost layer: request id, security headers, and one log line for each request.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage};

use super::client;
use super::compression::compress;
use super::request_id::{HEADER, RequestId};
use super::unread_body::HeldBody;
use crate::extract::ClientAddress;
use crate::state::AppState;

/// For answers that are data: nothing may be loaded from them, and nobody may frame them.
const API_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// For Swagger UI: its own scripts, styles set by scripts, and pictures in data URLs.
const DOCS_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; \
     base-uri 'none'; object-src 'none'",
);

/// The name under which requests are logged.
pub const ACCESS: &str = "taglink_http::access";

/// Gives the request its id, and the answer its security headers; logs both.
pub async fn edge(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let method = request.method().clone();
    let path = request.path().to_owned();
    let proxies = request.app_data::<Data<AppState>>().map(|state| state.trusted_proxies.as_slice());
    let client = client::address(&request, proxies.unwrap_or_default());
    request.extensions_mut().insert(id.clone());
    if let Some(address) = client {
        request.extensions_mut().insert(ClientAddress(address));
    }
    let body = HeldBody::of(&mut request);

    let mut response = body.settle(compress(next.call(request).await?));

    let headers = response.headers_mut();
    headers.insert(HEADER, id.to_header());
    secure(headers, path.starts_with("/docs"));
    let status = response.status().as_u16();
    let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let client = client.map(tracing::field::display);
    let request_id = id.as_str();
    // Whatever watches over the service asks every few seconds.
    if path.starts_with("/health/") && response.status().is_success() {
        tracing::debug!(target: ACCESS, request_id, %method, path, status, duration_us, client, "request");
    } else {
        tracing::info!(target: ACCESS, request_id, %method, path, status, duration_us, client, "request");
    }
    Ok(response)
}

fn secure(headers: &mut HeaderMap, is_docs: bool) {
    const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CONTENT_SECURITY_POLICY, if is_docs { DOCS_POLICY } else { API_POLICY });
    // Personal data: only the client itself may keep it, and asks before each use whether it has changed.
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
}
