//! A change: that a link, a tag or a taglink of an account was stored, changed or removed.

use super::{Link, LinkId, Tag, TagId, TagLink, Timestamp};

/// The number of a change within its account: 1, 2, 3 and so on in the order in which the feed learned of the changes.
/// Where a number is missing, changes were dropped that nobody had read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangeSeq(i64);

impl ChangeSeq {
    /// Before the first change.
    pub const START: Self = Self(0);

    /// The number as a type; nothing if it is negative.
    #[must_use]
    pub fn new(number: i64) -> Option<Self> {
        (number >= 0).then_some(Self(number))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }

    /// Whether `later` is the very next number.
    #[must_use]
    pub fn is_followed_by(self, later: Self) -> bool {
        self.0.checked_add(1) == Some(later.0)
    }
}

/// A change, and how what it is about is now. That may be later than the change: then another change tells of it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub seq: ChangeSeq,
    pub changed_at: Timestamp,
    pub now: Changed,
}

/// How something that has changed is now: there, or gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    Link(Link),
    Tag(Tag),
    TagLink(TagLink),
    LinkGone(LinkId),
    TagGone(TagId),
    TagLinkGone(TagId, LinkId),
}
