//! `?include=`: what else an answer is to hold.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::{ApiError, FieldError};

/// What else a link is to hold.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IncludeInLinks {
    /// `tags`: the link holds its tags.
    #[param(nullable = false)]
    include: Option<String>,
}

/// What else a tag is to hold.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IncludeInTags {
    /// `count`: the tag holds the number of its links.
    #[param(nullable = false)]
    include: Option<String>,
}

impl IncludeInLinks {
    /// Whether the link is to hold its tags.
    ///
    /// # Errors
    /// 422 for anything else.
    pub fn tags(&self) -> Result<bool, ApiError> {
        includes(self.include.as_deref(), "tags")
    }
}

impl IncludeInTags {
    /// Whether the tag is to hold the number of its links.
    ///
    /// # Errors
    /// 422 for anything else.
    pub fn count(&self) -> Result<bool, ApiError> {
        includes(self.include.as_deref(), "count")
    }
}

/// Whether `include` asks for the one thing that can be included.
pub(super) fn includes(include: Option<&str>, known: &str) -> Result<bool, ApiError> {
    match include {
        None => Ok(false),
        Some(wanted) if wanted == known => Ok(true),
        Some(_) => {
            let msg = format!("include must be {known}");
            Err(ApiError::invalid(vec![FieldError::query("include", "value_error", &msg)]))
        }
    }
}
