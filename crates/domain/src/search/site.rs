//! Sites: a host with its subdomains.

use std::iter::successors;

use thiserror::Error;
use url::Host;

/// A host together with its subdomains, in lower-case ASCII as [`LinkUrl::host`](crate::model::LinkUrl::host) is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Site(String);

/// The error for a text that is not a [`Site`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("site must be a host such as example.com, without scheme, port and path")]
pub struct InvalidSite;

impl Site {
    /// The maximum length of a host, in characters: that of a name in RFC 1035.
    const MAX_CHARS: usize = 253;

    /// Reads a host: a domain, which may be internationalised, or an IP address (IPv6 in brackets).
    ///
    /// # Errors
    /// If the text is not a host, or is longer than a name can be.
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

    /// The term that a link has exactly if its host is this one or one of its subdomains: `:example.org`.
    ///
    /// Its first character is not part of any word, hence no word is equal to it or is a prefix of it.
    #[must_use]
    pub fn term(&self) -> String {
        term_of(self.as_str())
    }

    /// The substring of the [`SearchText`](super::SearchText)s of the links with this [term](Site::term):
    /// ` :example.org `. It can contain `_`, which the pattern of a `LIKE` would have to escape.
    #[must_use]
    pub fn needle(&self) -> String {
        format!(" {} ", self.term())
    }

    /// Whether `host` is this one or one of its subdomains.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        host.strip_suffix(self.as_str()).is_some_and(|below| below.is_empty() || below.ends_with('.'))
    }
}

/// One term for each suffix of labels of `host`, the longest first; among them those of all sites that cover it. Longer
/// suffixes than a site can have are left out.
pub(super) fn site_terms(host: &str) -> impl Iterator<Item = String> {
    let suffixes = successors(Some(host), |suffix| suffix.split_once('.').map(|(_, rest)| rest));
    suffixes.filter(|suffix| (1..=Site::MAX_CHARS).contains(&suffix.len())).map(term_of)
}

fn term_of(host: &str) -> String {
    format!(":{host}")
}

/// Whether a name can have this label. The URL Standard permits more characters, such as `*` and quotes.
fn is_label(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::LinkUrl;
    use crate::search::SearchText;

    /// The field of the sites of a link.
    fn sites(url: &str) -> Vec<String> {
        let text = SearchText::of_link(url, None, None);
        let (_, field) = text.as_str().rsplit_once('\n').unwrap_or_default();
        field.split_whitespace().map(str::to_owned).collect()
    }

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

    #[test]
    fn a_link_has_the_terms_of_its_sites() {
        assert_eq!(sites("https://WWW.Example.org:8080/a"), [":www.example.org", ":example.org", ":org"]);
        assert_eq!(sites("http://Bücher.example./"), [":xn--bcher-kva.example", ":example"]);
        assert_eq!(sites("http://[::1]:80/"), [":[::1]"]);
        assert_eq!(sites("http://127.1/"), [":127.0.0.1", ":0.0.1", ":0.1", ":1"]);
        assert_eq!(sites("http://localhost"), [":localhost"]);
        assert_eq!(sites("no url"), [""; 0]);
        assert_eq!(sites("ftp://example.org"), [""; 0]);
        let long = sites(&format!("http://{}example", "a.".repeat(200)));
        assert_eq!(long.iter().map(String::len).max(), Some(1 + 253));
        let site = Site::parse("Example.org").unwrap();
        assert_eq!((site.term().as_str(), site.needle().as_str()), (":example.org", " :example.org "));
    }

    proptest! {
        #[test]
        fn the_text_of_a_link_contains_the_needle_of_each_site_that_covers_its_host(
            host in "[ab.]{0,6}[ab]", long in prop_oneof![4 => Just(""), 1 => Just("a.")],
            site in "[ab.]{0,5}[ab]", labels in prop_oneof![4 => Just(0), 1 => 0..127_usize],
        ) {
            let url = format!("http://{}{host}/", long.repeat(200));
            let site = format!("{}{site}", "a.".repeat(labels));
            let text = SearchText::of_link(&url, None, None);
            if let (Ok(url), Ok(site)) = (LinkUrl::parse(url), Site::parse(&site)) {
                prop_assert_eq!(text.as_str().contains(&site.needle()), site.covers(url.host()));
                let terms = SearchText::terms_of(text.as_str());
                prop_assert_eq!(terms.contains(site.term().as_str()), site.covers(url.host()));
            }
        }

        #[test]
        fn a_site_is_read_as_it_is_shown(text in "\\PC{0,9}(\\.[a-zß]{1,3}){0,2}") {
            if let Ok(site) = Site::parse(&text) {
                prop_assert_eq!(Site::parse(site.as_str()), Ok(site));
            }
        }
    }
}
