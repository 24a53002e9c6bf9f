//! What clients can do. Each function is one transaction's worth of work on a
//! [`UnitOfWork`](crate::port::UnitOfWork), free of other side effects, because it may be run again. Those that may take
//! long are `async`: they run on a [`Store`](crate::port::Store), in many transactions.

pub mod accounts;
pub mod api_tokens;
mod attempt;
pub mod batch;
pub mod changes;
pub mod editing;
pub mod export;
pub mod idempotency;
pub mod import;
mod in_parts;
pub mod link_tags;
pub mod links;
pub mod lookup;
pub mod merging;
pub mod search;
pub mod sessions;
pub mod taglinks;
pub mod tags;
pub mod takeover;
pub mod users;

pub use attempt::attempt;
