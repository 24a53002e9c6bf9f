//! From the errors of logins and tokens to HTTP: every case by name, none by default.

use actix_web::http::StatusCode;
use taglink_auth::password::HashingError;
use taglink_auth::service::{AuthenticateError, ConfirmError, CreateApiTokenError, LoginError, RefreshError};

use super::{ApiError, FieldError};

/// Why a token endpoint gives nothing.
#[derive(Debug)]
pub enum GrantError {
    Login(LoginError),
    Refresh(RefreshError),
}

impl From<LoginError> for GrantError {
    fn from(error: LoginError) -> Self {
        Self::Login(error)
    }
}

impl From<RefreshError> for GrantError {
    fn from(error: RefreshError) -> Self {
        Self::Refresh(error)
    }
}

impl GrantError {
    /// The error as RFC 6749 names it, where the tutorial's answer is less exact.
    pub fn into_oauth_error(self) -> ApiError {
        let is_scope =
            matches!(self, Self::Login(LoginError::InvalidScope) | Self::Refresh(RefreshError::InvalidScope));
        let mut error = ApiError::from(self);
        if is_scope {
            error.oauth = Some("invalid_scope");
        }
        error
    }
}

/// As the tutorial answers: everything that is wrong with a login is 401.
impl From<GrantError> for ApiError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Login(error) => error.into(),
            GrantError::Refresh(error) => error.into(),
        }
    }
}

impl From<LoginError> for ApiError {
    fn from(error: LoginError) -> Self {
        let text = error.to_string();
        match error {
            LoginError::IncorrectCredentials { for_scope: false } => refused("invalid_credentials", text),
            // One text, and so one code: whether it was the scope, `/token/` does not tell.
            LoginError::IncorrectCredentials { for_scope: true } | LoginError::InvalidScope => {
                refused("invalid_scope", text)
            }
            LoginError::Throttled(retry_after) => {
                Self::too_many_failures(text, retry_after).with_oauth("temporarily_unavailable")
            }
            LoginError::Overloaded => overloaded().with_oauth("temporarily_unavailable"),
            LoginError::Repository(error) => Self::from(error).with_oauth("temporarily_unavailable"),
            LoginError::Internal(cause) => Self::internal(cause).with_oauth("server_error"),
        }
    }
}

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        let text = error.to_string();
        match error {
            RefreshError::Invalid => refused("invalid_refresh_token", text),
            RefreshError::InvalidScope => refused("invalid_scope", text),
            RefreshError::Repository(error) => Self::from(error).with_oauth("temporarily_unavailable"),
            RefreshError::Internal(cause) => Self::internal(cause).with_oauth("server_error"),
        }
    }
}

impl From<AuthenticateError> for ApiError {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::Invalid => Self::invalid_token(),
            AuthenticateError::Repository(error) => error.into(),
        }
    }
}

impl From<ConfirmError> for ApiError {
    fn from(error: ConfirmError) -> Self {
        let text = error.to_string();
        match error {
            ConfirmError::Wrong => Self::broken_rule(
                "wrong_current_password",
                FieldError::body("current_password", "value_error", &text),
            ),
            ConfirmError::Throttled(retry_after) => Self::too_many_failures(text, retry_after),
            ConfirmError::Hashing(error) => error.into(),
            ConfirmError::Repository(error) => error.into(),
        }
    }
}

impl From<CreateApiTokenError> for ApiError {
    fn from(error: CreateApiTokenError) -> Self {
        let text = error.to_string();
        match error {
            CreateApiTokenError::ScopeTooWide(_) => {
                Self::broken_rule("scope_too_wide", FieldError::body("scope", "value_error", &text))
            }
            CreateApiTokenError::Outdated => Self::invalid_token(),
            CreateApiTokenError::Repository(error) => error.into(),
            CreateApiTokenError::Internal(cause) => Self::internal(cause),
        }
    }
}

impl From<HashingError> for ApiError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Overloaded => overloaded(),
            HashingError::Failed(failure) => Self::internal(failure.to_string()),
        }
    }
}

fn refused(code: &'static str, text: String) -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, code, text).with_challenge("Bearer").with_oauth("invalid_grant")
}

fn overloaded() -> ApiError {
    ApiError::unavailable("busy", "The service is busy, please try again", "no hashing permit".into())
}
