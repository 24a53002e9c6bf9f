//! The queries of the ports, one file for each aggregate.

mod account;
mod api_token;
mod bulk;
mod idempotency;
mod link;
mod merge_tags;
mod session;
mod subject;
mod tag;
mod taglink;
mod user;

pub(crate) use self::link::in_scope;
pub(crate) use self::tag::{OF_LINK, in_order as tags_in_order};
