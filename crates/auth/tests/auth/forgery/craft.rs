//! Making tokens, genuine and forged.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::Value;
use taglink_auth::key::SigningKeys;
use taglink_auth::scope::Scopes;
use taglink_auth::token::{DEFAULT_ISSUER, Grant, InvalidToken, TokenIssuer};
use taglink_domain::model::{SessionId, Subject, Timestamp, UserId};

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
    let subject = Subject::User(UserId::new());
    Grant { subject, session_id: SessionId::new(), epoch: 3, scopes: Scopes::default() }
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

pub(super) fn json_of(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The header and the claims of a genuine token.
pub(super) fn parts() -> (Value, Value) {
    let token = genuine();
    let parts: Vec<_> = token.split('.').collect();
    (json_of(parts[0]), json_of(parts[1]))
}

/// Signs a message as it is, whatever it holds.
pub(super) fn sign_message(message: &str, secret: &str, algorithm: Algorithm) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    let signature = crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    format!("{message}.{signature}")
}

pub(super) fn sign_text(header: &str, claims: &str, secret: &str, algorithm: Algorithm) -> String {
    sign_message(&format!("{}.{}", base64(header), base64(claims)), secret, algorithm)
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

/// A token whose claim is written as this text, which need not be JSON.
pub(super) fn with_raw_claim(member: &str, text: &str) -> String {
    let (header, mut claims) = parts();
    claims[member] = "MARK".into();
    let claims = claims.to_string().replace("\"MARK\"", text);
    sign_text(&header.to_string(), &claims, SECRET, Algorithm::HS256)
}
