//! Looking many URLs up at once.

use serde::{Deserialize, Serialize};
use taglink_auth::principal::Principal;
use taglink_domain::model::{InvalidLink, LinkUrl, Owner, UrlIdentity};
use taglink_domain::use_case::lookup::FoundLinks;
use utoipa::ToSchema;

use super::LinkDto;
use super::owner::owner;
use crate::error::{ApiError, FieldError};

/// URLs to look up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LookUp, example = json!({"links": ["https://www.example.com", "javascript:alert(1)"]}))]
pub struct LookUpDto {
    /// Up to 1000 URLs.
    #[schema(max_items = 1000)]
    links: Vec<String>,
    /// The account whose links are meant: needed with the scope `admin`, otherwise it may be left out.
    #[schema(example = "018f3b1e-7c1c-7123-8a1b-0123456789ab")]
    account_id: Option<String>,
}

/// A URL that was asked for: as it was sent, and what it is or why it is none.
pub type AskedUrl = (String, Result<LinkUrl, InvalidLink>);

impl LookUpDto {
    /// The largest body, in bytes.
    pub const MAX_BYTES: usize = 1024 * 1024;

    /// How many URLs can be looked up at once.
    const MAX: usize = 1000;

    /// Whose links are meant, and the URLs.
    ///
    /// # Errors
    /// 422 if there are too many, or an account is needed or may not be named.
    pub fn into_query(
        self,
        principal: &Principal,
        identity: &UrlIdentity,
    ) -> Result<(Owner, Vec<AskedUrl>), ApiError> {
        let owner = owner(principal, self.account_id)?;
        if self.links.len() > Self::MAX {
            let msg = format!("links must not be more than {}", Self::MAX);
            return Err(ApiError::invalid(vec![FieldError::body("links", "too_long", &msg)]));
        }
        let read = |text: String| {
            let url = LinkUrl::parse_with(text.clone(), identity);
            (text, url)
        };
        Ok((owner, self.links.into_iter().map(read).collect()))
    }
}

/// A URL that was looked up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LookedUp)]
pub struct LookedUpDto {
    /// The URL as it was sent.
    #[schema(example = "https://www.example.com")]
    pub link: String,
    /// The stored link with its tags, or null.
    pub found: Option<LinkDto>,
    /// Why it is no valid URL; only if it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "link must start with http:// or https://")]
    pub error: Option<String>,
}

impl LookedUpDto {
    /// What became of a URL.
    pub fn new((link, url): AskedUrl, found: &FoundLinks) -> Self {
        match url {
            Ok(url) => {
                let found = found.get(url.hash()).cloned();
                Self { link, found: found.map(|(found, tags)| LinkDto::with_tags(found, tags)), error: None }
            }
            Err(error) => Self { link, found: None, error: Some(error.to_string()) },
        }
    }
}
