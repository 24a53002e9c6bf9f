//! Access tokens, and the forms that ask for them.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use taglink_auth::service::{Client, Login, Refresh, Tokens};
use utoipa::ToSchema;

use crate::error::{ApiError, FieldError};
use crate::extract::Form;

/// An access token, and the refresh token for the next one.
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
    /// Good once, for the next access token: `grant_type=refresh_token`.
    #[schema(example = "tgr_pVxWY9…")]
    refresh_token: String,
    /// What the token may be used for, separated by spaces; left out if it has no scope.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(example = "admin", required = false)]
    scope: &'static str,
}

impl From<Tokens> for TokenDto {
    fn from(tokens: Tokens) -> Self {
        let expires = DateTime::<Utc>::from(tokens.access.expires_at).format("%Y-%m-%dT%H:%M:%S%.6f");
        Self {
            access_token: tokens.access.access_token,
            token_type: "bearer",
            expires: expires.to_string(),
            expires_in: tokens.access.expires_in,
            refresh_token: tokens.refresh_token.expose_secret().to_owned(),
            scope: tokens.scopes.as_str(),
        }
    }
}

/// The form of the token endpoint (RFC 6749, 4.3.2 and 6). Other parameters, such as those of a client, are accepted and
/// ignored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; `Grant::read` reads it")]
pub struct TokenForm {
    /// `password` or `refresh_token`. At `/token/` it may be empty or left out, which means `password`.
    #[schema(nullable = false, example = "password")]
    grant_type: Option<String>,
    /// For a password: the name of a user; with the scope `account`, the email of an account.
    #[schema(nullable = false, example = "apiuser")]
    username: Option<String>,
    /// For a password.
    #[schema(nullable = false, format = Password)]
    password: Option<String>,
    /// For a refresh token.
    #[schema(nullable = false, example = "")]
    refresh_token: Option<String>,
    /// The scopes asked for, separated by spaces: nothing, `admin` or `account`, and `read`.
    #[schema(nullable = false, example = "")]
    scope: Option<String>,
    #[schema(nullable = false, example = "")]
    client_id: Option<String>,
    #[schema(nullable = false, format = Password, example = "")]
    client_secret: Option<String>,
}

/// What a form asks for.
pub enum Grant {
    Password(Login),
    Refresh(Refresh),
}

impl Grant {
    /// Reads a form. If not `strict`, a grant type that is empty or not there means a password, as clients of the tutorial
    /// send it.
    ///
    /// # Errors
    /// 422 if a parameter is missing, or there is no such grant type.
    pub fn read(mut form: Form, client: Client, strict: bool) -> Result<Self, ApiError> {
        let grant_type =
            if strict { form.require("grant_type")? } else { form.take("grant_type").unwrap_or_default() };
        let scope = form.take("scope").unwrap_or_default();
        match grant_type.as_str() {
            "refresh_token" => {
                Ok(Self::Refresh(Refresh { refresh_token: form.require("refresh_token")?.into(), scope }))
            }
            "" if strict => Err(unsupported("grant_type must be password or refresh_token")),
            "" | "password" => Ok(Self::Password(Login {
                username: form.require("username")?,
                password: form.require("password")?.into(),
                scope,
                client,
            })),
            _ if strict => Err(unsupported("grant_type must be password or refresh_token")),
            _ => Err(unsupported("grant_type must be password, empty or refresh_token")),
        }
    }
}

fn unsupported(msg: &str) -> ApiError {
    let error = FieldError::body("grant_type", "value_error", msg);
    ApiError::invalid(vec![error]).with_oauth("unsupported_grant_type")
}

/// The form of a revocation (RFC 7009, 2.1).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; `revoked_token` reads it")]
pub struct RevocationForm {
    /// An access token, a refresh token or an API token.
    #[schema(example = "tgr_pVxWY9…")]
    token: String,
    /// Not needed, and ignored.
    #[schema(nullable = false, example = "refresh_token")]
    token_type_hint: Option<String>,
}

/// The token that a form asks to revoke.
///
/// # Errors
/// 422 if there is none.
pub fn revoked_token(mut form: Form) -> Result<SecretString, ApiError> {
    form.require("token").map(SecretString::from)
}

/// The metadata of an OAuth2 authorization server (RFC 8414, 2).
#[derive(Serialize, ToSchema)]
#[schema(as = AuthorizationServer)]
pub struct AuthorizationServerDto {
    #[schema(example = "https://links.example.org")]
    issuer: String,
    #[schema(example = "https://links.example.org/oauth/token")]
    token_endpoint: String,
    #[schema(example = "https://links.example.org/oauth/revoke")]
    revocation_endpoint: String,
    /// There are none: nobody is sent to a login page.
    #[schema(example = json!([]))]
    response_types_supported: [&'static str; 0],
    #[schema(example = json!(["password", "refresh_token"]))]
    grant_types_supported: [&'static str; 2],
    /// Clients are public: they have no secret.
    #[schema(example = json!(["none"]))]
    token_endpoint_auth_methods_supported: [&'static str; 1],
    #[schema(example = json!(["none"]))]
    revocation_endpoint_auth_methods_supported: [&'static str; 1],
    #[schema(example = json!(["admin", "account", "read"]))]
    scopes_supported: Vec<&'static str>,
    #[schema(example = "https://links.example.org/docs/")]
    service_documentation: String,
}

impl AuthorizationServerDto {
    /// The metadata of the service that clients reach under this URL, which has no slash at its end.
    pub fn at(public_url: &str) -> Self {
        Self {
            issuer: public_url.to_owned(),
            token_endpoint: format!("{public_url}/oauth/token"),
            revocation_endpoint: format!("{public_url}/oauth/revoke"),
            response_types_supported: [],
            grant_types_supported: ["password", "refresh_token"],
            token_endpoint_auth_methods_supported: ["none"],
            revocation_endpoint_auth_methods_supported: ["none"],
            scopes_supported: taglink_auth::scope::Scopes::ALL.iter().map(|(scope, _)| *scope).collect(),
            service_documentation: format!("{public_url}/docs/"),
        }
    }
}
