//! Extractors: from a raw request to values that a handler can use, or to an error that names the place.

mod auth;
mod body;
mod client;
mod form;
mod idempotent;
pub(crate) mod json;
pub mod needs;
mod precondition;
mod query;
mod request_name;
mod upload;

pub use auth::Auth;
pub(crate) use body::BodyWasRead;
pub(crate) use client::ClientAddress;
pub use client::ClientInfo;
pub use form::Form;
pub use idempotent::{Idempotent, IdempotentJson};
pub use json::Json;
pub use precondition::IfMatch;
pub(crate) use precondition::is_known;
pub use query::Query;
pub use request_name::RequestName;
pub use upload::Upload;

use actix_web::web::Data;
use actix_web::{HttpRequest, dev::Payload};

use crate::error::ApiError;
use crate::state::AppState;

/// The id in the path, and what else a request brings.
pub type WithId<T> = (actix_web::web::Path<String>, T);

fn state(request: &HttpRequest) -> Result<&Data<AppState>, ApiError> {
    request
        .app_data::<Data<AppState>>()
        .ok_or_else(|| ApiError::internal("the application has no state".into()))
}

/// An extractor's own payload: the caller's is left empty.
fn take(payload: &mut Payload) -> Payload {
    payload.take()
}
