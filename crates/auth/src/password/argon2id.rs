//! Argon2id (RFC 9106), the scheme of every new hash, written as a PHC string.

use std::hint::black_box;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{Error, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use thiserror::Error;

use super::stored::{UnusableHash, VerifyError};

pub(super) const PREFIX: &str = "$argon2id$";

/// OWASP's first recommendation for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT_BYTES: usize = 32;

/// What a stored hash may ask for at most, so that a poisoned one cannot be used to exhaust the machine.
const MAX_MEMORY_KIB: u32 = 262_144;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 16;

/// The machine could not compute a hash: no memory or no randomness.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashFailure(Error);

fn current_params() -> Params {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_BYTES)).unwrap_or_default()
}

fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, current_params())
}

/// Hashes with a fresh salt.
pub(super) fn hash(password: &str) -> Result<String, HashFailure> {
    hasher().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(HashFailure)
}

/// Costs as much as [`verify`] of a new hash does, for a user that does not exist.
pub(super) fn verify_nothing(password: &str) {
    let mut output = [0_u8; OUTPUT_BYTES];
    let result = hasher().hash_password_into(password.as_bytes(), b"salt of nobody's", &mut output);
    let _ = black_box((result, output));
}

pub(super) fn verify(password: &str, stored: &str) -> Result<bool, VerifyError> {
    let (hash, _) = parse(stored)?;
    match hasher().verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(Error::PasswordInvalid) => Ok(false),
        Err(error @ Error::OutOfMemory) => Err(HashFailure(error).into()),
        Err(_) => Err(UnusableHash::Malformed.into()),
    }
}

/// Whether the hash is weaker than a new one would be.
pub(super) fn is_outdated(stored: &str) -> bool {
    parse(stored).map_or(true, |(_, params)| {
        params.m_cost() < MEMORY_KIB
            || params.t_cost() < PASSES
            || params.output_len().is_none_or(|bytes| bytes < OUTPUT_BYTES)
    })
}

fn parse(stored: &str) -> Result<(PasswordHash, Params), UnusableHash> {
    let hash = PasswordHash::new(stored).map_err(|_| UnusableHash::Malformed)?;
    let params = Params::try_from(&hash).map_err(|_| UnusableHash::Malformed)?;
    let complete = hash.salt.is_some() && hash.hash.is_some() && hash.version == Some(Version::V0x13.into());
    if !complete {
        return Err(UnusableHash::Malformed);
    }
    let bearable =
        params.m_cost() <= MAX_MEMORY_KIB && params.t_cost() <= MAX_PASSES && params.p_cost() <= MAX_LANES;
    if bearable { Ok((hash, params)) } else { Err(UnusableHash::TooCostly) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the reference implementation's tests.
    const REFERENCE: &str =
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

    #[test]
    fn a_new_hash_states_the_recommended_parameters() {
        let stored = hash("correct horse").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_ne!(stored, hash("correct horse").unwrap(), "salts differ");
        assert!(!is_outdated(&stored));
        assert_eq!(verify("correct horse", &stored), Ok(true));
        assert_eq!(verify("correct horsE", &stored), Ok(false));
    }

    #[test]
    fn hashes_of_the_reference_implementation_are_verified() {
        assert_eq!(verify("password", REFERENCE), Ok(true));
        assert_eq!(verify("Password", REFERENCE), Ok(false));
        assert!(!is_outdated(REFERENCE), "stronger is not outdated");
    }

    #[test]
    fn a_hash_of_weaker_parameters_is_outdated() {
        for (from, to) in [("m=19456", "m=8192"), ("t=2", "t=1")] {
            let weaker = hash("correct horse").unwrap().replace(from, to);
            assert!(is_outdated(&weaker), "{weaker}");
        }
        let (head, _) = REFERENCE.rsplit_once('$').unwrap();
        assert!(is_outdated(&format!("{head}$CTFhFdXPJO1aFaMaO6Mm5c8")), "a short output");
    }

    #[test]
    fn a_poisoned_hash_is_refused_instead_of_computed() {
        for params in ["m=262145,t=2,p=1", "m=4294967295,t=2,p=1", "m=19456,t=17,p=1", "m=19456,t=2,p=17"] {
            let poisoned = REFERENCE.replace("m=65536,t=2,p=1", params);
            assert_eq!(verify("password", &poisoned), Err(UnusableHash::TooCostly.into()), "{params}");
        }
    }

    #[test]
    fn a_hash_that_is_incomplete_or_of_another_version_is_refused() {
        let (without_output, _) = REFERENCE.rsplit_once('$').unwrap();
        let (without_salt, _) = without_output.rsplit_once('$').unwrap();
        let old = REFERENCE.replace("v=19", "v=16");
        let unversioned = REFERENCE.replace("v=19$", "");
        let absurd = REFERENCE.replace("m=65536", "m=99999999999");
        let trailing = format!("{REFERENCE}$");
        for stored in [without_output, without_salt, &old, &unversioned, &absurd, &trailing, PREFIX] {
            assert_eq!(verify("password", stored), Err(UnusableHash::Malformed.into()), "{stored}");
        }
    }
}
