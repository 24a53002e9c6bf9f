//! What stands in a token. Reading is strict: each member exactly once and of exactly the right JSON type.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The media type of access tokens (RFC 9068, section 2.1).
pub(super) const TYPE: &str = "at+jwt";

/// The one signature algorithm (RFC 7518, section 3.2).
pub(super) const ALGORITHM: &str = "HS256";

/// The header. A member beyond these is refused: `crit` and `b64` change what is signed, `jku`, `jwk`, `x5u` and `x5c`
/// bring a key along, and no other is ever written here.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header<'a> {
    pub(super) typ: &'a str,
    pub(super) alg: &'a str,
    pub(super) kid: &'a str,
}

/// The claims. Unknown ones are passed over (RFC 7519, section 4), so that replicas of two versions can run side by
/// side.
#[derive(Serialize, Deserialize)]
pub(super) struct Claims<'a> {
    #[serde(borrow)]
    pub(super) iss: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) aud: Cow<'a, str>,
    /// The id of the account if the scope is `account`, else of the user.
    #[serde(borrow)]
    pub(super) sub: Cow<'a, str>,
    /// Seconds since the Unix epoch, like `nbf` and `exp`.
    pub(super) iat: i64,
    pub(super) nbf: i64,
    pub(super) exp: i64,
    #[serde(borrow)]
    pub(super) jti: Cow<'a, str>,
    /// The id of the session.
    #[serde(borrow)]
    pub(super) sid: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) scope: Cow<'a, str>,
    /// The epoch of the subject when the token was issued.
    pub(super) epoch: i64,
}
