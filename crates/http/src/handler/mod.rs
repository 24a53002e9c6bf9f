//! Handlers: extract, convert, run one use case, convert back.

pub mod account;
mod answer;
pub mod api_token;
pub mod batch;
pub mod change;
pub mod docs;
pub mod health;
pub mod link;
pub mod lookup;
pub mod oauth;
pub mod search;
pub mod session;
pub mod tag;
pub mod tag_tidying;
pub mod taglink;
pub mod token;
pub mod transfer;
pub mod user;

pub(crate) use answer::IDEMPOTENCY_REPLAYED;
pub use answer::{Created, IntoAnswer, Removed, Reply, Versioned};
