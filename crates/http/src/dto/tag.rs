//! Tags.

use serde::{Deserialize, Serialize};
use taglink_auth::principal::Principal;
use taglink_domain::model::{AccountScope, InvalidTagName, Tag, TagName, Timestamp};
use taglink_domain::search::TagPattern;
use taglink_domain::use_case::tags::CreateTag;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::List;
use super::include::includes;
use super::owner::{account_scope, owner};
use super::time::as_text;
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
    /// When it was created (RFC 3339).
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "2026-01-31T12:30:00.000000Z")]
    pub created_at: Timestamp,
    /// When it was last changed (RFC 3339).
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "2026-01-31T12:30:00.000000Z")]
    pub updated_at: Timestamp,
    /// How many links carry it; only with `include=count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub link_count: Option<i64>,
}

impl From<Tag> for TagDto {
    fn from(tag: Tag) -> Self {
        Self {
            tag_id: tag.id.into(),
            tag: tag.name,
            account_id: tag.account_id.into(),
            created_at: tag.created_at,
            updated_at: tag.updated_at,
            link_count: None,
        }
    }
}

impl TagDto {
    /// A tag that holds the number of its links.
    pub fn with_count(tag: Tag, link_count: i64) -> Self {
        Self { link_count: Some(link_count), ..tag.into() }
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

/// What is to become different about a tag.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TagChange, example = json!({"tag": "another name"}))]
pub struct TagChangeDto {
    /// Another name of 1 to 255 characters.
    #[schema(example = "another name", min_length = 1)]
    tag: String,
}

impl TagChangeDto {
    /// The name that is wanted.
    ///
    /// # Errors
    /// 422 if it breaks a rule.
    pub fn into_name(self) -> Result<TagName, ApiError> {
        TagName::parse(self.tag)
            .map_err(|error| ApiError::invalid(vec![FieldError::body("tag", "value_error", &error)]))
    }
}

/// Which tags to list: all, the one of a name, or that and all below it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListTags {
    /// Only the tag of this name; with `dev/*`, `dev` and every tag below it.
    #[param(nullable = false)]
    tag: Option<String>,
    /// Only rows of this account.
    #[param(nullable = false)]
    account_id: Option<String>,
    /// `count`: each tag holds the number of its links.
    #[param(nullable = false)]
    include: Option<String>,
}

impl ListTags {
    /// Whose tags were asked for; nothing if the principal cannot see them.
    pub fn account_scope(&self, principal: &Principal) -> Option<AccountScope> {
        account_scope(principal, self.account_id.as_deref())
    }

    /// Which tags were asked for; an error if no tag could have such a name.
    pub fn pattern(&self) -> Result<Option<TagPattern>, InvalidTagName> {
        self.tag.as_deref().map(TagPattern::parse).transpose()
    }

    /// Whether the tags are to hold the number of their links.
    ///
    /// # Errors
    /// 422 if something else is to be included.
    pub fn with_count(&self) -> Result<bool, ApiError> {
        includes(self.include.as_deref(), "count")
    }

    /// This list, for its cursors.
    pub fn list(&self) -> List<'_> {
        List::new("tag", &[("tag", self.tag.as_deref()), ("account_id", self.account_id.as_deref())])
            .carrying(&[("include", self.include.as_deref())])
    }
}
