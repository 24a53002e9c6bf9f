//! Tags.

use serde::{Deserialize, Serialize};
use taglink_auth::principal::Principal;
use taglink_domain::model::{InvalidTagName, Realm, Tag, TagName, Timestamp};
use taglink_domain::use_case::tags::CreateTag;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::List;
use super::owner::{owner, realm};
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
    /// The account that it belongs to.
    #[schema(example = "018f3b1e-7c1c-7123-8a1b-0123456789ab")]
    pub account_id: Uuid,
}

impl From<Tag> for TagDto {
    fn from(tag: Tag) -> Self {
        Self { tag_id: tag.id.into(), tag: tag.name, account_id: tag.account_id.into() }
    }
}

/// A tag to store.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTag, example = json!({"tag": "example"}))]
pub struct NewTagDto {
    /// A name of 1 to 255 characters; upper and lower case and spaces at the ends make no difference.
    #[schema(example = "example", min_length = 1)]
    tag: String,
    /// The account that it shall belong to: needed with the scope `admin`, otherwise it may be left out.
    #[schema(example = "018f3b1e-7c1c-7123-8a1b-0123456789ab")]
    account_id: Option<String>,
}

impl NewTagDto {
    /// The command that this asks for.
    ///
    /// # Errors
    /// 422 if the name breaks a rule.
    pub fn into_command(self, principal: &Principal, at: Timestamp) -> Result<CreateTag, ApiError> {
        let owner = owner(principal, self.account_id)?;
        let name = TagName::parse(self.tag)
            .map_err(|error| ApiError::invalid(vec![FieldError::body("tag", "value_error", &error)]))?;
        Ok(CreateTag { owner, name, at })
    }
}

/// Which tags to list: all, or the one of a name.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListTags {
    /// Only the tag of this name.
    #[param(nullable = false)]
    tag: Option<String>,
    /// Only rows of this account.
    #[param(nullable = false)]
    account_id: Option<String>,
}

impl ListTags {
    /// Whose tags were asked for; nothing if the principal cannot see them.
    pub fn realm(&self, principal: &Principal) -> Option<Realm> {
        realm(principal, self.account_id.as_deref())
    }

    /// The name that was asked for; an error if it could not be one, so that no tag has it.
    pub fn name(&self) -> Result<Option<TagName>, InvalidTagName> {
        self.tag.clone().map(TagName::parse).transpose()
    }

    /// This list, for its cursors.
    pub fn list(&self) -> List<'_> {
        List::new("tag", &[("tag", self.tag.as_deref()), ("account_id", self.account_id.as_deref())])
    }
}
