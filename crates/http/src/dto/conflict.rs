//! `?on_conflict=`: what to do about something that is there already.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::{ApiError, FieldError};

/// What to do if the URL is stored already.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OnConflictParam {
    /// What to do if the URL is stored already: `return` the link that is there, with the tag added to it (the
    /// default), or `error`.
    #[param(nullable = false)]
    on_conflict: Option<String>,
}

impl OnConflictParam {
    /// Whether it is an error.
    ///
    /// # Errors
    /// 422 if something else is to be done.
    pub fn is_error(&self) -> Result<bool, ApiError> {
        match self.on_conflict.as_deref() {
            None | Some("return") => Ok(false),
            Some("error") => Ok(true),
            Some(_) => {
                let msg = "on_conflict must be return or error";
                Err(ApiError::invalid(vec![FieldError::query("on_conflict", "value_error", msg)]))
            }
        }
    }
}
