//! Search for links: the queries.
//!
//! A page is read in one of two ways. If a condition holds for few links only, these are read by its index and put in
//! order. Else the links are read in their order until the page is full. In both ways every condition is looked at for
//! each link, so that the way decides about the time only.

mod condition;
mod driver;
mod found;
mod meant;
mod statement;

pub(super) use statement::{Dialect, Sql};
