//! A link: a URL that an account has stored.

use sha2::{Digest, Sha256};
use thiserror::Error;
use url::Url;

use super::text::{has_control, strip_prefix_ignoring_case};
use super::{AccountId, LinkId, Notes, Timestamp, Title, UrlIdentity};

/// A stored link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub id: LinkId,
    pub account_id: AccountId,
    /// The URL as it was first sent.
    pub url: String,
    pub title: Option<String>,
    pub notes: Option<String>,
    /// Counts its changes, from 1.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A link that is to be stored, if its account does not have it yet.
#[derive(Clone, Debug)]
pub struct NewLink {
    pub id: LinkId,
    pub account_id: AccountId,
    pub url: LinkUrl,
    pub title: Option<Title>,
    pub notes: Option<Notes>,
    /// Its place in the order of links; never changes.
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl From<NewLink> for Link {
    fn from(new: NewLink) -> Self {
        Self {
            id: new.id,
            account_id: new.account_id,
            url: new.url.as_str().to_owned(),
            title: new.title.map(|title| title.as_str().to_owned()),
            notes: new.notes.map(|notes| notes.as_str().to_owned()),
            version: 1,
            created_at: new.created_at,
            updated_at: new.updated_at,
        }
    }
}

/// What is to become different about a link; what is not given stays.
#[derive(Clone, Debug, Default)]
pub struct LinkChange {
    pub url: Option<LinkUrl>,
    pub title: Edit<Title>,
    pub notes: Edit<Notes>,
}

/// What is to become of something that need not be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Edit<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Edit<T> {
    /// Sets it, or clears it if there is nothing to set.
    #[must_use]
    pub fn to(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }

    /// Changes a stored text; `text` tells how the value is stored.
    pub(crate) fn apply(&self, stored: &mut Option<String>, text: impl Fn(&T) -> &str) {
        match self {
            Self::Keep => {}
            Self::Clear => *stored = None,
            Self::Set(value) => *stored = Some(text(value).to_owned()),
        }
    }
}

impl LinkChange {
    /// The link as it is after the change, but for its version and its times.
    #[must_use]
    pub fn applied_to(&self, link: &Link) -> Link {
        let mut changed = link.clone();
        if let Some(url) = &self.url {
            url.as_str().clone_into(&mut changed.url);
        }
        self.title.apply(&mut changed.title, Title::as_str);
        self.notes.apply(&mut changed.notes, Notes::as_str);
        changed
    }
}

/// SHA-256 of a URL's canonical form: what makes a link unique within its account.
pub type UrlHash = [u8; 32];

/// An absolute `http` or `https` URL of 1 to 8192 bytes without control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkUrl {
    text: String,
    hash: UrlHash,
    host: String,
}

/// Why a text is no [`LinkUrl`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidLink {
    #[error("link must be 1 to 8192 bytes long")]
    Length,
    #[error("link must not contain control characters")]
    Control,
    #[error("link must start with http:// or https://")]
    Scheme,
    #[error("link must be a valid URL with a host")]
    Url,
}

impl LinkUrl {
    /// The longest URL, in bytes.
    pub const MAX_BYTES: usize = 8192;

    /// Reads a URL. The text is kept as it is; the canonical form (WHATWG URL Standard: scheme and host in lower
    /// case, default port dropped, empty path `/`, fragment kept) decides whether two links are the same.
    ///
    /// # Errors
    /// Says which rule is broken. Control characters are looked for first: URL parsers drop some of them silently.
    pub fn parse(text: String) -> Result<Self, InvalidLink> {
        Self::parse_with(text, &UrlIdentity::default())
    }

    /// Reads a URL as [`LinkUrl::parse`] does, but lets go of the query parameters that do not count for `identity`
    /// before the canonical form is hashed. The text is kept with them.
    ///
    /// # Errors
    /// As [`LinkUrl::parse`].
    pub fn parse_with(text: String, identity: &UrlIdentity) -> Result<Self, InvalidLink> {
        let mut canonical = Self::parse_url(&text)?;
        let host = Self::host_of(&canonical).ok_or(InvalidLink::Url)?.to_owned();
        identity.apply_to(&mut canonical);
        let hash = Sha256::digest(canonical.as_str()).into();
        Ok(Self { text, hash, host })
    }

    /// Reads a URL as [`LinkUrl::parse`] does, without its hash.
    pub(crate) fn parse_url(text: &str) -> Result<Url, InvalidLink> {
        if text.is_empty() || text.len() > Self::MAX_BYTES {
            return Err(InvalidLink::Length);
        }
        if has_control(text) {
            return Err(InvalidLink::Control);
        }
        if !["http://", "https://"].iter().any(|scheme| strip_prefix_ignoring_case(text, scheme).is_some()) {
            return Err(InvalidLink::Scheme);
        }
        Url::parse(text).map_err(|_| InvalidLink::Url)
    }

    /// The host as [`LinkUrl::host`] has it.
    pub(crate) fn host_of(url: &Url) -> Option<&str> {
        url.host_str().map(|host| host.strip_suffix('.').unwrap_or(host))
    }

    /// The URL as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the canonical form.
    #[must_use]
    pub fn hash(&self) -> &UrlHash {
        &self.hash
    }

    /// The host in lower-case ASCII: a domain (in Punycode where it must be, without the dot of the root at its end),
    /// an IPv4 address, or an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> UrlHash {
        *LinkUrl::parse(text.into()).unwrap_or_else(|error| panic!("{text}: {error}")).hash()
    }

    #[test]
    fn urls_with_one_canonical_form_are_one_link() {
        for same in
            ["HTTP://Example.COM", "http://example.com:80/", "http://example.com", "http://example.com/a/.."]
        {
            assert_eq!(hash(same), hash("http://example.com/"), "{same}");
        }
        for other in
            ["https://example.com/", "http://example.com/#a", "http://example.com/?", "http://example.com/A"]
        {
            assert_ne!(hash(other), hash("http://example.com/"), "{other}");
        }
    }

    #[test]
    fn the_text_is_kept_as_sent() {
        let sent = "HTTPS://Example.com:443";
        assert_eq!(LinkUrl::parse(sent.into()).unwrap().as_str(), sent);
    }

    #[test]
    fn each_broken_rule_is_named() {
        let cases = [
            ("", InvalidLink::Length),
            ("javascript:alert(1)", InvalidLink::Scheme),
            ("data:text/html,x", InvalidLink::Scheme),
            ("file:///etc/passwd", InvalidLink::Scheme),
            ("http:example.com", InvalidLink::Scheme),
            (" http://example.com", InvalidLink::Scheme),
            ("www.test1.com", InvalidLink::Scheme),
            ("hßtp://example.com", InvalidLink::Scheme),
            ("http://", InvalidLink::Url),
            ("http://exa mple.com", InvalidLink::Url),
            ("http://[::1", InvalidLink::Url),
            ("http://example.com/\u{0}", InvalidLink::Control),
            ("http://exam\nple.com", InvalidLink::Control),
            ("\thttp://example.com", InvalidLink::Control),
            ("http://example.com/\u{85}", InvalidLink::Control),
        ];
        for (text, error) in cases {
            assert_eq!(LinkUrl::parse(text.into()), Err(error), "{text:?}");
        }
    }

    #[test]
    fn parameters_that_do_not_count_are_kept_in_the_text_only() {
        let identity = UrlIdentity::new([UrlIdentity::parse_pattern("utm_*").unwrap()]);
        let sent = "http://example.com/?utm_source=a&b=1";
        let url = LinkUrl::parse_with(sent.into(), &identity).unwrap();
        assert_eq!(url.as_str(), sent);
        assert_eq!(*url.hash(), hash("http://example.com/?b=1"));
        assert_ne!(
            hash(sent),
            hash("http://example.com/?b=1"),
            "every parameter counts unless told otherwise"
        );
    }

    #[test]
    fn a_hash_is_the_same_for_ever() {
        let hash = hash("HTTP://Example.com:80/a?utm_source=b&#c");
        assert_eq!(hash[..8], [0xd6, 0x1e, 0xf0, 0x8f, 0xf5, 0x1e, 0x81, 0x1b]);
    }

    #[test]
    fn a_host_is_lower_case_ascii() {
        let cases = [
            ("https://user:pw@WWW.Example.com:8080/a", "www.example.com"),
            ("http://Bücher.example", "xn--bcher-kva.example"),
            ("http://example.com./", "example.com"),
            ("http://127.1/", "127.0.0.1"),
            ("http://[::1]:80/", "[::1]"),
        ];
        for (url, host) in cases {
            assert_eq!(LinkUrl::parse(url.into()).unwrap().host(), host, "{url}");
        }
    }

    #[test]
    fn a_link_is_at_most_8192_bytes() {
        let longest = format!("http://example.com/{}", "a".repeat(LinkUrl::MAX_BYTES - 19));
        assert!(LinkUrl::parse(longest.clone()).is_ok());
        assert_eq!(LinkUrl::parse(longest + "a"), Err(InvalidLink::Length));
    }
}
