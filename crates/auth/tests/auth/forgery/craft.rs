//! Making tokens, genuine and forged.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::Value;
use taglink_auth::key::SigningKeys;
use taglink_auth::scope::Scopes;
use taglink_auth::token::{DEFAULT_ISSUER, Grant, InvalidToken, TokenIssuer};
use taglink_domain::model::{Timestamp, UserId};

use crate::setting::{SECRET, config, keys};

pub(super) const NOW: i64 = 1_700_000_000;
/// The lifetime of a token ends then.
pub(super) const END: i64 = NOW + 100;

pub(super) fn now() -> Timestamp {
    Timestamp::from_micros(NOW * 1_000_000 + 250_000).unwrap()
}

pub(super) fn issuer_with(keys: SigningKeys) -> TokenIssuer {
    TokenIssuer::new(keys, DEFAULT_ISSUER.into(), config().access_token_lifetime)
}

pub(super) fn issuer() -> TokenIssuer {
    issuer_with(keys())
}

pub(super) fn grant() -> Grant {
    Grant { user_id: UserId::new(), epoch: 3, scopes: Scopes::default() }
}

pub(super) fn genuine() -> String {
    issuer().issue(grant(), now()).unwrap().access_token
}

pub(super) fn verify(token: &str) -> Result<Grant, InvalidToken> {
    issuer().verify(token, now())
}

pub(super) fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The header and the claims of a genuine token.
pub(super) fn parts() -> (Value, Value) {
    let token = genuine();
    let json = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let parts: Vec<_> = token.split('.').collect();
    (json(parts[0]), json(parts[1]))
}

pub(super) fn sign_text(header: &str, claims: &str, secret: &str, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", base64(header), base64(claims));
    let key = EncodingKey::from_secret(secret.as_bytes());
    let signature = crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    format!("{message}.{signature}")
}

pub(super) fn sign(header: &Value, claims: &Value) -> String {
    sign_text(&header.to_string(), &claims.to_string(), SECRET, Algorithm::HS256)
}

pub(super) fn with_header(member: &str, value: Value) -> String {
    let (mut header, claims) = parts();
    header[member] = value;
    sign(&header, &claims)
}

pub(super) fn with_claim(member: &str, value: Value) -> String {
    let (header, mut claims) = parts();
    claims[member] = value;
    sign(&header, &claims)
}
