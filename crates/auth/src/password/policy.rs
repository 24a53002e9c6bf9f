//! Which passwords may be set. Passwords that are already stored are not measured by this.

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// A password that may be set: 8 to 1024 bytes of UTF-8.
#[derive(Clone, Debug)]
pub struct NewPassword(SecretString);

/// Why a password may not be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordPolicyError {
    #[error("password must be at least {} bytes long", NewPassword::MIN_BYTES)]
    TooShort,
    #[error("password must be at most {} bytes long", NewPassword::MAX_BYTES)]
    TooLong,
}

impl NewPassword {
    /// The length of the shortest password, in bytes.
    pub const MIN_BYTES: usize = 8;
    /// The length of the longest password, in bytes.
    pub const MAX_BYTES: usize = 1024;

    /// Takes a password that somebody chose.
    ///
    /// # Errors
    /// If it is too short or too long.
    pub fn parse(password: SecretString) -> Result<Self, PasswordPolicyError> {
        match password.expose_secret().len() {
            ..Self::MIN_BYTES => Err(PasswordPolicyError::TooShort),
            Self::MIN_BYTES..=Self::MAX_BYTES => Ok(Self(password)),
            _ => Err(PasswordPolicyError::TooLong),
        }
    }

    pub(super) fn secret(&self) -> &SecretString {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_has_8_to_1024_bytes() {
        let parse = |text: &str| NewPassword::parse(text.into()).map(drop);
        assert_eq!(parse("1234567"), Err(PasswordPolicyError::TooShort));
        assert_eq!(parse("12345678"), Ok(()));
        assert_eq!(parse("ääää"), Ok(()), "bytes are counted, not characters");
        assert_eq!(parse(&"a".repeat(1024)), Ok(()));
        assert_eq!(parse(&"a".repeat(1025)), Err(PasswordPolicyError::TooLong));
        assert_eq!(PasswordPolicyError::TooShort.to_string(), "password must be at least 8 bytes long");
    }

    #[test]
    fn a_new_password_is_not_shown() {
        let password = NewPassword::parse("correct horse".into()).unwrap();
        assert!(!format!("{password:?}").contains("horse"));
    }
}
