//! Who a request acts as, and what that allows.

mod cache;
mod identity;
mod permission;

pub(crate) use cache::{CacheKey, Known, KnownApiToken, PrincipalCache};
pub use identity::{Credential, OwnerError, Principal};
pub use permission::Permission;
