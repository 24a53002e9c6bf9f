//! What is stored beside a link or a tag so that databases can find and order it by comparing bytes.

use super::{SearchText, title_key};
use crate::model::LinkUrl;

/// Counts the changes of what is derived here: a row that was indexed by a lower version is indexed again. Raise it
/// whenever terms, texts, title keys or hosts become other ones.
pub const INDEX_VERSION: i64 = 1;

/// The longest reversed host, in characters: one more than the longest [`Site`](super::Site) has.
const MAX_HOST_CHARS: usize = 255;

/// What is derived from a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkIndex {
    pub text: SearchText,
    pub title_key: String,
    /// See [`reversed_host`]; cut to 255 characters, which no site can tell from the whole. Empty if the URL has none.
    pub reversed_host: String,
}

impl LinkIndex {
    /// Derives it.
    #[must_use]
    pub fn of(url: &str, title: Option<&str>, notes: Option<&str>) -> Self {
        let host = LinkUrl::parse(url.to_owned()).map(|url| reversed_host(url.host())).unwrap_or_default();
        Self {
            text: SearchText::of_link(url, title, notes),
            title_key: title_key(title),
            reversed_host: host.chars().take(MAX_HOST_CHARS).collect(),
        }
    }
}

/// The labels of a host from its end, each with a dot behind it: `com.example.www.`. So a host is of a site exactly if
/// its reversed form begins with the site's.
#[must_use]
pub fn reversed_host(host: &str) -> String {
    let mut reversed = String::with_capacity(host.len() + 1);
    for label in host.rsplit('.') {
        reversed.push_str(label);
        reversed.push('.');
    }
    reversed
}

/// The end of the range of texts that begin with `prefix`, compared by their characters or the bytes of UTF-8: the
/// least text that is greater than all of them.
#[must_use]
pub fn prefix_end(prefix: &str) -> String {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            chars.push(next);
            return chars.into_iter().collect();
        }
    }
    // Nothing is greater than all of these; but no text is so long.
    format!("{prefix}{prefix}{}", char::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::search::Site;

    fn host(url: &str) -> String {
        LinkIndex::of(url, None, None).reversed_host
    }

    #[test]
    fn a_host_is_read_from_its_end() {
        assert_eq!(host("https://WWW.Example.com:8080/a"), "com.example.www.");
        assert_eq!(host("http://Bücher.example./"), "example.xn--bcher-kva.");
        assert_eq!(host("http://[::1]:80/"), "[::1].");
        assert_eq!(host("http://localhost"), "localhost.");
        assert_eq!(host("no url"), "");
        assert_eq!(host(&format!("http://{}.example", "a.".repeat(200))).len(), 255);
    }

    proptest! {
        #[test]
        fn a_text_is_within_the_range_if_it_begins_so(
            prefix in "[/a\u{d7ff}\u{10ffff}]{0,2}[/b.日\u{d7ff}]", text in "[/ab.日\u{d7ff}\u{e000}\u{10ffff}]{0,4}", rest in any::<String>(),
        ) {
            for text in [text, format!("{prefix}{rest}")] {
                let is_within = prefix <= text && text < prefix_end(&prefix);
                prop_assert_eq!(is_within, text.starts_with(&prefix), "{}", text);
            }
        }

        #[test]
        fn a_host_is_of_a_site_if_it_begins_with_it_reversed(
            host in "[ab.]{0,6}[ab]", long in prop_oneof![4 => Just(""), 1 => Just("a.")], site in "[ab.]{0,5}[ab]",
        ) {
            let host = format!("{}{host}", long.repeat(200));
            let url = format!("http://{host}/");
            let reversed = LinkIndex::of(&url, None, None).reversed_host;
            if let (Ok(url), Ok(site)) = (LinkUrl::parse(url), Site::parse(&site)) {
                prop_assert_eq!(reversed.starts_with(&reversed_host(site.as_str())), site.covers(url.host()));
            }
        }
    }
}
