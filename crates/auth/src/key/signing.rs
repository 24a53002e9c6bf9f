//! Keys of HMAC-SHA-256 (RFC 2104): one signs, earlier ones still verify while the tokens they signed live on.

use std::fmt;

use hmac::digest::InvalidLength;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::weakness::{KeyPosition, WeakSecret, weakness};

/// The key that signs tokens and the earlier ones that still verify them.
///
/// The HMAC key is the UTF-8 bytes of the secret, and its `kid` (RFC 7515, section 4.1.4) is derived from the secret,
/// so that all replicas agree on both.
#[derive(Clone)]
pub struct SigningKeys {
    current: Key,
    previous: Vec<Key>,
}

#[derive(Clone)]
pub(crate) struct Key {
    kid: String,
    secret: SecretString,
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
        Ok(Self { current: Key::new(current), previous: previous.iter().map(Key::new).collect() })
    }

    pub(crate) fn signing_key(&self) -> &Key {
        &self.current
    }

    /// The key of this `kid`; there is no other to fall back to.
    pub(crate) fn verifying_key(&self, kid: &str) -> Option<&Key> {
        std::iter::once(&self.current).chain(&self.previous).find(|key| key.kid == kid)
    }
}

impl Key {
    fn new(secret: &SecretString) -> Self {
        Self { kid: kid(secret), secret: secret.clone() }
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The signature of a message.
    ///
    /// # Errors
    /// Never in fact: HMAC takes keys of any length.
    pub(crate) fn sign(&self, message: &str) -> Result<[u8; 32], InvalidLength> {
        Ok(self.mac(message)?.finalize().into_bytes().into())
    }

    /// Whether the message was signed with this key. The time that it takes does not depend on where the signatures
    /// differ.
    pub(crate) fn verify(&self, message: &str, signature: &[u8]) -> bool {
        self.mac(message).is_ok_and(|mac| mac.verify_slice(signature).is_ok())
    }

    fn mac(&self, message: &str) -> Result<Hmac<Sha256>, InvalidLength> {
        Ok(Hmac::new_from_slice(self.secret.expose_secret().as_bytes())?.chain_update(message))
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKeys").field("kid", &self.current.kid).finish_non_exhaustive()
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
        let (kid, rotated_kid) = (keys.signing_key().kid(), rotated.signing_key().kid());
        assert_eq!(kid.len(), 16);
        assert!(keys.verifying_key(kid).is_some());
        assert!(keys.verifying_key(rotated_kid).is_some());
        assert!(rotated.verifying_key(kid).is_none());
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
