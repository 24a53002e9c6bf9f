//! From files that cannot be imported to HTTP.

use actix_web::http::StatusCode;
use taglink_domain::model::Owner;
use taglink_domain::use_case::import::ImportError;
use taglink_transfer::ReadError;

use super::{ApiError, FieldError};
use crate::transfer::IntakeError;

impl From<IntakeError> for ApiError {
    fn from(error: IntakeError) -> Self {
        let text = error.to_string();
        match error {
            IntakeError::TooMany { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_many_rows", text),
            IntakeError::Read(ReadError::UnknownFormat(_)) => Self::unprocessable("unknown_format", text),
            IntakeError::Read(ReadError::Charset(_)) => Self::unprocessable("unsupported_charset", text),
            IntakeError::Read(ReadError::NotThisFormat { .. }) => Self::unprocessable("wrong_format", text),
            IntakeError::Read(ReadError::Version { .. }) => Self::unprocessable("unknown_version", text),
            IntakeError::Read(ReadError::Damaged { .. }) => Self::unprocessable("file_damaged", text),
            IntakeError::Read(ReadError::Io(_) | ReadError::Stopped) => Self::internal(text),
        }
    }
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::AccountNotFound(owner) => account_not_found(&owner),
            ImportError::Repository(error) => error.into(),
        }
    }
}

/// An account named in the query that is not there; or one that is its own client, and has been removed in mid-request.
pub fn account_not_found(owner: &Owner) -> ApiError {
    if owner.is_own() {
        return ApiError::invalid_token();
    }
    let text = format!("Account with account_id '{}' not found", owner.as_sent());
    ApiError::broken_rule("account_not_found", FieldError::query("account_id", "not_found", &text))
}
