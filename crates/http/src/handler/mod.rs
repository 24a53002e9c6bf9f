//! Handlers: extract, convert, run one use case, convert back.

pub mod account;
pub mod api_token;
pub mod change;
pub mod docs;
pub mod health;
pub mod link;
pub mod oauth;
pub mod session;
pub mod tag;
pub mod taglink;
pub mod token;
pub mod user;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody};
use serde::Serialize;

/// 200 with the new object and its `Location`.
pub struct Created<T> {
    location: String,
    object: T,
}

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse<BoxBody> {
        HttpResponse::Ok().insert_header((header::LOCATION, self.location)).json(self.object)
    }
}
