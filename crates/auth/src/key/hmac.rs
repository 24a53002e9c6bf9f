//! HMAC (RFC 2104) for jsonwebtoken, whose own implementations bring all other algorithms along, and minutes of compiling.

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use sha2::{Sha256, Sha384, Sha512};
use signature::{Error, Signer, Verifier};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key: &EncodingKey| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Keyed::<Hmac<Sha256>>::new(*algorithm, key.as_bytes())?)),
        Algorithm::HS384 => Ok(Box::new(Keyed::<Hmac<Sha384>>::new(*algorithm, key.as_bytes())?)),
        Algorithm::HS512 => Ok(Box::new(Keyed::<Hmac<Sha512>>::new(*algorithm, key.as_bytes())?)),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    verifier_factory: |algorithm, key: &DecodingKey| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Keyed::<Hmac<Sha256>>::new(*algorithm, key.try_get_as_bytes()?)?)),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// A key from which secrets are derived.
#[derive(Clone)]
pub(crate) struct DerivationKey(Hmac<Sha256>);

impl DerivationKey {
    /// Derives the key from a secret that also signs tokens.
    pub(super) fn new(secret: &[u8]) -> Option<Self> {
        let key = Hmac::<Sha256>::new_from_slice(secret).ok()?.chain_update("taglink: derived secrets");
        Hmac::new_from_slice(&key.finalize().into_bytes()).ok().map(Self)
    }

    /// The 256 bits that belong to a text and a purpose; without the key, nobody can tell them from random ones.
    pub(crate) fn derive(&self, purpose: &str, text: &str) -> [u8; 32] {
        self.0
            .clone()
            .chain_update(purpose)
            .chain_update([0])
            .chain_update(text)
            .finalize()
            .into_bytes()
            .into()
    }
}

/// Makes it the cryptography of jsonwebtoken in this process, which only the first call does.
pub(super) fn install() {
    let _ = PROVIDER.install_default();
}

/// HMAC with a key.
struct Keyed<M> {
    algorithm: Algorithm,
    mac: M,
}

impl<M: KeyInit> Keyed<M> {
    fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self> {
        let mac = M::new_from_slice(key).map_err(|_| ErrorKind::InvalidKeyFormat)?;
        Ok(Self { algorithm, mac })
    }
}

impl<M: Mac + Clone> Signer<Vec<u8>> for Keyed<M> {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        Ok(self.mac.clone().chain_update(message).finalize().into_bytes().to_vec())
    }
}

/// In a time that does not depend on where the signatures differ.
impl<M: Mac + Clone> Verifier<Vec<u8>> for Keyed<M> {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        self.mac.clone().chain_update(message).verify_slice(signature).map_err(|_| Error::new())
    }
}

impl<M: Mac + Clone> JwtSigner for Keyed<M> {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl<M: Mac + Clone> JwtVerifier for Keyed<M> {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::crypto::{sign, verify};

    use super::*;

    /// From RFC 7515, appendix A.1.
    #[test]
    fn signatures_are_those_of_the_standard() {
        install();
        let message =
            b"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog\
            Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let key = EncodingKey::from_secret(&URL_SAFE_NO_PAD.decode(secret).unwrap());
        assert_eq!(sign(message, &key, Algorithm::HS256).unwrap(), signature);
        let key = DecodingKey::from_secret(key.as_bytes());
        assert!(verify(signature, message, &key, Algorithm::HS256).unwrap());
        assert!(!verify(&signature.replace('X', "x"), message, &key, Algorithm::HS256).unwrap());
        assert!(!verify(signature, b"other", &key, Algorithm::HS256).unwrap());
        assert!(verify(signature, message, &key, Algorithm::RS256).is_err());
    }
}
