//! Answers that say more than their body does.

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;

use crate::extract::is_known;

/// How many rows an answer is about, where its body does not tell.
pub const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// 200 with the new object and its `Location`.
pub struct Created<T> {
    pub(super) location: String,
    pub(super) object: T,
}

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse<BoxBody> {
        HttpResponse::Ok().insert_header((header::LOCATION, self.location)).json(self.object)
    }
}

/// 200 `"OK"` with the number of rows that are gone.
pub struct Removed(pub(super) usize);

impl Responder for Removed {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse<BoxBody> {
        HttpResponse::Ok().insert_header((TOTAL_COUNT, self.0)).json("OK")
    }
}

/// 200 with the object and its strong `ETag` (RFC 9110, 8.8.3), or 304 to a client that has it already.
pub struct Versioned<T> {
    pub(super) version: String,
    pub(super) object: T,
}

impl<T: Serialize> Responder for Versioned<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse<BoxBody> {
        let etag = (header::ETAG, format!("\"{}\"", self.version));
        let reads = request.method().is_safe();
        if reads && is_known(request.headers(), &self.version) {
            return HttpResponse::NotModified().insert_header(etag).finish();
        }
        HttpResponse::Ok().insert_header(etag).json(self.object)
    }
}
