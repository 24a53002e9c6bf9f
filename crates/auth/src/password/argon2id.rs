//! Argon2id (RFC 9106), the scheme of every new hash, written as a PHC string.

use std::fmt;
use std::hint::black_box;
use std::iter::repeat_n;

use argon2::password_hash::Error;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
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

/// The memory in which hashes are computed: 19 MiB after the first one, used again for those that follow.
#[derive(Default)]
pub(super) struct HashingMemory(Vec<Block>);

/// What it holds was computed from passwords.
impl fmt::Debug for HashingMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashingMemory").finish_non_exhaustive()
    }
}

impl HashingMemory {
    /// Whether it has grown for a stored hash that asks for more memory than a new one.
    pub(super) fn is_oversized(&self) -> bool {
        self.0.len() > current_params().block_count()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn compute(&mut self, params: Params, password: &str, salt: &[u8]) -> Result<Output, Error> {
        let missing = params.block_count().saturating_sub(self.0.len());
        self.0.try_reserve_exact(missing).map_err(|_| Error::OutOfMemory)?;
        self.0.extend(repeat_n(Block::new(), missing));
        let mut buffer = [0_u8; Output::MAX_LENGTH];
        let size = params.output_len().unwrap_or(OUTPUT_BYTES);
        let output = buffer.get_mut(..size).ok_or(Error::OutputSize)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into_with_memory(password.as_bytes(), salt, output, &mut self.0)?;
        Ok(Output::new(output)?)
    }
}

fn current_params() -> Params {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_BYTES)).unwrap_or_default()
}

/// Hashes with a fresh salt.
pub(super) fn hash(memory: &mut HashingMemory, password: &str) -> Result<String, HashFailure> {
    let mut salt = [0_u8; Salt::RECOMMENDED_LENGTH];
    getrandom::fill(&mut salt).map_err(|_| HashFailure(Error::Crypto))?;
    to_phc(memory, password, &salt).map_err(HashFailure)
}

fn to_phc(memory: &mut HashingMemory, password: &str, salt: &[u8]) -> Result<String, Error> {
    let params = current_params();
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params)?,
        salt: Some(Salt::new(salt)?),
        hash: Some(memory.compute(params, password, salt)?),
    };
    Ok(hash.to_string())
}

/// Costs as much as [`verify`] of a new hash does, for a user that does not exist.
pub(super) fn verify_nothing(memory: &mut HashingMemory, password: &str) {
    let _ = black_box(memory.compute(current_params(), password, b"salt of nobody's"));
}

pub(super) fn verify(memory: &mut HashingMemory, password: &str, stored: &str) -> Result<bool, VerifyError> {
    let (salt, output, params) = parse(stored)?;
    match memory.compute(params, password, &salt) {
        // In constant time.
        Ok(computed) => Ok(computed == output),
        Err(error @ Error::OutOfMemory) => Err(HashFailure(error).into()),
        Err(_) => Err(UnusableHash::Malformed.into()),
    }
}

/// Whether the hash is weaker than a new one would be.
pub(super) fn is_outdated(stored: &str) -> bool {
    parse(stored).map_or(true, |(_, _, params)| {
        params.m_cost() < MEMORY_KIB
            || params.t_cost() < PASSES
            || params.output_len().is_none_or(|bytes| bytes < OUTPUT_BYTES)
    })
}

fn parse(stored: &str) -> Result<(Salt, Output, Params), UnusableHash> {
    let hash = PasswordHash::new(stored).map_err(|_| UnusableHash::Malformed)?;
    let params = Params::try_from(&hash).map_err(|_| UnusableHash::Malformed)?;
    let is_known = hash.algorithm == ARGON2ID_IDENT && hash.version == Some(Version::V0x13.into());
    let (true, Some(salt), Some(output)) = (is_known, hash.salt, hash.hash) else {
        return Err(UnusableHash::Malformed);
    };
    let bearable =
        params.m_cost() <= MAX_MEMORY_KIB && params.t_cost() <= MAX_PASSES && params.p_cost() <= MAX_LANES;
    if bearable { Ok((salt, output, params)) } else { Err(UnusableHash::TooCostly) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(password: &str) -> Result<String, HashFailure> {
        super::hash(&mut HashingMemory::default(), password)
    }

    fn verify(password: &str, stored: &str) -> Result<bool, VerifyError> {
        super::verify(&mut HashingMemory::default(), password, stored)
    }

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
    fn memory_is_used_again_by_hashes_of_any_size() {
        let mut memory = HashingMemory::default();
        let stored = super::hash(&mut memory, "correct horse").unwrap();
        let (blocks, address) = (memory.0.len(), memory.0.as_ptr());
        assert_eq!(super::verify(&mut memory, "correct horse", &stored), Ok(true));
        assert_eq!((memory.0.len(), memory.0.as_ptr(), memory.is_oversized()), (blocks, address, false));
        assert_eq!(super::verify(&mut memory, "password", REFERENCE), Ok(true));
        assert!(memory.is_oversized());
        assert_eq!(super::verify(&mut memory, "correct horse", &stored), Ok(true));
        assert_eq!(super::verify(&mut memory, "wrong horse", &stored), Ok(false));
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
