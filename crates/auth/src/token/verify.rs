//! Verifying tokens. This runs for every request, so tokens that were verified before are remembered.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use taglink_domain::model::{IdRef, Subject, Timestamp};
use thiserror::Error;

use super::claims::{ALGORITHM, Claims, Header, TYPE};
use super::verified::{Validity, Verified};
use super::{AUDIENCE, Grant, TokenIssuer};
use crate::key::Key;
use crate::scope::{Role, Scopes};

/// Why a token is refused. For logs and tests: clients are told nothing but that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidToken {
    #[error("longer than {MAX_BYTES} bytes")]
    TooLong,
    #[error("not three parts of canonical base64url, the first two JSON objects with the members required")]
    Malformed,
    #[error("of another type than {TYPE}")]
    Type,
    #[error("signed with another algorithm than {ALGORITHM}")]
    Algorithm,
    #[error("signed with a key that is not configured")]
    UnknownKey,
    #[error("wrong signature")]
    Signature,
    #[error("wrong issuer")]
    Issuer,
    #[error("wrong audience")]
    Audience,
    #[error("issued in the future, or not valid yet")]
    Premature,
    #[error("expired")]
    Expired,
    #[error("a lifetime that is never given out")]
    Lifetime,
    #[error("unknown scope")]
    Scope,
    #[error("the subject or the session is no id")]
    Subject,
}

/// Ours have about 500 bytes.
const MAX_BYTES: usize = 4096;
const MAX_DECODED_BYTES: usize = MAX_BYTES / 4 * 3;

/// How far the clocks of replicas may be apart, in seconds. It does not lengthen a token's life.
const CLOCK_SKEW: i64 = 5;

impl TokenIssuer {
    /// Reads a token (RFC 7515, section 5.2; RFC 9068, section 4), at the time `now`.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Grant, InvalidToken> {
        if let Some(verified) = self.verified.get(token) {
            verified.validity.check(now.seconds())?;
            return Ok(verified.grant);
        }
        if token.len() > MAX_BYTES {
            return Err(InvalidToken::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(InvalidToken::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(InvalidToken::Malformed)?;
        let mut buffer = [0; MAX_DECODED_BYTES];

        let key = self.key(&decode(header, &mut buffer)?)?;
        if !key.verify(message, decode_base64(signature, &mut buffer)?) {
            return Err(InvalidToken::Signature);
        }
        let verified = self.check(decode(claims, &mut buffer)?, now.seconds())?;
        self.verified.insert(token, verified);
        Ok(verified.grant)
    }

    fn key(&self, header: &Header<'_>) -> Result<&Key, InvalidToken> {
        if !header.typ.eq_ignore_ascii_case(TYPE) {
            return Err(InvalidToken::Type);
        }
        if header.alg != ALGORITHM {
            return Err(InvalidToken::Algorithm);
        }
        self.keys.verifying_key(header.kid).ok_or(InvalidToken::UnknownKey)
    }

    fn check(&self, claims: Claims<'_>, now: i64) -> Result<Verified, InvalidToken> {
        if claims.iss != self.issuer {
            return Err(InvalidToken::Issuer);
        }
        if claims.aud != AUDIENCE {
            return Err(InvalidToken::Audience);
        }
        let validity = Validity { from: claims.iat.max(claims.nbf), until: claims.exp };
        validity.check(now)?;
        // Ours are valid from their issue on.
        if claims.nbf < claims.iat.saturating_sub(CLOCK_SKEW) {
            return Err(InvalidToken::Lifetime);
        }
        if !(1..=self.lifetime).contains(&claims.exp.saturating_sub(claims.iat)) {
            return Err(InvalidToken::Lifetime);
        }
        let scopes = Scopes::parse(&claims.scope).map_err(|_| InvalidToken::Scope)?;
        let subject = match scopes.role {
            Role::Account => IdRef::new(claims.sub.into_owned()).id().map(Subject::Account),
            Role::Plain | Role::Admin => IdRef::new(claims.sub.into_owned()).id().map(Subject::User),
        };
        let session_id = IdRef::new(claims.sid.into_owned()).id();
        let (subject, session_id) = subject.zip(session_id).ok_or(InvalidToken::Subject)?;
        let grant = Grant { subject, session_id, epoch: claims.epoch, scopes };
        Ok(Verified { grant, validity })
    }
}

impl Validity {
    fn check(self, now: i64) -> Result<(), InvalidToken> {
        if self.until <= now {
            Err(InvalidToken::Expired)
        } else if self.from > now.saturating_add(CLOCK_SKEW) {
            Err(InvalidToken::Premature)
        } else {
            Ok(())
        }
    }
}

/// Decodes a part that must be a JSON object; an array would do as well for the derived reader. It must be UTF-8 all
/// through: the reader looks at the members that it knows only.
fn decode<'a, T: serde::Deserialize<'a>>(part: &str, buffer: &'a mut [u8]) -> Result<T, InvalidToken> {
    let json = str::from_utf8(decode_base64(part, buffer)?).ok();
    let json = json.filter(|json| json.starts_with('{')).ok_or(InvalidToken::Malformed)?;
    serde_json::from_str(json).map_err(|_| InvalidToken::Malformed)
}

fn decode_base64<'a>(part: &str, buffer: &'a mut [u8]) -> Result<&'a [u8], InvalidToken> {
    let length = URL_SAFE_NO_PAD.decode_slice(part, buffer).map_err(|_| InvalidToken::Malformed)?;
    buffer.get(..length).ok_or(InvalidToken::Malformed)
}
