//! Access tokens: JWTs (RFC 7519) in the profile of RFC 9068, signed with HMAC-SHA-256.
//!
//! The library does the cryptography. What a token must look like is decided here, because the library takes more
//! than we would: it passes over `crit` and `typ`, rounds times, accepts lists of issuers and audiences, and reads
//! the machine's clock.

mod claims;
mod issue;
mod verified;
mod verify;

pub use issue::{Grant, IssuedToken, SigningError, TokenIssuer};
pub use verify::InvalidToken;

/// The audience of every token (`aud`).
pub const AUDIENCE: &str = "urn:taglink:api";

/// The issuer of tokens (`iss`) where no public URL is configured.
pub const DEFAULT_ISSUER: &str = "urn:taglink";
