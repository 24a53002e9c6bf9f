//! Cursors: opaque names of a place in a list.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};
use taglink_domain::model::{
    AccountPosition, ApiTokenPosition, SessionPosition, TagLinkPosition, TagPosition, Timestamp, UserPosition,
};
use taglink_domain::search::{LinkPlace, SortValue};
use uuid::Uuid;

/// The format of cursors; raised when their bytes change their meaning.
const VERSION: u8 = 1;

/// How many bytes of the check are kept.
const CHECK: usize = 8;

/// A collection with its filters: what a cursor belongs to.
///
/// A cursor is base64url of a version, the sort values and ids of a row, and a short hash that ties these to the
/// collection and the filters. It holds nothing that its reader could not see anyway.
pub struct List<'a> {
    pub(super) collection: &'static str,
    pub(super) filters: Vec<(&'static str, &'a str)>,
    /// What the next page is to be asked for as well, though a cursor fits without it.
    pub(super) carried: Vec<(&'static str, &'a str)>,
}

/// A place in the order of a list, as bytes.
pub trait Place: Sized {
    /// The sort values and ids.
    fn to_bytes(&self) -> Vec<u8>;
    /// The place, if the bytes are one.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

impl<'a> List<'a> {
    /// The collection narrowed by those filters that are given.
    pub fn new(collection: &'static str, filters: &[(&'static str, Option<&'a str>)]) -> Self {
        Self { collection, filters: given(filters), carried: Vec::new() }
    }

    /// The same list, narrowed or ordered by these parameters as well, if they are given.
    #[must_use]
    pub fn also(mut self, filters: &[(&'static str, Option<&'a str>)]) -> Self {
        self.filters.extend(given(filters));
        self
    }

    /// The same list, whose next page is asked for with these parameters as well, if they are given.
    #[must_use]
    pub fn carrying(mut self, parameters: &[(&'static str, Option<&'a str>)]) -> Self {
        self.carried.extend(given(parameters));
        self
    }

    /// The cursor of a place.
    pub fn encode(&self, place: &impl Place) -> String {
        let place = place.to_bytes();
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&place);
        bytes.extend_from_slice(&self.check(&place));
        BASE64.encode(bytes)
    }

    /// The place of a cursor; nothing if it is damaged or another list's.
    pub fn decode<P: Place>(&self, cursor: &str) -> Option<P> {
        let bytes = BASE64.decode(cursor).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (place, check) = rest.split_last_chunk::<CHECK>()?;
        if *version == VERSION && *check == self.check(place) { P::from_bytes(place) } else { None }
    }

    fn check(&self, place: &[u8]) -> [u8; CHECK] {
        /// A byte that UTF-8 never has, so that it keeps texts apart.
        const END: [u8; 1] = [0xff];
        let mut hash = Sha256::new();
        hash.update([VERSION]);
        hash.update(self.collection);
        for (name, value) in &self.filters {
            hash.update(END);
            hash.update(name);
            hash.update(END);
            hash.update(value);
        }
        hash.update([END, END].concat());
        hash.update(place);
        let digest: [u8; 32] = hash.finalize().into();
        digest.first_chunk().copied().unwrap_or_default()
    }
}

fn given<'a>(parameters: &[(&'static str, Option<&'a str>)]) -> Vec<(&'static str, &'a str)> {
    parameters.iter().filter_map(|(name, value)| value.map(|value| (*name, value))).collect()
}

/// The place of a row in the order `(created_at, id)`.
macro_rules! place_by_id {
    ($($position:ident),+ $(,)?) => {
        $(impl Place for $position {
            fn to_bytes(&self) -> Vec<u8> {
                join(self.created_at, [self.id.into()])
            }

            fn from_bytes(bytes: &[u8]) -> Option<Self> {
                let (created_at, [id]) = split(bytes)?;
                Some(Self { created_at, id: id.into() })
            }
        })+
    };
}

place_by_id!(AccountPosition, UserPosition, SessionPosition, ApiTokenPosition);

impl Place for TagPosition {
    fn to_bytes(&self) -> Vec<u8> {
        join(self.created_at, [self.account_id.into(), self.id.into()])
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (created_at, [account_id, id]) = split(bytes)?;
        Some(Self { account_id: account_id.into(), created_at, id: id.into() })
    }
}

impl Place for TagLinkPosition {
    fn to_bytes(&self) -> Vec<u8> {
        join(self.link_created_at, [self.account_id.into(), self.tag_id.into(), self.link_id.into()])
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (link_created_at, [account_id, tag_id, link_id]) = split(bytes)?;
        Some(Self {
            account_id: account_id.into(),
            tag_id: tag_id.into(),
            link_created_at,
            link_id: link_id.into(),
        })
    }
}

/// The first byte tells the order.
impl Place for LinkPlace {
    fn to_bytes(&self) -> Vec<u8> {
        let ids = [self.account_id.into(), self.id.into()];
        let (order, rest) = match &self.value {
            SortValue::Created(time) => (BY_CREATION, join(*time, ids)),
            SortValue::Updated(time) => (BY_UPDATE, join(*time, ids)),
            SortValue::Title(key) => {
                (BY_TITLE, [ids.map(Uuid::into_bytes).concat().as_slice(), key.as_bytes()].concat())
            }
        };
        [&[order], rest.as_slice()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (order, rest) = bytes.split_first()?;
        let (value, [account_id, id]) = match *order {
            BY_CREATION => split(rest).map(|(time, ids)| (SortValue::Created(time), ids))?,
            BY_UPDATE => split(rest).map(|(time, ids)| (SortValue::Updated(time), ids))?,
            BY_TITLE => {
                let (ids, key) = rest.split_first_chunk::<32>()?;
                let (ids, []) = ids.as_chunks() else { return None };
                let key = str::from_utf8(key).ok().filter(|key| !key.contains(char::is_control))?;
                let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from_bytes).collect();
                (SortValue::Title(key.to_owned()), ids.try_into().ok()?)
            }
            _ => return None,
        };
        Some(Self { account_id: account_id.into(), value, id: id.into() })
    }
}

const BY_CREATION: u8 = 0;
const BY_UPDATE: u8 = 1;
const BY_TITLE: u8 = 2;

fn join<const N: usize>(created_at: Timestamp, ids: [Uuid; N]) -> Vec<u8> {
    let ids = ids.iter().flat_map(|id| *id.as_bytes());
    created_at.micros().to_be_bytes().into_iter().chain(ids).collect()
}

fn split<const N: usize>(bytes: &[u8]) -> Option<(Timestamp, [Uuid; N])> {
    let (micros, ids) = bytes.split_first_chunk()?;
    let (ids, []) = ids.as_chunks() else { return None };
    let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from_bytes).collect();
    let created_at = Timestamp::from_micros(i64::from_be_bytes(*micros)).filter(|time| time.is_storable())?;
    Some((created_at, ids.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use taglink_domain::model::{AccountId, LinkId, TagId};

    use super::*;

    fn place() -> LinkPlace {
        let time = Timestamp::from_micros(1_700_000_000_123_456).unwrap();
        LinkPlace { account_id: AccountId::new(), value: SortValue::Created(time), id: LinkId::new() }
    }

    #[test]
    fn a_cursor_leads_back_to_its_place() {
        let list = List::new("link", &[("tag", Some("rust"))]);
        let place = place();
        assert_eq!(list.decode(&list.encode(&place)), Some(place));
        let pair = TagLinkPosition {
            account_id: AccountId::new(),
            tag_id: TagId::new(),
            link_created_at: Timestamp::from_micros(1_700_000_000_123_456).unwrap(),
            link_id: LinkId::new(),
        };
        let list = List::new("taglink", &[]);
        assert_eq!(list.decode(&list.encode(&pair)), Some(pair));
    }

    #[test]
    fn a_place_in_each_order_is_led_back_to() {
        let list = List::new("link", &[]);
        let LinkPlace { account_id, id, .. } = place();
        let time = Timestamp::from_micros(1_700_000_000_123_456).unwrap();
        let titles = ["", "rust", "日本", "1234567"].map(|key| SortValue::Title(key.into()));
        for value in [SortValue::Created(time), SortValue::Updated(time)].into_iter().chain(titles) {
            let place = LinkPlace { account_id, value, id };
            assert_eq!(list.decode(&list.encode(&place)), Some(place));
        }
        let control = LinkPlace { account_id, value: SortValue::Title("a\0".into()), id };
        assert_eq!(list.decode::<LinkPlace>(&list.encode(&control)), None);
    }

    #[test]
    fn a_cursor_belongs_to_its_collection_and_filters() {
        let cursor = List::new("link", &[("tag", Some("rust"))]).encode(&place());
        for (collection, name, value) in [
            ("tag", "tag", Some("rust")),
            ("link", "tag", None),
            ("link", "tag", Some("go")),
            ("link", "tag_id", Some("rust")),
        ] {
            assert_eq!(List::new(collection, &[(name, value)]).decode::<LinkPlace>(&cursor), None);
        }
    }

    #[test]
    fn a_time_that_no_database_could_hold_is_no_place() {
        let list = List::new("link", &[]);
        for micros in
            [i64::MIN / 2, -62_135_596_800_000_001, 253_402_300_800_000_000, 8_210_266_876_799_999_999]
        {
            let Some(created_at) = Timestamp::from_micros(micros) else { continue };
            let cursor = list.encode(&LinkPlace { value: SortValue::Created(created_at), ..place() });
            assert_eq!(list.decode::<LinkPlace>(&cursor), None, "{micros}");
        }
    }

    #[test]
    fn a_damaged_cursor_is_none() {
        let list = List::new("link", &[]);
        let cursor = list.encode(&place());
        for at in 0..cursor.len() {
            let mut damaged = cursor.clone().into_bytes();
            damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(list.decode::<LinkPlace>(&String::from_utf8(damaged).unwrap()), None, "at {at}");
            assert_eq!(list.decode::<LinkPlace>(&cursor[..at]), None, "cut at {at}");
        }
        for other in ["", "!", "AQ", &format!("{cursor}=")] {
            assert_eq!(list.decode::<LinkPlace>(other), None);
        }
    }
}
