//! Personal API tokens.

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use taglink_auth::scope::Scopes;
use taglink_auth::service::{CreateApiToken, NewApiToken};
use taglink_domain::model::{ApiToken, ApiTokenName};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::{ApiError, FieldError};

/// An API token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiToken)]
pub struct ApiTokenDto {
    #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
    pub(crate) api_token_id: Uuid,
    /// What its holder calls it.
    #[schema(example = "nightly import")]
    name: String,
    /// What it may be used for, separated by spaces; empty if it has no scope.
    #[schema(example = "admin read")]
    scope: String,
    /// When it was made (RFC 3339).
    #[schema(example = "2026-01-31T12:30:00.000000Z")]
    created: String,
    /// When it expires (RFC 3339); null if it does not.
    #[schema(example = "2026-03-02T12:30:00.000000Z")]
    expires: Option<String>,
    /// When it was last used (RFC 3339), to the minute; null if it never was.
    #[schema(example = "2026-01-31T12:30:00.000000Z")]
    last_used: Option<String>,
}

impl From<ApiToken> for ApiTokenDto {
    fn from(token: ApiToken) -> Self {
        Self {
            api_token_id: token.id.into(),
            name: token.name,
            scope: token.scope,
            created: token.created_at.to_string(),
            expires: token.expires_at.map(|at| at.to_string()),
            last_used: token.last_used_at.map(|at| at.to_string()),
        }
    }
}

/// An API token that was just made, with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiTokenWithSecret)]
pub struct ApiTokenWithSecretDto {
    #[serde(flatten)]
    pub(crate) token: ApiTokenDto,
    /// What is sent as `Authorization: Bearer …`. It is shown this once.
    #[serde(rename = "token")]
    #[schema(example = "tgp_pVxWY9…")]
    secret: String,
}

impl From<NewApiToken> for ApiTokenWithSecretDto {
    fn from(new: NewApiToken) -> Self {
        Self { token: new.token.into(), secret: new.secret.expose_secret().to_owned() }
    }
}

/// An API token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewApiToken, example = json!({"name": "nightly import", "expires_in_days": 90}))]
pub struct NewApiTokenDto {
    /// What you call it: 1 to 255 characters.
    #[schema(example = "nightly import", min_length = 1)]
    name: String,
    /// What it may be used for, separated by spaces: no more than the login that makes it; if left out, as much.
    #[schema(example = "admin read", nullable = false)]
    scope: Option<String>,
    /// For how many days it is good, 1 to 3650; if left out, it does not expire.
    #[schema(example = 90, nullable = false, minimum = 1, maximum = 3650)]
    expires_in_days: Option<u32>,
}

impl NewApiTokenDto {
    /// The command that this asks for.
    ///
    /// # Errors
    /// 422 if a value breaks a rule.
    pub fn into_command(self) -> Result<CreateApiToken, ApiError> {
        let name =
            ApiTokenName::parse(&self.name).map_err(|error| FieldError::body("name", "value_error", &error));
        let scopes = self.scope.as_deref().map(Scopes::parse).transpose();
        let scopes = scopes.map_err(|error| FieldError::body("scope", "value_error", &error));
        let lifetime = match self.expires_in_days {
            None => Ok(None),
            Some(days @ 1..=3650) => Ok(Some(TimeDelta::days(days.into()))),
            Some(_) => {
                let msg = "expires_in_days must be a number from 1 to 3650";
                Err(FieldError::body("expires_in_days", "value_error", msg))
            }
        };
        match (name, scopes, lifetime) {
            (Ok(name), Ok(scopes), Ok(lifetime)) => Ok(CreateApiToken { name, scopes, lifetime }),
            (name, scopes, lifetime) => {
                let errors = name.err().into_iter().chain(scopes.err()).chain(lifetime.err());
                Err(ApiError::invalid(errors.collect()))
            }
        }
    }
}
