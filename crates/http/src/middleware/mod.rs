//! Middleware: what happens to every request before it is routed, and to every answer before it leaves.

mod client;
mod compression;
mod edge;
mod normalise;
mod problems;
mod request_id;
mod unread_body;

pub(crate) use compression::accepted_encoding;
pub use edge::{ACCESS, edge};
pub use normalise::normalise;
pub use problems::problems;
pub(crate) use request_id::RequestId;
