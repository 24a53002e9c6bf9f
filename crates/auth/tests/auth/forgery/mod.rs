//! Tokens that must not be accepted. Those that break one rule are signed with the right key, so that it is this rule
//! that refuses them.

mod claims;
mod craft;
mod encoding;
mod header;
mod shape;
mod signature;
mod subject;
