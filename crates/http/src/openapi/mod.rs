//! The OpenAPI document: what is not said at the handlers, and the answers that many of them share.

mod conditional;
mod document;
mod idempotency;
mod operations;
mod responses;
mod upload;

pub use conditional::{IfMatchHeader, IfNoneMatchHeader, NotModified, WithIfMatch};
pub use document::{document, to_json};
pub use idempotency::IdempotencyKeyHeader;
pub use operations::OperationSchema;
pub use responses::{Anyone, Authenticated, OAuthClient, WithJsonBody, problem};
pub use upload::WithFile;
