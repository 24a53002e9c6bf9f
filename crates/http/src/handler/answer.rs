//! Answers that say more than their body does.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use taglink_domain::model::Answer;
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::idempotency::Given;

use crate::dto::TOTAL_COUNT;
use crate::extract::is_known;
use crate::response::json;

/// The header of an answer that was given before.
pub(crate) const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Most objects are shorter as JSON, in bytes.
const OBJECT_BYTES: usize = 512;

/// What can be written down to the byte, to be given again.
pub trait IntoAnswer {
    /// The answer.
    ///
    /// # Errors
    /// Never in practice: it holds nothing that JSON cannot.
    fn into_answer(self) -> Result<Answer, RepositoryError>;
}

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

impl<T: Serialize> IntoAnswer for Created<T> {
    fn into_answer(self) -> Result<Answer, RepositoryError> {
        Ok(Answer { location: Some(self.location), ..answer(&self.object)? })
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
        let etag = (header::ETAG, self.etag());
        let reads = request.method().is_safe();
        if reads && is_known(request.headers(), &self.version) {
            return HttpResponse::NotModified().insert_header(etag).finish();
        }
        json(HttpResponse::Ok().insert_header(etag), &self.object, OBJECT_BYTES)
    }
}

impl<T> Versioned<T> {
    fn etag(&self) -> String {
        format!("\"{}\"", self.version)
    }
}

impl<T: Serialize> IntoAnswer for Versioned<T> {
    fn into_answer(self) -> Result<Answer, RepositoryError> {
        Ok(Answer { etag: Some(self.etag()), ..answer(&self.object)? })
    }
}

/// 200 with the object, as JSON.
pub struct Plain<T>(pub(super) T);

impl<T: Serialize> IntoAnswer for Plain<T> {
    fn into_answer(self) -> Result<Answer, RepositoryError> {
        answer(&self.0)
    }
}

fn answer(object: &impl Serialize) -> Result<Answer, RepositoryError> {
    let body = serde_json::to_string(object)
        .map_err(|error| RepositoryError::Internal(format!("an answer cannot be written: {error}")))?;
    Ok(Answer { status: StatusCode::OK.as_u16(), location: None, etag: None, body })
}

/// An answer that is written already, and whether it was given before.
pub struct Reply(Given);

impl From<Given> for Reply {
    fn from(given: Given) -> Self {
        Self(given)
    }
}

impl Responder for Reply {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse<BoxBody> {
        let Self(Given { answer, is_replayed }) = self;
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(status);
        if let Some(location) = answer.location {
            response.insert_header((header::LOCATION, location));
        }
        if let Some(etag) = answer.etag {
            response.insert_header((header::ETAG, etag));
        }
        if is_replayed {
            response.insert_header((IDEMPOTENCY_REPLAYED, "true"));
        }
        response.content_type("application/json").body(answer.body)
    }
}
