//! Which links a list shall hold, and in which order.

use super::{SearchQuery, SortField, SortOrder, TagPattern};
use crate::model::{AccountId, Link, LinkId, Tag, TagId, Timestamp};

/// The links of a list, and their order.
#[derive(Clone, Debug, Default)]
pub struct LinkSearch {
    /// Every condition must hold.
    pub query: SearchQuery,
    /// And a link must carry at least one of these, if they are given: none for no tags.
    pub tags: Option<Vec<TagFilter>>,
    pub sort: SortOrder,
}

/// Tags that a link may carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagFilter {
    Id(TagId),
    Pattern(TagPattern),
}

/// A link's place in an order of links, each of which begins with the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkPlace {
    pub account_id: AccountId,
    pub value: SortValue,
    pub id: LinkId,
}

impl LinkPlace {
    /// The place of a link in the usual order.
    #[must_use]
    pub fn by_creation(link: &Link) -> Self {
        Self { account_id: link.account_id, value: SortValue::Created(link.created_at), id: link.id }
    }
}

/// The value a link is ordered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortValue {
    Created(Timestamp),
    /// A [`title_key`](super::title_key).
    Title(String),
    Updated(Timestamp),
}

impl SortValue {
    /// The field that this is the value of.
    #[must_use]
    pub fn field(&self) -> SortField {
        match self {
            Self::Created(_) => SortField::Created,
            Self::Title(_) => SortField::Title,
            Self::Updated(_) => SortField::Updated,
        }
    }
}

/// A page of links that were looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundLinks {
    pub links: Vec<Link>,
    /// The place of the last one, if more links follow it.
    pub next: Option<LinkPlace>,
}

/// A tag, and how many of the links that were looked for carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagCount {
    pub tag: Tag,
    pub links: i64,
}
