//! A taglink: one tag on one link of the same account.

use super::{AccountId, LinkId, TagId, Timestamp};

/// A stored association of a tag with a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagLink {
    pub account_id: AccountId,
    pub tag_id: TagId,
    pub link_id: LinkId,
    /// When the link was created: lets the links of a tag be read in their own order from one index.
    pub link_created_at: Timestamp,
    pub created_at: Timestamp,
}
