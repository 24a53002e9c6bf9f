//! Keyset paging: a page starts behind a position in the collection's order, never at an offset.

use thiserror::Error;

use super::{
    Account, AccountId, ApiToken, ApiTokenId, LinkId, Session, SessionId, Tag, TagId, TagLink, Timestamp,
    User, UserId,
};

/// How many rows a page may hold: 1 to 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u16);

/// Why a number is no [`Limit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("limit must be a number from 1 to 1000")]
pub struct InvalidLimit;

impl Limit {
    /// The largest page.
    pub const MAX: u16 = 1000;

    /// Reads a limit from decimal digits.
    ///
    /// # Errors
    /// If the text is not a number from 1 to [`Limit::MAX`].
    pub fn parse(text: &str) -> Result<Self, InvalidLimit> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| digits && (1..=Self::MAX).contains(number));
        number.map(Self).ok_or(InvalidLimit)
    }

    /// The limit as a number.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(100)
    }
}

/// Which page is wanted: at most `limit` rows that come after a position.
#[derive(Clone, Debug)]
pub struct PageRequest<P> {
    pub limit: Limit,
    pub after: Option<P>,
}

/// The first page.
impl<P> Default for PageRequest<P> {
    fn default() -> Self {
        Self { limit: Limit::default(), after: None }
    }
}

/// Some rows of a collection, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Whether more rows follow the last item.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// A page of a collection without rows.
    #[must_use]
    pub fn empty() -> Self {
        Self { items: Vec::new(), has_more: false }
    }

    /// Makes a page from up to `limit + 1` rows: the one too many says that there are more.
    #[must_use]
    pub fn from_lookahead(mut rows: Vec<T>, limit: Limit) -> Self {
        let limit = usize::from(limit.get());
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        Self { items: rows, has_more }
    }
}

/// Declares the place of a row in the order `(created_at, id)`.
macro_rules! define_position {
    ($(#[$doc:meta])* $name:ident of $row:ident by $id:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name {
            pub created_at: Timestamp,
            pub id: $id,
        }

        impl From<&$row> for $name {
            fn from(row: &$row) -> Self {
                Self { created_at: row.created_at, id: row.id }
            }
        }
    };
}

define_position!(
    /// An account's place in the order of accounts.
    AccountPosition of Account by AccountId
);
define_position!(
    /// A user's place in the order of users.
    UserPosition of User by UserId
);
define_position!(
    /// A session's place in the order of sessions.
    SessionPosition of Session by SessionId
);
define_position!(
    /// An API token's place in the order of API tokens.
    ApiTokenPosition of ApiToken by ApiTokenId
);

/// A tag's place in the order of tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagPosition {
    pub account_id: AccountId,
    pub created_at: Timestamp,
    pub id: TagId,
}

impl From<&Tag> for TagPosition {
    fn from(tag: &Tag) -> Self {
        Self { account_id: tag.account_id, created_at: tag.created_at, id: tag.id }
    }
}

/// A taglink's place in the order of taglinks: the links of each tag in the order of links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagLinkPosition {
    pub account_id: AccountId,
    pub tag_id: TagId,
    pub link_created_at: Timestamp,
    pub link_id: LinkId,
}

impl From<&TagLink> for TagLinkPosition {
    fn from(taglink: &TagLink) -> Self {
        let TagLink { account_id, tag_id, link_created_at, link_id, .. } = *taglink;
        Self { account_id, tag_id, link_created_at, link_id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_1_to_1000_in_plain_digits() {
        assert_eq!(Limit::parse("1").map(Limit::get), Ok(1));
        assert_eq!(Limit::parse("1000").map(Limit::get), Ok(1000));
        for text in ["", "0", "-1", "+5", "1001", "99999999999999999999", "1e2", " 5", "ten"] {
            assert_eq!(Limit::parse(text), Err(InvalidLimit), "{text:?}");
        }
    }

    #[test]
    fn the_row_too_many_is_cut_off_and_remembered() {
        let limit = Limit::parse("2").unwrap();
        assert_eq!(Page::from_lookahead(vec![1, 2, 3], limit), Page { items: vec![1, 2], has_more: true });
        assert_eq!(Page::from_lookahead(vec![1, 2], limit), Page { items: vec![1, 2], has_more: false });
    }
}
