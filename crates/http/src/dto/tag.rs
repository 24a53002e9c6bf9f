//! Tags.

use serde::{Deserialize, Serialize};
use taglink_domain::model::{AccountId, Tag, TagName, Timestamp};
use taglink_domain::use_case::tags::CreateTag;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::List;
use crate::error::{ApiError, FieldError};

/// A stored tag.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tag)]
pub struct TagDto {
    #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
    pub tag_id: Uuid,
    /// The name as it was first written.
    #[schema(example = "example")]
    pub tag: String,
}

impl From<Tag> for TagDto {
    fn from(tag: Tag) -> Self {
        Self { tag_id: tag.id.into(), tag: tag.name }
    }
}

/// A tag to store.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTag)]
pub struct NewTagDto {
    /// A name of 1 to 255 characters; upper and lower case and spaces at the ends make no difference.
    #[schema(example = "example", min_length = 1)]
    tag: String,
}

impl NewTagDto {
    /// The command that this asks for.
    ///
    /// # Errors
    /// 422 if the name breaks a rule.
    pub fn into_command(self, account_id: AccountId, at: Timestamp) -> Result<CreateTag, ApiError> {
        let name = TagName::parse(self.tag)
            .map_err(|error| ApiError::invalid(vec![FieldError::body("tag", "value_error", &error)]))?;
        Ok(CreateTag { account_id, name, at })
    }
}

/// Which tags to list: all, or the one of a name.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListTags {
    /// Only the tag of this name.
    #[param(nullable = false)]
    tag: Option<String>,
}

/// What the name filter of a list comes to.
pub enum NameFilter {
    /// There is none.
    All,
    /// It is this name.
    Name(TagName),
    /// It could not be a name, so no tag has it.
    Nothing,
}

impl ListTags {
    /// The name that was asked for.
    pub fn name(&self) -> NameFilter {
        match &self.tag {
            None => NameFilter::All,
            Some(name) => TagName::parse(name.clone()).map_or(NameFilter::Nothing, NameFilter::Name),
        }
    }

    /// This list, for its cursors.
    pub fn list(&self) -> List<'_> {
        List::new("tag", &[("tag", self.tag.as_deref())])
    }
}
