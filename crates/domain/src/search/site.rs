//! Whose links are meant: those of a host and of its subdomains.

use std::fmt;

use thiserror::Error;
use url::Host;

/// A host together with its subdomains, in lower-case ASCII as [`LinkUrl::host`](crate::model::LinkUrl::host) is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Site(String);

/// Why a text is no [`Site`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("site must be a host such as example.com, without scheme, port and path")]
pub struct InvalidSite;

impl Site {
    /// The longest host, in characters: longer ones cannot be names (RFC 1035).
    const MAX_CHARS: usize = 253;

    /// Reads a host: a domain, which may be internationalised, or an IP address (IPv6 in brackets).
    ///
    /// # Errors
    /// If it is none, or longer than any name can be.
    pub fn parse(text: &str) -> Result<Self, InvalidSite> {
        let host = Host::parse(text).map_err(|_| InvalidSite)?;
        let shown = host.to_string();
        let shown = shown.strip_suffix('.').unwrap_or(&shown);
        let is_name = || shown.len() <= Self::MAX_CHARS && shown.split('.').all(is_label);
        let is_host = !matches!(host, Host::Domain(_)) || is_name();
        if is_host { Ok(Self(shown.to_owned())) } else { Err(InvalidSite) }
    }

    /// The host.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `host` is this one or one of its subdomains.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        host.strip_suffix(self.as_str()).is_some_and(|below| below.is_empty() || below.ends_with('.'))
    }
}

/// The URL Standard lets pass much more, such as `*` and quotes, but no such host has a name.
fn is_label(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::LinkUrl;

    #[test]
    fn a_site_is_a_host_and_its_subdomains() {
        let site = Site::parse("Example.COM.").unwrap();
        assert_eq!(site.as_str(), "example.com");
        for host in ["example.com", "www.example.com", "a.b.example.com"] {
            assert!(site.covers(host), "{host}");
        }
        for host in ["notexample.com", "example.com.evil.org", "com", ""] {
            assert!(!site.covers(host), "{host}");
        }
    }

    #[test]
    fn a_site_is_written_as_hosts_of_links_are() {
        for host in
            ["Bücher.example", "xn--bcher-kva.EXAMPLE", "127.1", "[0::1]", "localhost", "a_b.example."]
        {
            let url = LinkUrl::parse(format!("http://{host}/")).unwrap();
            assert_eq!(Site::parse(host).unwrap().as_str(), url.host(), "{host}");
        }
    }

    #[test]
    fn what_is_no_host_is_no_site() {
        for text in [
            "",
            ".",
            "..",
            ".com",
            "a..b",
            "a/b",
            "/",
            "https://a",
            "a:80",
            "a@b",
            "a?b",
            "a#b",
            "a\\b",
            "a b",
            "*.a",
            "\"",
            "a,b",
            "::1",
            "%2f",
            "\u{ad}",
            "\0",
            "999.999.999.999",
        ] {
            assert_eq!(Site::parse(text), Err(InvalidSite), "{text:?}");
        }
    }

    #[test]
    fn a_site_is_at_most_253_characters_long() {
        let longest = format!("{}a", "a.".repeat(126));
        assert!(Site::parse(&longest).is_ok());
        assert_eq!(Site::parse(&format!("{longest}a")), Err(InvalidSite));
    }

    proptest! {
        #[test]
        fn a_site_is_read_as_it_is_shown(text in "\\PC{0,9}(\\.[a-zß]{1,3}){0,2}") {
            if let Ok(site) = Site::parse(&text) {
                prop_assert_eq!(Site::parse(site.as_str()), Ok(site));
            }
        }
    }
}
