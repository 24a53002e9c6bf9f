//! The keys that sign tokens, and which secrets are too weak to be one.

mod signing;
mod weakness;

pub(crate) use signing::Key;
pub use signing::SigningKeys;
pub use weakness::{KeyPosition, WeakSecret, Weakness};
