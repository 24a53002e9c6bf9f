//! Errors on their way to the client: one type, one shape on the wire.

mod api_error;
mod auth;
mod domain;
mod problem;
mod transfer;

pub use api_error::ApiError;
pub use auth::GrantError;
pub use problem::{FieldError, MEDIA_TYPE as PROBLEM_MEDIA_TYPE, Problem};
pub use transfer::account_not_found;
