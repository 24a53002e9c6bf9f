//! Passwords: which ones may be set, how they are stored and checked, and how many are hashed at once.

mod argon2id;
mod hasher;
mod legacy_bcrypt;
mod policy;
mod stored;

pub use argon2id::HashFailure;
pub use hasher::{HashingError, HashingLimits, PasswordHasher, Verification};
pub use policy::{NewPassword, PasswordPolicyError};
pub use stored::{
    HashPasswordError, UnusableHash, VerifyError, hash_password, needs_rehash, verify_password,
};
