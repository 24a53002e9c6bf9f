//! Tokens.

use chrono::{DateTime, Utc};
use serde::Serialize;
use taglink_auth::service::Login;
use taglink_auth::token::IssuedToken;
use utoipa::ToSchema;

use crate::error::{ApiError, FieldError};
use crate::extract::Form;

/// An access token.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenDto {
    /// A JSON Web Token (RFC 9068), to be sent as `Authorization: Bearer …`.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiJ9…")]
    access_token: String,
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// When the token expires: UTC without saying so, with microseconds.
    #[schema(example = "2026-01-31T12:30:00.000000")]
    expires: String,
    /// For how many seconds the token is valid.
    #[schema(example = 1800)]
    expires_in: u64,
}

impl From<IssuedToken> for TokenDto {
    fn from(token: IssuedToken) -> Self {
        let expires = DateTime::<Utc>::from(token.expires_at).format("%Y-%m-%dT%H:%M:%S%.6f");
        Self {
            access_token: token.access_token,
            token_type: "bearer",
            expires: expires.to_string(),
            expires_in: token.expires_in,
        }
    }
}

/// The form of a login (RFC 6749, 4.3.2). Other parameters, such as those of a client, are accepted and ignored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; `login` reads it")]
pub struct LoginForm {
    #[schema(example = "apiuser")]
    username: String,
    #[schema(format = Password)]
    password: String,
    /// `password`, or empty, or not there.
    #[schema(nullable = false, example = "password")]
    grant_type: Option<String>,
    /// The scopes asked for, separated by spaces; there are none to be had yet.
    #[schema(nullable = false, example = "")]
    scope: Option<String>,
    #[schema(nullable = false, example = "")]
    client_id: Option<String>,
    #[schema(nullable = false, format = Password, example = "")]
    client_secret: Option<String>,
}

impl LoginForm {
    /// The login that a form asks for.
    ///
    /// # Errors
    /// 422 if a parameter is missing, or another grant than a password is asked for.
    pub fn login(mut form: Form) -> Result<Login, ApiError> {
        let grant_type = form.take("grant_type").unwrap_or_default();
        if !["", "password"].contains(&grant_type.as_str()) {
            let msg = "grant_type must be password, or empty";
            let error = FieldError::body("grant_type", "value_error", msg);
            return Err(ApiError::invalid(vec![error]).with_oauth("unsupported_grant_type"));
        }
        Ok(Login {
            username: form.require("username")?,
            password: form.require("password")?.into(),
            scope: form.take("scope").unwrap_or_default(),
        })
    }
}
