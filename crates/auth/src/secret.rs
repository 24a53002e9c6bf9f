//! Opaque secrets: refresh tokens and API tokens. 256 random bits, a prefix that says what they are, and a checksum, so
//! that scanners for leaked secrets recognise them and typing errors cost no look-up. Stored is only their SHA-256.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use taglink_domain::model::SecretHash;
use thiserror::Error;

use crate::key::DerivationKey;

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretKind {
    /// Exchanged for access tokens.
    Refresh,
    /// Used as a bearer token itself.
    ApiToken,
}

/// The operating system gave no random bytes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no random bytes: {0}")]
pub(crate) struct NoRandomness(String);

const RANDOM_BYTES: usize = 32;
const CHECK_BYTES: usize = 4;

/// Together 36 bytes: base64 of them is 48 characters without padding and without bits that do not count.
const BYTES: usize = RANDOM_BYTES + CHECK_BYTES;

impl SecretKind {
    /// What secrets of this kind begin with.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "tgr_",
            Self::ApiToken => "tgp_",
        }
    }

    /// A fresh secret, and what is to be stored of it.
    pub(crate) fn make(self) -> Result<(SecretString, SecretHash), NoRandomness> {
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random).map_err(|error| NoRandomness(error.to_string()))?;
        Ok(self.write(&random))
    }

    /// The secret that is derived from another text by a key, and what is to be stored of it: always the same.
    pub(crate) fn derive(self, key: &DerivationKey, text: &str) -> (SecretString, SecretHash) {
        self.write(&key.derive(self.prefix(), text))
    }

    fn write(self, random: &[u8; RANDOM_BYTES]) -> (SecretString, SecretHash) {
        let body = [random.as_slice(), &self.check(random)].concat();
        let text = format!("{}{}", self.prefix(), URL_SAFE_NO_PAD.encode(body));
        let hash = hash(&text);
        (text.into(), hash)
    }

    /// What is stored of a secret; nothing if the text is none of this kind.
    pub(crate) fn read(self, text: &str) -> Option<SecretHash> {
        let mut bytes = [0; BYTES];
        let length = URL_SAFE_NO_PAD.decode_slice(text.strip_prefix(self.prefix())?, &mut bytes).ok()?;
        let (random, check) = bytes.split_last_chunk::<CHECK_BYTES>()?;
        (length == BYTES && *check == self.check(random)).then(|| hash(text))
    }

    fn check(self, random: &[u8]) -> [u8; CHECK_BYTES] {
        let digest: [u8; 32] =
            Sha256::new().chain_update(self.prefix()).chain_update(random).finalize().into();
        digest.first_chunk().copied().unwrap_or_default()
    }
}

fn hash(text: &str) -> SecretHash {
    let digest: [u8; 32] = Sha256::digest(text).into();
    digest.into()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_secret_is_recognised_by_its_kind_alone() {
        let (secret, hash) = SecretKind::Refresh.make().unwrap();
        let text = secret.expose_secret();
        assert_eq!(text.len(), 52);
        assert_eq!(SecretKind::Refresh.read(text), Some(hash));
        assert_eq!(SecretKind::ApiToken.read(text), None);
        assert_eq!(
            SecretKind::ApiToken.read(&text.replace("tgr_", "tgp_")),
            None,
            "the checksum covers the prefix"
        );
        let (other, _) = SecretKind::Refresh.make().unwrap();
        assert_ne!(other.expose_secret(), text);
    }

    #[test]
    fn no_character_can_be_changed_dropped_or_added() {
        let (secret, _) = SecretKind::ApiToken.make().unwrap();
        let text = secret.expose_secret();
        for at in 0..text.len() {
            let mut changed = text.to_owned().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(SecretKind::ApiToken.read(&String::from_utf8(changed).unwrap()), None, "at {at}");
            assert_eq!(SecretKind::ApiToken.read(&text[..at]), None, "cut at {at}");
        }
        for more in ["=", "A", "AAAA", " "] {
            assert_eq!(SecretKind::ApiToken.read(&format!("{text}{more}")), None);
        }
    }
}
