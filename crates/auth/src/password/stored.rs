//! Stored hashes: tells the schemes apart. These functions compute for a tenth of a second; asynchronous code goes
//! through [`PasswordHasher`](super::PasswordHasher).

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use super::argon2id::{self, HashFailure, HashingMemory};
use super::legacy_bcrypt;
use super::{NewPassword, PasswordPolicyError};

/// No hash of a known scheme is longer; in bytes.
const MAX_STORED_BYTES: usize = 512;

/// Why nothing can be compared with a stored hash. It has been damaged, or somebody wrote it who should not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UnusableHash {
    #[error("the stored hash is longer than {MAX_STORED_BYTES} bytes")]
    TooLong,
    #[error("the stored hash is neither argon2id nor bcrypt")]
    UnknownScheme,
    #[error("the stored hash is malformed")]
    Malformed,
    #[error("the stored hash asks for more memory or time than is ever granted")]
    TooCostly,
}

/// Why a password could not be compared with a stored hash.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    #[error(transparent)]
    Unusable(#[from] UnusableHash),
    #[error(transparent)]
    Failed(#[from] HashFailure),
}

/// Why a new password was not hashed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HashPasswordError {
    #[error(transparent)]
    Policy(#[from] PasswordPolicyError),
    #[error(transparent)]
    Failed(#[from] HashFailure),
}

/// Hashes a password that is to be set: argon2id as a PHC string.
///
/// # Errors
/// If the password is too short or too long, or the machine has no memory or randomness left.
pub fn hash_password(password: &SecretString) -> Result<String, HashPasswordError> {
    let password = NewPassword::parse(password.clone())?;
    Ok(argon2id::hash(&mut HashingMemory::default(), password.secret().expose_secret())?)
}

/// Whether the password is the one that was stored: argon2id as a PHC string, or bcrypt (`$2a$`, `$2b$`, `$2y$`), of
/// which only the first 72 bytes count.
///
/// # Errors
/// If the hash is of another scheme, is damaged, or asks for more than 256 MiB, 16 passes or a bcrypt cost of 16;
/// then nothing is computed.
pub fn verify_password(password: &SecretString, stored: &str) -> Result<bool, VerifyError> {
    verify_in(&mut HashingMemory::default(), password, stored)
}

/// [`verify_password`], in memory that is there already.
pub(super) fn verify_in(
    memory: &mut HashingMemory,
    password: &SecretString,
    stored: &str,
) -> Result<bool, VerifyError> {
    let password = password.expose_secret();
    if stored.len() > MAX_STORED_BYTES {
        Err(UnusableHash::TooLong.into())
    } else if stored.starts_with(argon2id::PREFIX) {
        argon2id::verify(memory, password, stored)
    } else if legacy_bcrypt::PREFIXES.iter().any(|prefix| stored.starts_with(prefix)) {
        Ok(legacy_bcrypt::verify(password, stored)?)
    } else {
        Err(UnusableHash::UnknownScheme.into())
    }
}

/// Whether the hash should be replaced when its password is next at hand: another scheme, or weaker parameters than
/// those of a new hash.
#[must_use]
pub fn needs_rehash(stored: &str) -> bool {
    !stored.starts_with(argon2id::PREFIX) || argon2id::is_outdated(stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The password `secret`, from the documentation of a widely read tutorial.
    const FASTAPI: &str = "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW";

    fn verify(password: &str, stored: &str) -> Result<bool, VerifyError> {
        verify_password(&password.into(), stored)
    }

    #[test]
    fn both_schemes_are_verified_and_only_bcrypt_is_outdated() {
        let stored = hash_password(&"correct horse".into()).unwrap();
        assert_eq!(verify("correct horse", &stored), Ok(true));
        assert!(!needs_rehash(&stored));
        assert_eq!(verify("secret", FASTAPI), Ok(true));
        assert!(needs_rehash(FASTAPI));
    }

    #[test]
    fn a_password_to_be_set_obeys_the_policy() {
        let error = hash_password(&"short".into()).unwrap_err();
        assert_eq!(error, HashPasswordError::Policy(PasswordPolicyError::TooShort));
    }

    #[test]
    fn other_schemes_are_refused() {
        let data_independent =
            "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA";
        let data_dependent = data_independent.replace("argon2i", "argon2d");
        let faulty = FASTAPI.replace("$2b$", "$2x$");
        for stored in
            ["", "secret", "$2$12$", "$1$salt$hash", "$argon2id", data_independent, &data_dependent, &faulty]
        {
            assert_eq!(verify("secret", stored), Err(UnusableHash::UnknownScheme.into()), "{stored}");
            assert!(needs_rehash(stored));
        }
    }

    #[test]
    fn an_overlong_hash_is_refused_before_it_is_parsed() {
        let overlong = format!("{FASTAPI}{}", "a".repeat(1_000_000));
        assert_eq!(verify("secret", &overlong), Err(UnusableHash::TooLong.into()));
    }
}
