//! Identifiers: one type per table, so that a tag's id cannot be passed where a link's is meant.

use std::fmt;

use uuid::Uuid;

use super::Timestamp;

/// Declares an id newtype over [`Uuid`], made monotonic by UUID version 7 (RFC 9562).
macro_rules! define_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A fresh UUIDv7; ids made by one process ascend.
            #[must_use]
            pub fn new() -> Self { Self(next_uuid()) }
        }

        impl Default for $name { fn default() -> Self { Self::new() } }
        impl From<Uuid> for $name { fn from(id: Uuid) -> Self { Self(id) } }
        impl From<$name> for Uuid { fn from(id: $name) -> Self { id.0 } }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
    };
}

define_id!(
    /// Identifies a link.
    LinkId
);
define_id!(
    /// Identifies a tag.
    TagId
);
define_id!(
    /// Identifies an account, the owner of links and tags.
    AccountId
);
define_id!(
    /// Identifies a user, who operates the service.
    UserId
);
define_id!(
    /// Identifies an access token (RFC 7519, `jti`).
    TokenId
);
define_id!(
    /// Identifies a session: a login and everything that came of it.
    SessionId
);
define_id!(
    /// Identifies a personal API token.
    ApiTokenId
);

define_id!(
    /// Identifies a change that has no number yet.
    ChangeId
);

impl AccountId {
    /// The built-in account that nobody logs in as; tokens without a scope act on it.
    pub const SHARED: Self = Self(Uuid::nil());
}

#[expect(clippy::disallowed_methods, reason = "the one place where identifiers are made")]
fn next_uuid() -> Uuid {
    Uuid::now_v7()
}

/// When an id was made, if its version tells (RFC 9562: 1, 6 and 7) and the moment is a credible one before `now`.
#[must_use]
pub(crate) fn made_at(id: impl Into<Uuid>, now: Timestamp) -> Option<Timestamp> {
    // The beginning of 1990: before that, nobody made any.
    const EARLIEST: i64 = 631_152_000_000_000;
    let (seconds, nanos) = id.into().get_timestamp()?.to_unix();
    let micros = i64::try_from(seconds).ok()?.checked_mul(1_000_000)?.checked_add(i64::from(nanos / 1000))?;
    Timestamp::from_micros(micros).filter(|time| time.micros() >= EARLIEST && *time <= now)
}

/// Whose rows an operation may see. It is part of every query, never a check afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountScope {
    /// The rows of every account.
    All,
    /// The rows of one account.
    One(AccountId),
}

impl AccountScope {
    /// Whether the rows of the account are in the scope.
    #[must_use]
    pub fn contains(self, account: AccountId) -> bool {
        match self {
            Self::All => true,
            Self::One(own) => own == account,
        }
    }
}

/// An id as the client wrote it.
///
/// Text that is no hyphenated UUID (RFC 9562, any case) names nothing: it is "not found", never malformed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdRef<T> {
    text: String,
    id: Option<T>,
}

impl<T: From<Uuid> + Copy> IdRef<T> {
    /// Reads an id; `text` is kept for messages.
    #[must_use]
    pub fn new(text: String) -> Self {
        const HYPHENATED: usize = 36;
        let id = Some(text.as_str())
            .filter(|text| text.len() == HYPHENATED)
            .and_then(|text| Uuid::try_parse(text).ok())
            .map(T::from);
        Self { text, id }
    }

    /// The id, if the text is one.
    #[must_use]
    pub fn id(&self) -> Option<T> {
        self.id
    }
}

/// An id that is known, as text as well.
impl<T: Into<Uuid> + fmt::Display + Copy> From<T> for IdRef<T> {
    fn from(id: T) -> Self {
        Self { text: id.to_string(), id: Some(id) }
    }
}

impl<T> fmt::Display for IdRef<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_ids_ascend() {
        let ids: Vec<_> = (0..1000).map(|_| LinkId::new()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn ids_of_some_versions_tell_when_they_were_made() {
        let now = Timestamp::from_micros(1_800_000_000_000_000).unwrap();
        let made = |text| IdRef::<LinkId>::new(String::from(text)).id().and_then(|id| made_at(id, now));
        let one = made("d9428888-122b-11e1-b85c-61cd3cbb3210").unwrap();
        assert_eq!(one.to_string(), "2011-11-18T21:25:33.573543Z");
        assert_eq!(made("018f3b1e-7c1a-7def-8a1b-0123456789ab").unwrap().seconds(), 1_714_683_804);
        assert_eq!(made("f47ac10b-58cc-4372-a567-0e02b2c3d479"), None, "version 4 is random");
        assert_eq!(made("ffffffff-ffff-1fff-bfff-ffffffffffff"), None, "not yet");
        assert_eq!(made("00000000-0000-1000-8000-000000000000"), None, "1582");
    }

    #[test]
    fn only_hyphenated_uuids_are_ids() {
        let text = "018f3b1e-7c1a-7def-8a1b-0123456789ab";
        assert_eq!(IdRef::<TagId>::new(text.to_uppercase()).id(), IdRef::<TagId>::new(text.into()).id());
        assert!(IdRef::<TagId>::new(text.into()).id().is_some());
        for other in
            ["", "blah", "018f3b1e7c1a7def8a1b0123456789ab", "{018f3b1e-7c1a-7def-8a1b-0123456789ab}"]
        {
            assert_eq!(IdRef::<TagId>::new(other.into()).id(), None, "{other}");
        }
    }
}
