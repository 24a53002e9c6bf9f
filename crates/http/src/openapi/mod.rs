//! The OpenAPI document: what is not said at the handlers, and the answers that many of them share.

mod document;
mod responses;

pub use document::{document, to_json};
pub use responses::{Anyone, Authenticated, OAuthClient, WithJsonBody, problem};
