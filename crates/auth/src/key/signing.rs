//! Keys of HMAC-SHA-256: one signs, earlier ones still verify while the tokens they signed live on.

use std::fmt;

use jsonwebtoken::{DecodingKey, EncodingKey};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::hmac::{self, DerivationKey};
use super::weakness::{KeyPosition, WeakSecret, weakness};

/// The key that signs tokens and the earlier ones that still verify them.
///
/// The HMAC key is the UTF-8 bytes of the secret, and its `kid` (RFC 7515, section 4.1.4) is derived from the secret,
/// so that all replicas agree on both.
#[derive(Clone)]
pub struct SigningKeys {
    signing: EncodingKey,
    signing_kid: String,
    verifying: Vec<VerifyingKey>,
    derivation: Vec<DerivationKey>,
}

#[derive(Clone)]
struct VerifyingKey {
    kid: String,
    key: DecodingKey,
}

impl SigningKeys {
    /// Takes the secret that signs, and those it replaced; both in the form in which they are configured.
    ///
    /// # Errors
    /// If one of them is shorter than 32 bytes, a placeholder, a published example or repetitive.
    pub fn new(current: &SecretString, previous: &[SecretString]) -> Result<Self, WeakSecret> {
        let positions = (1..).map(KeyPosition::Previous);
        for (key, secret) in std::iter::once((KeyPosition::Current, current)).chain(positions.zip(previous)) {
            if let Some(weakness) = weakness(secret.expose_secret()) {
                return Err(WeakSecret { key, weakness });
            }
        }
        hmac::install();
        let verifying = std::iter::once(current).chain(previous).map(VerifyingKey::new).collect();
        let derivation = std::iter::once(current).chain(previous);
        let derivation =
            derivation.filter_map(|secret| DerivationKey::new(secret.expose_secret().as_bytes())).collect();
        Ok(Self {
            signing: EncodingKey::from_secret(current.expose_secret().as_bytes()),
            signing_kid: kid(current),
            verifying,
            derivation,
        })
    }

    pub(crate) fn signing_key(&self) -> &EncodingKey {
        &self.signing
    }

    /// One for each secret, that of the present one first.
    pub(crate) fn derivation_keys(&self) -> &[DerivationKey] {
        &self.derivation
    }

    pub(crate) fn signing_kid(&self) -> &str {
        &self.signing_kid
    }

    /// The key of this `kid`; there is no other to fall back to.
    pub(crate) fn verifying_key(&self, kid: &str) -> Option<&DecodingKey> {
        self.verifying.iter().find(|verifying| verifying.kid == kid).map(|verifying| &verifying.key)
    }
}

impl VerifyingKey {
    fn new(secret: &SecretString) -> Self {
        Self { kid: kid(secret), key: DecodingKey::from_secret(secret.expose_secret().as_bytes()) }
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKeys").field("kid", &self.signing_kid).finish_non_exhaustive()
    }
}

/// The first 64 bits of a digest of the secret, in hexadecimal. The prefix keeps it apart from any other digest of
/// the secret.
fn kid(secret: &SecretString) -> String {
    let digest = Sha256::new().chain_update(b"taglink kid\0").chain_update(secret.expose_secret());
    let digest: [u8; 32] = digest.finalize().into();
    let first = digest.first_chunk().copied().map_or(0, u64::from_be_bytes);
    format!("{first:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURRENT: &str = "a3f1c27be09d4586f2b7714c0d9e5a68";
    const PREVIOUS: &str = "77e0b1fa5cd24d9c8e3360b4a19f28d5";

    #[test]
    fn a_kid_depends_on_the_secret_only_and_does_not_tell_it() {
        let keys = SigningKeys::new(&CURRENT.into(), &[PREVIOUS.into()]).unwrap();
        let rotated = SigningKeys::new(&PREVIOUS.into(), &[]).unwrap();
        assert_eq!(keys.signing_kid().len(), 16);
        assert!(keys.verifying_key(keys.signing_kid()).is_some());
        assert!(keys.verifying_key(rotated.signing_kid()).is_some());
        assert!(rotated.verifying_key(keys.signing_kid()).is_none());
        assert!(rotated.verifying_key("").is_none());
        let shown = format!("{keys:?}");
        assert!(!shown.contains(CURRENT) && !shown.contains(PREVIOUS), "{shown}");
    }

    #[test]
    fn a_weak_secret_is_refused_wherever_it_stands() {
        let weak = "short".into();
        let current = SigningKeys::new(&weak, &[]).unwrap_err();
        assert_eq!(current.key, KeyPosition::Current);
        let previous = SigningKeys::new(&CURRENT.into(), &[PREVIOUS.into(), weak]).unwrap_err();
        assert_eq!(previous.key, KeyPosition::Previous(2));
    }
}
