//! The id of a request, for answers that hold problems inside.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};

use crate::middleware::RequestId;

/// The id of the request.
pub struct RequestName(pub String);

impl FromRequest for RequestName {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.extensions().get::<RequestId>().map(|id| id.as_str().to_owned());
        ready(Ok(Self(id.unwrap_or_default())))
    }
}
