//! Links.

use serde::{Deserialize, Serialize};
use taglink_auth::principal::Principal;
use taglink_domain::model::{IdRef, Link, LinkUrl, Realm, TagId, TagName, Timestamp};
use taglink_domain::port::TagSelector;
use taglink_domain::use_case::links::{CreateLink, TagChoice};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::owner::{owner, realm};
use super::{List, body_id};
use crate::error::{ApiError, FieldError};

/// A stored link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Link)]
pub struct LinkDto {
    #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
    pub link_id: Uuid,
    /// The URL as it was first sent.
    #[schema(example = "https://www.example.com")]
    pub link: String,
    /// The account that it belongs to.
    #[schema(example = "018f3b1e-7c1c-7123-8a1b-0123456789ab")]
    pub account_id: Uuid,
}

impl From<Link> for LinkDto {
    fn from(link: Link) -> Self {
        Self { link_id: link.id.into(), link: link.url, account_id: link.account_id.into() }
    }
}

/// A link to store, and the tag it shall carry: exactly one of `tag` and `tag_id`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewLink, example = json!({"link": "https://www.example.com", "tag": "example"}))]
pub struct NewLinkDto {
    /// An absolute `http` or `https` URL of 1 to 8192 bytes. A URL is stored once: sent again, it gets the new tag.
    #[schema(example = "https://www.example.com", min_length = 1, max_length = 8192)]
    link: String,
    /// The name of a tag, 1 to 255 characters; the tag is made unless it exists.
    #[schema(example = "example")]
    tag: Option<String>,
    /// The id of a tag that exists.
    #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
    tag_id: Option<String>,
    /// The account that it shall belong to: needed with the scope `admin`, otherwise it may be left out.
    #[schema(example = "018f3b1e-7c1c-7123-8a1b-0123456789ab")]
    account_id: Option<String>,
}

impl NewLinkDto {
    /// The command that this asks for.
    ///
    /// # Errors
    /// 422 if there is not exactly one of `tag` and `tag_id`, or a value breaks a rule.
    pub fn into_command(self, principal: &Principal, at: Timestamp) -> Result<CreateLink, ApiError> {
        let tag = match (self.tag, self.tag_id) {
            (None, None) => {
                let msg = "One of tag_id or tag must be specified";
                return Err(ApiError::broken_rule("tag_missing", FieldError::whole_body("missing", msg)));
            }
            (Some(_), Some(_)) => {
                let msg = "Only one of tag_id or tag must be specified";
                return Err(ApiError::broken_rule(
                    "tag_ambiguous",
                    FieldError::whole_body("value_error", msg),
                ));
            }
            (Some(name), None) => TagName::parse(name)
                .map(TagChoice::Named)
                .map_err(|error| FieldError::body("tag", "value_error", &error)),
            (None, Some(id)) => body_id("tag_id", id).map(TagChoice::Existing),
        };
        let owner = owner(principal, self.account_id)?;
        let url = LinkUrl::parse(self.link).map_err(|error| FieldError::body("link", "value_error", &error));
        match (url, tag) {
            (Ok(url), Ok(tag)) => Ok(CreateLink { owner, url, tag, at }),
            (url, tag) => Err(ApiError::invalid(url.err().into_iter().chain(tag.err()).collect())),
        }
    }
}

/// Which links to list: all, or those that carry a tag. With both filters, those that carry either.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListLinks {
    /// Only links that carry the tag with this id.
    #[param(nullable = false)]
    tag_id: Option<String>,
    /// Only links that carry the tag of this name.
    #[param(nullable = false)]
    tag: Option<String>,
    /// Only rows of this account.
    #[param(nullable = false)]
    account_id: Option<String>,
}

impl ListLinks {
    /// Whose links were asked for; nothing if the principal cannot see them.
    pub fn realm(&self, principal: &Principal) -> Option<Realm> {
        realm(principal, self.account_id.as_deref())
    }

    /// The tags that were asked for; nothing if none were. A tag that cannot exist is left out.
    pub fn selectors(&self) -> Option<Vec<TagSelector>> {
        if self.tag.is_none() && self.tag_id.is_none() {
            return None;
        }
        let by_id = self.tag_id.clone().and_then(|id| IdRef::<TagId>::new(id).id()).map(TagSelector::Id);
        let by_name = self.tag.clone().and_then(|name| TagName::parse(name).ok());
        Some(
            by_id
                .into_iter()
                .chain(by_name.map(|name| TagSelector::NameKey(name.key().to_owned())))
                .collect(),
        )
    }

    /// This list, for its cursors.
    pub fn list(&self) -> List<'_> {
        let (tag_id, tag) = (self.tag_id.as_deref(), self.tag.as_deref());
        List::new("link", &[("tag_id", tag_id), ("tag", tag), ("account_id", self.account_id.as_deref())])
    }
}
