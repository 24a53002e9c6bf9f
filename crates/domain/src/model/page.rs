//! Keyset paging: a page starts behind a position in the collection's order, never at an offset.

use thiserror::Error;

use super::{
    Account, AccountId, ApiToken, ApiTokenId, Change, Changed, Link, LinkId, Session, SessionId, Tag, TagId,
    TagLink, Timestamp, User, UserId,
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
        let number = text.parse().ok().filter(|_| digits);
        number.and_then(Self::new).ok_or(InvalidLimit)
    }

    /// The limit of this many rows; nothing if that is 0 or more than [`Limit::MAX`].
    #[must_use]
    pub fn new(number: u16) -> Option<Self> {
        (1..=Self::MAX).contains(&number).then_some(Self(number))
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

    /// Makes a page from up to `limit + 1` rows. It ends early, but never empty, when its items take [`MAX_PAGE_BYTES`]. The
    /// row after the last item says that there are more.
    ///
    /// # Errors
    /// If a row could not be read.
    pub fn collect<E>(rows: impl IntoIterator<Item = Result<T, E>>, limit: Limit) -> Result<Self, E>
    where
        T: PageItem,
    {
        let (mut page, mut bytes) = (Self::empty(), 0);
        for row in rows {
            if page.items.len() >= usize::from(limit.get()) || bytes >= MAX_PAGE_BYTES {
                page.has_more = true;
                break;
            }
            let row = row?;
            bytes += row.bytes();
            page.items.push(row);
        }
        Ok(page)
    }
}

/// How many bytes the items of a page take, about, before it ends early: 1000 links with notes of 2000 characters take less.
/// Clients that do not read their answers cost so much memory each.
pub const MAX_PAGE_BYTES: usize = 3 * 1024 * 1024;

/// What pages consist of.
pub trait PageItem {
    /// About how many bytes it takes in an answer: 300 and its texts.
    fn bytes(&self) -> usize {
        300
    }
}

impl PageItem for Account {}
impl PageItem for ApiToken {}
impl PageItem for Session {}
impl PageItem for TagLink {}
impl PageItem for User {}

impl PageItem for Link {
    fn bytes(&self) -> usize {
        let texts = [&self.title, &self.notes].into_iter().flatten().map(String::len);
        300 + self.url.len() + texts.sum::<usize>()
    }
}

impl PageItem for Tag {
    fn bytes(&self) -> usize {
        300 + self.name.len()
    }
}

impl PageItem for Change {
    fn bytes(&self) -> usize {
        match &self.now {
            Changed::Link(link) => link.bytes(),
            Changed::Tag(tag) => tag.bytes(),
            Changed::TagLink(_) | Changed::LinkGone(_) | Changed::TagGone(_) | Changed::TagLinkGone(..) => {
                300
            }
        }
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

    struct Item(usize);

    impl PageItem for Item {
        fn bytes(&self) -> usize {
            self.0
        }
    }

    /// How many items a page has, and whether there are more.
    fn page_of(sizes: &[usize], limit: &str) -> (usize, bool) {
        let rows = sizes.iter().map(|size| Ok::<_, ()>(Item(*size)));
        let page = Page::collect(rows, Limit::parse(limit).unwrap()).unwrap();
        (page.items.len(), page.has_more)
    }

    #[test]
    fn the_row_too_many_is_left_out_and_remembered() {
        assert_eq!(page_of(&[1, 2, 3], "2"), (2, true));
        assert_eq!(page_of(&[1, 2], "2"), (2, false));
    }

    #[test]
    fn a_page_of_many_bytes_ends_early_but_not_empty() {
        assert_eq!(page_of(&[MAX_PAGE_BYTES, 1], "9"), (1, true));
        assert_eq!(page_of(&[MAX_PAGE_BYTES], "9"), (1, false));
        assert_eq!(page_of(&[MAX_PAGE_BYTES - 1, MAX_PAGE_BYTES, 1], "9"), (2, true));
    }

    #[test]
    fn a_row_that_cannot_be_read_fails_the_page() {
        assert_eq!(Page::<Item>::collect([Err("damaged")], Limit::default()).err(), Some("damaged"));
    }
}
