//! Taglinks.

use serde::{Deserialize, Serialize};
use taglink_auth::principal::Principal;
use taglink_domain::model::{AccountScope, IdRef, TagLink, Timestamp};
use taglink_domain::use_case::taglinks::{CreateTagLink, TagLinkQuery};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::owner::{account_scope, owner};
use super::{List, body_id};
use crate::error::{ApiError, FieldError};

/// A stored taglink: this tag is on this link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TagLink)]
pub struct TagLinkDto {
    #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
    pub tag_id: Uuid,
    #[schema(example = "018f3b1e-7c1b-7abc-9a1b-0123456789ab")]
    pub link_id: Uuid,
    /// The account that both belong to.
    #[schema(example = "018f3b1e-7c1c-7123-8a1b-0123456789ab")]
    pub account_id: Uuid,
}

impl From<TagLink> for TagLinkDto {
    fn from(taglink: TagLink) -> Self {
        Self {
            tag_id: taglink.tag_id.into(),
            link_id: taglink.link_id.into(),
            account_id: taglink.account_id.into(),
        }
    }
}

/// A tag to put on a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTagLink)]
pub struct NewTagLinkDto {
    #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
    tag_id: String,
    #[schema(example = "018f3b1e-7c1b-7abc-9a1b-0123456789ab")]
    link_id: String,
    /// The account that it shall belong to: needed with the scope `admin`, otherwise it may be left out.
    #[schema(example = "018f3b1e-7c1c-7123-8a1b-0123456789ab")]
    account_id: Option<String>,
}

impl NewTagLinkDto {
    /// The command that this asks for.
    ///
    /// # Errors
    /// 422 if an id holds a control character.
    pub fn into_command(self, principal: &Principal, at: Timestamp) -> Result<CreateTagLink, ApiError> {
        let owner = owner(principal, self.account_id)?;
        match (body_id("tag_id", self.tag_id), body_id("link_id", self.link_id)) {
            (Ok(tag_id), Ok(link_id)) => Ok(CreateTagLink { owner, tag_id, link_id, at }),
            (tag_id, link_id) => {
                Err(ApiError::invalid(tag_id.err().into_iter().chain(link_id.err()).collect()))
            }
        }
    }
}

/// Which taglinks to list: all, or those that agree with every filter given.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListTagLinks {
    /// Only taglinks of the tag with this id.
    #[param(nullable = false)]
    tag_id: Option<String>,
    /// Only taglinks of the link with this id.
    #[param(nullable = false)]
    link_id: Option<String>,
    /// Only rows of this account.
    #[param(nullable = false)]
    account_id: Option<String>,
}

impl ListTagLinks {
    /// Whose taglinks were asked for; nothing if the principal cannot see them.
    pub fn account_scope(&self, principal: &Principal) -> Option<AccountScope> {
        account_scope(principal, self.account_id.as_deref())
    }

    /// The filters.
    pub fn query(&self) -> TagLinkQuery {
        TagLinkQuery {
            tag_id: self.tag_id.clone().map(IdRef::new),
            link_id: self.link_id.clone().map(IdRef::new),
        }
    }

    /// This list, for its cursors.
    pub fn list(&self) -> List<'_> {
        let (tag_id, link_id) = (self.tag_id.as_deref(), self.link_id.as_deref());
        let account_id = self.account_id.as_deref();
        List::new("taglink", &[("tag_id", tag_id), ("link_id", link_id), ("account_id", account_id)])
    }
}

/// Which taglinks to remove: those that agree with every filter given; at least one must be.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeleteTagLinks {
    /// Only taglinks of the tag with this id.
    #[param(nullable = false)]
    tag_id: Option<String>,
    /// Only taglinks of the link with this id.
    #[param(nullable = false)]
    link_id: Option<String>,
}

impl DeleteTagLinks {
    /// Those of this tag and this link.
    pub(super) fn of(tag_id: Option<String>, link_id: Option<String>) -> Self {
        Self { tag_id, link_id }
    }

    /// The filters.
    ///
    /// # Errors
    /// 422 if there is none.
    pub fn into_query(self) -> Result<TagLinkQuery, ApiError> {
        if self.tag_id.is_none() && self.link_id.is_none() {
            let msg = "One or both of tag_id or link_id must be specified".to_owned();
            let error = FieldError { loc: vec!["query".into()], msg, kind: "missing" };
            return Err(ApiError::broken_rule("filter_missing", error));
        }
        Ok(TagLinkQuery { tag_id: self.tag_id.map(IdRef::new), link_id: self.link_id.map(IdRef::new) })
    }
}
