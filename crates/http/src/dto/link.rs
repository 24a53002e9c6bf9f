//! Links.

use serde::{Deserialize, Serialize};
use taglink_auth::principal::Principal;
use taglink_domain::model::{
    AccountScope, Edit, Link, LinkChange, LinkUrl, Notes, Tag, TagName, Timestamp, Title, UrlIdentity,
};
use taglink_domain::use_case::links::{CreateLink, TagChoice};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::include::includes;
use super::merge_patch::Member;
use super::owner::{account_scope, owner};
use super::time::as_text;
use super::{List, TagDto, body_id};
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
    #[schema(example = "Example")]
    pub title: Option<String>,
    #[schema(example = "Read this again")]
    pub notes: Option<String>,
    /// When it was created, or is said to have been (RFC 3339).
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "2026-01-31T12:30:00.000000Z")]
    pub created_at: Timestamp,
    /// When it was last changed (RFC 3339).
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String, example = "2026-01-31T12:30:00.000000Z")]
    pub updated_at: Timestamp,
    /// Its tags, in the order of tags; only with `include=tags`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tags: Option<Vec<TagDto>>,
}

impl From<Link> for LinkDto {
    fn from(link: Link) -> Self {
        Self {
            link_id: link.id.into(),
            link: link.url,
            account_id: link.account_id.into(),
            title: link.title,
            notes: link.notes,
            created_at: link.created_at,
            updated_at: link.updated_at,
            tags: None,
        }
    }
}

impl LinkDto {
    /// A link that holds its tags.
    pub fn with_tags(link: Link, tags: Vec<Tag>) -> Self {
        Self { tags: Some(tags.into_iter().map(TagDto::from).collect()), ..link.into() }
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
    /// At most 500 characters. A link that is there gets it only if it has none.
    #[schema(example = "Example", max_length = 500)]
    title: Option<String>,
    /// At most 10,000 characters. A link that is there gets them only if it has none.
    #[schema(example = "Read this again", max_length = 10000)]
    notes: Option<String>,
    /// When the link is said to have been created (RFC 3339), which is its place in lists; else it is now. A link that is
    /// there keeps its own.
    #[schema(example = "2026-01-31T12:30:00Z")]
    created_at: Option<String>,
}

impl NewLinkDto {
    /// The command that this asks for.
    ///
    /// # Errors
    /// 422 if there is not exactly one of `tag` and `tag_id`, or a value breaks a rule.
    pub fn into_command(
        self,
        principal: &Principal,
        identity: &UrlIdentity,
        at: Timestamp,
    ) -> Result<CreateLink, ApiError> {
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
        let url = link_url(self.link, identity);
        let title = self.title.as_deref().map_or(Ok(None), title);
        let notes = self.notes.map_or(Ok(None), notes);
        let created_at = self.created_at.as_deref().map(moment).transpose();
        match (url, tag, title, notes, created_at) {
            (Ok(url), Ok(tag), Ok(title), Ok(notes), Ok(created_at)) => {
                Ok(CreateLink { owner, url, tag, title, notes, created_at, at })
            }
            (url, tag, title, notes, created_at) => {
                let errors = url.err().into_iter().chain(tag.err()).chain(title.err());
                Err(ApiError::invalid(errors.chain(notes.err()).chain(created_at.err()).collect()))
            }
        }
    }
}

fn link_url(text: String, identity: &UrlIdentity) -> Result<LinkUrl, FieldError> {
    LinkUrl::parse_with(text, identity).map_err(|error| FieldError::body("link", "value_error", &error))
}

fn title(text: &str) -> Result<Option<Title>, FieldError> {
    Title::parse(text).map_err(|error| FieldError::body("title", "value_error", &error))
}

fn notes(text: String) -> Result<Option<Notes>, FieldError> {
    Notes::parse(text).map_err(|error| FieldError::body("notes", "value_error", &error))
}

fn moment(text: &str) -> Result<Timestamp, FieldError> {
    Timestamp::parse_rfc3339(text).filter(|time| time.is_storable()).ok_or_else(|| {
        let msg = "created_at must be a time such as 2026-01-31T12:30:00Z";
        FieldError::body("created_at", "value_error", msg)
    })
}

/// What is to become different about a link (JSON merge patch): what is left out stays, a title or notes that are null
/// are removed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LinkChange, example = json!({"title": "Example", "notes": null}))]
pub struct LinkChangeDto {
    /// Another URL.
    #[schema(example = "https://www.example.com", min_length = 1, max_length = 8192, nullable = false)]
    link: Option<String>,
    /// Another title, or null for none.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Example", max_length = 500)]
    title: Member<String>,
    /// Other notes, or null for none.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 10000)]
    notes: Member<String>,
}

impl LinkChangeDto {
    /// What is wanted.
    ///
    /// # Errors
    /// 422 if a value breaks a rule.
    pub fn into_change(self, identity: &UrlIdentity) -> Result<LinkChange, ApiError> {
        let url = self.link.map(|link| link_url(link, identity)).transpose();
        let title = edit(self.title, |text| title(&text));
        let notes = edit(self.notes, notes);
        match (url, title, notes) {
            (Ok(url), Ok(title), Ok(notes)) => Ok(LinkChange { url, title, notes }),
            (url, title, notes) => {
                let errors = url.err().into_iter().chain(title.err()).chain(notes.err());
                Err(ApiError::invalid(errors.collect()))
            }
        }
    }
}

/// What a member of a patch wants; `read` gives nothing for a blank value, which removes as null does.
fn edit<T>(
    member: Member<String>,
    read: impl Fn(String) -> Result<Option<T>, FieldError>,
) -> Result<Edit<T>, FieldError> {
    match member {
        Member::Absent => Ok(Edit::Keep),
        Member::Null => Ok(Edit::Clear),
        Member::Value(text) => read(text).map(Edit::to),
    }
}

/// The tags that a link shall carry: these and no others.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LinkTags, example = json!({"tags": ["example", "another"]}))]
pub struct LinkTagsDto {
    /// Names of tags; those that do not exist are made.
    #[schema(example = json!(["example", "another"]), nullable = false)]
    tags: Option<Vec<String>>,
    /// Ids of tags that exist.
    #[schema(nullable = false)]
    tag_ids: Option<Vec<String>>,
}

impl LinkTagsDto {
    /// How many tags can be set at once.
    const MAX: usize = 1000;

    /// The tags that are wanted.
    ///
    /// # Errors
    /// 422 if there are too many, neither member is there, or a value breaks a rule.
    pub fn into_choices(self) -> Result<Vec<TagChoice>, ApiError> {
        if self.tags.is_none() && self.tag_ids.is_none() {
            let msg = "One or both of tags or tag_ids must be specified";
            return Err(ApiError::broken_rule("tags_missing", FieldError::whole_body("missing", msg)));
        }
        let (names, ids) = (self.tags.unwrap_or_default(), self.tag_ids.unwrap_or_default());
        if names.len() + ids.len() > Self::MAX {
            let msg = format!("tags and tag_ids must not be more than {}", Self::MAX);
            return Err(ApiError::invalid(vec![FieldError::body("tags", "too_long", &msg)]));
        }
        let (mut choices, mut errors) = (Vec::new(), Vec::new());
        for (at, name) in names.into_iter().enumerate() {
            match TagName::parse(name) {
                Ok(name) => choices.push(TagChoice::Named(name)),
                Err(error) => errors.push(FieldError {
                    loc: vec!["body".into(), "tags".into(), at.to_string()],
                    msg: error.to_string(),
                    kind: "value_error",
                }),
            }
        }
        for id in ids {
            match body_id("tag_ids", id) {
                Ok(id) => choices.push(TagChoice::Existing(id)),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(choices) } else { Err(ApiError::invalid(errors)) }
    }
}

/// Which links to list: all, or those that carry a tag. With both filters, those that carry either.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListLinks {
    /// Only links that carry the tag with this id.
    #[param(nullable = false)]
    pub(super) tag_id: Option<String>,
    /// Only links that carry the tag of this name; with `dev/*`, those that carry `dev` or a tag below it.
    #[param(nullable = false)]
    pub(super) tag: Option<String>,
    /// Only rows of this account.
    #[param(nullable = false)]
    pub(super) account_id: Option<String>,
    /// `tags`: each link holds its tags.
    #[param(nullable = false)]
    include: Option<String>,
}

impl ListLinks {
    /// Whose links were asked for; nothing if the principal cannot see them.
    pub fn account_scope(&self, principal: &Principal) -> Option<AccountScope> {
        account_scope(principal, self.account_id.as_deref())
    }

    /// Whether the links are to hold their tags.
    ///
    /// # Errors
    /// 422 if something else is to be included.
    pub fn with_tags(&self) -> Result<bool, ApiError> {
        includes(self.include.as_deref(), "tags")
    }

    /// This list, for its cursors.
    pub fn list(&self) -> List<'_> {
        let (tag_id, tag) = (self.tag_id.as_deref(), self.tag.as_deref());
        List::new("link", &[("tag_id", tag_id), ("tag", tag), ("account_id", self.account_id.as_deref())])
            .carrying(&[("include", self.include.as_deref())])
    }
}
