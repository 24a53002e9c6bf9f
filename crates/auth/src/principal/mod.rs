//! Who a request acts as.

mod cache;
mod identity;

pub use cache::{PrincipalCache, PrincipalState};
pub use identity::Principal;
