//! Making tokens.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use taglink_domain::model::{SessionId, Subject, Timestamp, TokenId};
use thiserror::Error;

use super::AUDIENCE;
use super::claims::{ALGORITHM, Claims, Header, TYPE};
use super::verified::VerifiedTokens;
use crate::key::SigningKeys;
use crate::scope::Scopes;

/// What a token says: whom it speaks for, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// An account exactly if the scope is `account`.
    pub subject: Subject,
    /// The login that it came of; the token dies with it.
    pub session_id: SessionId,
    /// The subject's epoch; the token dies when the subject has another.
    pub epoch: i64,
    pub scopes: Scopes,
}

/// A fresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The token in its compact form; a secret.
    pub access_token: String,
    /// When it expires: its `exp`, a whole second.
    pub expires_at: Timestamp,
    /// Its lifetime in seconds: `exp - iat`.
    pub expires_in: u64,
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// No token could be made: a defect here, or a lifetime beyond the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the token could not be signed: {0}")]
pub struct SigningError(String);

/// Makes tokens, and verifies those that it or its replicas made.
#[derive(Clone, Debug)]
pub struct TokenIssuer {
    pub(super) keys: SigningKeys,
    pub(super) issuer: String,
    /// In seconds.
    pub(super) lifetime: i64,
    /// Shared by all clones.
    pub(super) verified: Arc<VerifiedTokens>,
}

impl TokenIssuer {
    /// An issuer whose tokens live as long as `lifetime` says, in whole seconds, and name `issuer` as their `iss`.
    #[must_use]
    pub fn new(keys: SigningKeys, issuer: String, lifetime: Duration) -> Self {
        let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        Self { keys, issuer, lifetime, verified: Arc::default() }
    }

    /// Makes a token that is valid from the second in which `now` lies.
    ///
    /// # Errors
    /// If the lifetime reaches beyond the calendar.
    pub fn issue(&self, grant: Grant, now: Timestamp) -> Result<IssuedToken, SigningError> {
        let iat = now.seconds();
        let exp = iat.saturating_add(self.lifetime);
        let expires_at = Timestamp::from_micros(exp.saturating_mul(1_000_000))
            .filter(|expires_at| expires_at.seconds() == exp)
            .ok_or_else(|| SigningError("it would expire beyond the calendar".to_owned()))?;
        let subject = match grant.subject {
            Subject::User(id) => id.to_string(),
            Subject::Account(id) => id.to_string(),
        };
        let claims = Claims {
            iss: self.issuer.as_str().into(),
            aud: AUDIENCE.into(),
            sub: subject.into(),
            iat,
            nbf: iat,
            exp,
            jti: TokenId::new().to_string().into(),
            sid: grant.session_id.to_string().into(),
            scope: grant.scopes.as_str().into(),
            epoch: grant.epoch,
        };
        let access_token = self.sign(&claims)?;
        Ok(IssuedToken { access_token, expires_at, expires_in: self.lifetime.unsigned_abs() })
    }

    /// The token in its compact form (RFC 7515, section 5.1).
    fn sign(&self, claims: &Claims<'_>) -> Result<String, SigningError> {
        let key = self.keys.signing_key();
        let header = Header { typ: TYPE, alg: ALGORITHM, kid: key.kid() };
        let mut token = format!("{}.{}", encode(&header)?, encode(claims)?);
        let signature = key.sign(&token).map_err(|error| SigningError(error.to_string()))?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

fn encode(part: &impl Serialize) -> Result<String, SigningError> {
    let json = serde_json::to_vec(part).map_err(|error| SigningError(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}
