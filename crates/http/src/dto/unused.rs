//! Removing the tags that no link carries.

use serde::Deserialize;
use taglink_auth::principal::Principal;
use taglink_domain::model::AccountScope;
use utoipa::IntoParams;

use super::owner::account_scope;
use crate::error::{ApiError, FieldError};

/// Which tags to remove: those that no link carries, said aloud.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeleteUnusedTags {
    /// Must be `true`: only tags that no link carries can be removed together.
    #[param(required = true, nullable = false, example = "true")]
    unused: Option<String>,
    /// Only rows of this account.
    #[param(nullable = false)]
    account_id: Option<String>,
}

impl DeleteUnusedTags {
    /// Whose tags are to be removed; nothing if the principal cannot see them.
    ///
    /// # Errors
    /// 422 if not only unused tags are meant.
    pub fn into_scope(self, principal: &Principal) -> Result<Option<AccountScope>, ApiError> {
        if self.unused.as_deref() != Some("true") {
            let error = FieldError::query("unused", "value_error", "unused must be true");
            return Err(ApiError::invalid(vec![error]));
        }
        Ok(account_scope(principal, self.account_id.as_deref()))
    }
}
