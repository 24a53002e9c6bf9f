//! Accounts.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use taglink_auth::password::NewPassword;
use taglink_domain::model::{Account, Email, InvalidEmail};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{List, new_password};
use crate::error::{ApiError, FieldError};

/// A stored account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountDto {
    #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
    account_id: Uuid,
    /// The address as it was written.
    #[schema(example = "alice@example.org")]
    email: String,
    /// When it was created (RFC 3339).
    #[schema(example = "2026-01-31T12:30:00.000000Z")]
    created: String,
}

impl From<Account> for AccountDto {
    fn from(account: Account) -> Self {
        Self { account_id: account.id.into(), email: account.email, created: account.created_at.to_string() }
    }
}

/// An account to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAccount, example = json!({"email": "alice@example.org", "password": "correct horse battery"}))]
pub struct NewAccountDto {
    /// By which the account logs in. 3 to 255 characters; upper and lower case make no difference.
    #[schema(example = "alice@example.org", min_length = 3)]
    email: String,
    /// 8 to 1024 bytes.
    #[schema(value_type = String, format = Password, min_length = 8)]
    password: SecretString,
}

impl NewAccountDto {
    /// The email and the password.
    ///
    /// # Errors
    /// 422 if either breaks a rule.
    pub fn parse(self) -> Result<(Email, NewPassword), ApiError> {
        match (email(self.email), new_password("password", self.password)) {
            (Ok(email), Ok(password)) => Ok((email, password)),
            (email, password) => {
                Err(ApiError::invalid(email.err().into_iter().chain(password.err()).collect()))
            }
        }
    }
}

/// What is to become different about an account; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountChange, example = json!({"email": "alice@example.com", "current_password": "correct horse battery"}))]
pub struct AccountChangeDto {
    /// Another email.
    #[schema(example = "alice@example.com", nullable = false)]
    email: Option<String>,
    /// Another password; it ends all sessions and API tokens.
    #[schema(value_type = Option<String>, format = Password, nullable = false)]
    password: Option<SecretString>,
    /// The password as it is; the account itself must send it, an admin need not.
    #[schema(value_type = Option<String>, format = Password, nullable = false)]
    current_password: Option<SecretString>,
}

/// [`AccountChangeDto`], read.
pub struct ParsedAccountChange {
    pub email: Option<Email>,
    pub password: Option<NewPassword>,
    pub current_password: Option<SecretString>,
}

impl AccountChangeDto {
    /// What is wanted.
    ///
    /// # Errors
    /// 422 if a value breaks a rule.
    pub fn parse(self) -> Result<ParsedAccountChange, ApiError> {
        let email = self.email.map(email).transpose();
        let password = self.password.map(|password| new_password("password", password)).transpose();
        match (email, password) {
            (Ok(email), Ok(password)) => {
                Ok(ParsedAccountChange { email, password, current_password: self.current_password })
            }
            (email, password) => {
                Err(ApiError::invalid(email.err().into_iter().chain(password.err()).collect()))
            }
        }
    }
}

fn email(text: String) -> Result<Email, FieldError> {
    Email::parse(text).map_err(|error| FieldError::body("email", "value_error", &error))
}

/// Which accounts to list: all, or the one with an email.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListAccounts {
    /// Only the account with this email.
    #[param(nullable = false)]
    email: Option<String>,
}

impl ListAccounts {
    /// The email that was asked for; an error if it could not be one, so that no account has it.
    pub fn email(&self) -> Result<Option<Email>, InvalidEmail> {
        self.email.clone().map(Email::parse).transpose()
    }

    /// This list, for its cursors.
    pub fn list(&self) -> List<'_> {
        List::new("account", &[("email", self.email.as_deref())])
    }
}
