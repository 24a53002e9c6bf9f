//! From the errors of the inner layers to HTTP: every case by name, none by default.

use actix_web::http::StatusCode;
use taglink_auth::service::{AuthenticateError, LoginError};
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::links::CreateLinkError;
use taglink_domain::use_case::taglinks::CreateTagLinkError;
use taglink_domain::use_case::tags::CreateTagError;

use super::{ApiError, FieldError};

impl From<RepositoryError> for ApiError {
    fn from(error: RepositoryError) -> Self {
        let cause = error.to_string();
        match error {
            RepositoryError::Busy(_) => {
                Self::unavailable("busy", "The service is busy, please try again", cause)
            }
            RepositoryError::Unavailable(_) => Self::unavailable(
                "database_unavailable",
                "The database is unavailable, please try again",
                cause,
            ),
            RepositoryError::NotWritable(_) => Self::unavailable(
                "database_not_writable",
                "The database does not accept changes at present",
                cause,
            ),
            RepositoryError::Conflict(_)
            | RepositoryError::MissingReference(_)
            | RepositoryError::Corrupt(_)
            | RepositoryError::Internal(_) => Self::internal(cause),
        }
    }
}

impl From<CreateLinkError> for ApiError {
    fn from(error: CreateLinkError) -> Self {
        let text = error.to_string();
        match error {
            CreateLinkError::TagNotFound(_) => Self::not_found("tag_not_found", text),
            CreateLinkError::Repository(error) => error.into(),
        }
    }
}

impl From<CreateTagError> for ApiError {
    fn from(error: CreateTagError) -> Self {
        let text = error.to_string();
        match error {
            CreateTagError::NameTaken(_) => Self::conflict("tag_exists", text),
            CreateTagError::Repository(error) => error.into(),
        }
    }
}

impl From<CreateTagLinkError> for ApiError {
    fn from(error: CreateTagLinkError) -> Self {
        let text = error.to_string();
        match error {
            CreateTagLinkError::TagNotFound(_) => {
                Self::broken_rule("tag_not_found", FieldError::body("tag_id", "not_found", &text))
            }
            CreateTagLinkError::LinkNotFound(_) => {
                Self::broken_rule("link_not_found", FieldError::body("link_id", "not_found", &text))
            }
            CreateTagLinkError::Exists { .. } => Self::conflict("taglink_exists", text),
            CreateTagLinkError::Repository(error) => error.into(),
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

impl From<LoginError> for ApiError {
    fn from(error: LoginError) -> Self {
        let text = error.to_string();
        let refused = |code| Self::new(StatusCode::UNAUTHORIZED, code, text).with_challenge("Bearer");
        match error {
            LoginError::IncorrectCredentials => refused("invalid_credentials").with_oauth("invalid_grant"),
            LoginError::InvalidScope => refused("invalid_scope").with_oauth("invalid_grant"),
            LoginError::Overloaded => {
                Self::unavailable("busy", "The service is busy, please try again", "no hashing permit".into())
                    .with_oauth("temporarily_unavailable")
            }
            LoginError::Repository(error) => Self::from(error).with_oauth("temporarily_unavailable"),
            LoginError::Internal(cause) => Self::internal(cause).with_oauth("server_error"),
        }
    }
}
