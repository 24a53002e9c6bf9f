//! The rules of taglink: what a link, a tag and a taglink are, and what may be done with them.
//!
//! This crate is synchronous and knows no database, web framework or runtime. Input becomes a validated type in
//! [`model`], the storage it needs stands as traits in [`port`], and each thing a client can do is a function in
//! [`use_case`]. How links are searched for stands in [`search`].

pub mod model;
pub mod port;
pub mod search;
pub mod use_case;
