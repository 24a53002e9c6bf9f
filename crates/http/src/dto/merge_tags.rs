//! Merging tags.

use serde::Deserialize;
use taglink_domain::model::{IdRef, TagId};
use utoipa::ToSchema;

use super::body_id;
use crate::error::{ApiError, FieldError};

/// The tags that are merged into another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MergeTags, example = json!({"source_ids": ["018f3b1e-7c1a-7def-8a1b-0123456789ab"]}))]
pub struct MergeTagsDto {
    /// The ids of 1 to 1000 tags of the same account. Their links get the other tag, and they are removed.
    #[schema(min_items = 1, max_items = 1000)]
    source_ids: Vec<String>,
}

impl MergeTagsDto {
    /// How many tags can be merged at once.
    const MAX: usize = 1000;

    /// The tags that are to be merged.
    ///
    /// # Errors
    /// 422 if there are none or too many, or one holds a control character.
    pub fn into_sources(self) -> Result<Vec<IdRef<TagId>>, ApiError> {
        if self.source_ids.is_empty() || self.source_ids.len() > Self::MAX {
            let msg = format!("source_ids must be 1 to {}", Self::MAX);
            return Err(ApiError::invalid(vec![FieldError::body("source_ids", "value_error", &msg)]));
        }
        let sources: Result<_, _> = self.source_ids.into_iter().map(|id| body_id("source_ids", id)).collect();
        sources.map_err(|error| ApiError::invalid(vec![error]))
    }
}
