//! The keys that sign tokens, and which secrets are too weak to be one.

mod hmac;
mod signing;
mod weakness;

pub(crate) use hmac::DerivationKey;
pub use signing::SigningKeys;
pub use weakness::{KeyPosition, WeakSecret, Weakness};
