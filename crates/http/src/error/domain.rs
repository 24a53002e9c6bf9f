//! From the errors of use cases and of the storage to HTTP: every case by name, none by default.

use actix_web::http::StatusCode;
use taglink_domain::model::Owner;
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::accounts::AccountError;
use taglink_domain::use_case::batch::OperationError;
use taglink_domain::use_case::changes::ReadChangesError;
use taglink_domain::use_case::editing::EditError;
use taglink_domain::use_case::idempotency::{OnceError, RefusedKey};
use taglink_domain::use_case::link_tags::SetTagsError;
use taglink_domain::use_case::links::CreateLinkError;
use taglink_domain::use_case::lookup::LookUpError;
use taglink_domain::use_case::merging::MergeError;
use taglink_domain::use_case::taglinks::CreateTagLinkError;
use taglink_domain::use_case::tags::CreateTagError;
use taglink_domain::use_case::users::UserError;

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
            CreateLinkError::TagNotFound { .. } => Self::not_found("tag_not_found", text),
            CreateLinkError::AccountNotFound(owner) => owner_not_found(&owner, &text),
            CreateLinkError::Exists(_) => Self::conflict("link_exists", text),
            CreateLinkError::Repository(error) => error.into(),
        }
    }
}

impl From<CreateTagError> for ApiError {
    fn from(error: CreateTagError) -> Self {
        let text = error.to_string();
        match error {
            CreateTagError::NameTaken { .. } => Self::conflict("tag_exists", text),
            CreateTagError::AccountNotFound(owner) => owner_not_found(&owner, &text),
            CreateTagError::Repository(error) => error.into(),
        }
    }
}

impl From<CreateTagLinkError> for ApiError {
    fn from(error: CreateTagLinkError) -> Self {
        let text = error.to_string();
        match error {
            CreateTagLinkError::TagNotFound { .. } => {
                Self::broken_rule("tag_not_found", FieldError::body("tag_id", "not_found", &text))
            }
            CreateTagLinkError::LinkNotFound { .. } => {
                Self::broken_rule("link_not_found", FieldError::body("link_id", "not_found", &text))
            }
            CreateTagLinkError::AccountNotFound(owner) => owner_not_found(&owner, &text),
            CreateTagLinkError::Exists { .. } => Self::conflict("taglink_exists", text),
            CreateTagLinkError::Repository(error) => error.into(),
        }
    }
}

/// An account that was named is wrong input; one that is its own client has been removed in mid-request.
fn owner_not_found(owner: &Owner, text: &str) -> ApiError {
    if owner.is_own() {
        ApiError::invalid_token()
    } else {
        ApiError::broken_rule("account_not_found", FieldError::body("account_id", "not_found", text))
    }
}

/// Whether a link or a tag was not found, and which, only the handler knows.
impl From<EditError> for ApiError {
    fn from(error: EditError) -> Self {
        let text = error.to_string();
        match error {
            EditError::NotFound => Self::unknown_path(),
            EditError::Changed => Self::new(StatusCode::PRECONDITION_FAILED, "precondition_failed", text),
            EditError::UrlTaken(_) => Self::conflict("link_exists", text),
            EditError::NameTaken(_) => Self::conflict("tag_exists", text),
            EditError::Repository(error) => error.into(),
        }
    }
}

impl From<SetTagsError> for ApiError {
    fn from(error: SetTagsError) -> Self {
        let text = error.to_string();
        match error {
            SetTagsError::TagNotFound(_) => {
                Self::broken_rule("tag_not_found", FieldError::body("tag_ids", "not_found", &text))
            }
            SetTagsError::Edit(error) => error.into(),
        }
    }
}

impl From<OperationError> for ApiError {
    fn from(error: OperationError) -> Self {
        let text = error.to_string();
        match error {
            OperationError::CreateLink(error) => error.into(),
            OperationError::LinkNotFound(_) => Self::not_found("link_not_found", text),
            OperationError::CreateTag(error) => error.into(),
            OperationError::TagNotFound(_) => Self::not_found("tag_not_found", text),
            OperationError::Edit(error) => error.into(),
            OperationError::SetTags(error) => error.into(),
            OperationError::CreateTagLink(error) => error.into(),
        }
    }
}

impl From<RefusedKey> for ApiError {
    fn from(error: RefusedKey) -> Self {
        let text = error.to_string();
        match error {
            RefusedKey::Reused => {
                Self::broken_rule("idempotency_key_reused", FieldError::idempotency_key("value_error", &text))
            }
            RefusedKey::AnswerTooLarge => Self::broken_rule(
                "idempotency_answer_too_large",
                FieldError::idempotency_key("value_error", &text),
            ),
            RefusedKey::SubjectGone => Self::invalid_token(),
        }
    }
}

impl From<MergeError> for ApiError {
    fn from(error: MergeError) -> Self {
        let text = error.to_string();
        match error {
            MergeError::SourceNotFound(_) => {
                Self::broken_rule("tag_not_found", FieldError::body("source_ids", "not_found", &text))
            }
            MergeError::TargetAmongSources => Self::broken_rule(
                "target_among_sources",
                FieldError::body("source_ids", "value_error", &text),
            ),
            MergeError::Target(error) => error.into(),
        }
    }
}

impl<E: Into<ApiError>> From<OnceError<E>> for ApiError {
    fn from(error: OnceError<E>) -> Self {
        match error {
            OnceError::Refused(error) => error.into(),
            OnceError::UseCase(error) => error.into(),
        }
    }
}

impl From<LookUpError> for ApiError {
    fn from(error: LookUpError) -> Self {
        let text = error.to_string();
        match error {
            LookUpError::AccountNotFound(owner) => owner_not_found(&owner, &text),
            LookUpError::Repository(error) => error.into(),
        }
    }
}

impl From<ReadChangesError> for ApiError {
    fn from(error: ReadChangesError) -> Self {
        let text = error.to_string();
        match error {
            ReadChangesError::Expired => Self::gone("cursor_expired", text),
            ReadChangesError::Repository(error) => error.into(),
        }
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        let text = error.to_string();
        match error {
            AccountError::EmailTaken(_) => Self::conflict("account_exists", text),
            AccountError::NotFound(_) => Self::not_found("account_not_found", text),
            AccountError::Repository(error) => error.into(),
        }
    }
}

impl From<UserError> for ApiError {
    fn from(error: UserError) -> Self {
        let text = error.to_string();
        match error {
            UserError::NameTaken(_) => Self::conflict("user_exists", text),
            UserError::LastAdmin => Self::conflict("last_admin", text),
            UserError::NotFound(_) | UserError::NoSuchName(_) => Self::not_found("user_not_found", text),
            UserError::Repository(error) => error.into(),
        }
    }
}
