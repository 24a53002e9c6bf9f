//! Which query parameters of a URL do not count when two links are compared: those that only track the visitor.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use thiserror::Error;
use url::Url;

/// What is left out of a URL's canonical form. The default leaves out nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrlIdentity {
    dropped: Vec<ParameterPattern>,
}

/// The name of a query parameter, or with one `*` at its end the beginning of such names.
///
/// Names are compared decoded and in Unicode lower case: `utm_*` is also for `UTM%5FSource`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterPattern {
    name: String,
    is_prefix: bool,
}

/// Why a text is no [`ParameterPattern`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "a tracking parameter is a name such as fbclid, or the beginning of names such as utm_*, without spaces and &=#%"
)]
pub struct InvalidParameterPattern;

impl UrlIdentity {
    /// An identity for which parameters of these names do not count.
    #[must_use]
    pub fn new(dropped: impl IntoIterator<Item = ParameterPattern>) -> Self {
        Self { dropped: dropped.into_iter().collect() }
    }

    /// Reads one pattern. It is written decoded, hence without `%`.
    ///
    /// # Errors
    /// If it is empty or `*` alone, has a `*` before its end, or holds white space, a control character or one of
    /// `&=#%`.
    pub fn parse_pattern(text: &str) -> Result<ParameterPattern, InvalidParameterPattern> {
        let (name, is_prefix) = text.strip_suffix('*').map_or((text, false), |name| (name, true));
        let is_foreign = |c: char| c.is_whitespace() || c.is_control() || "&=#%*".contains(c);
        if name.is_empty() || name.contains(is_foreign) {
            return Err(InvalidParameterPattern);
        }
        Ok(ParameterPattern { name: name.to_lowercase(), is_prefix })
    }

    /// Removes from `url` the parameters that do not count. The others keep their order and their encoding to the
    /// byte; if none is left, the `?` goes as well. A URL without such a parameter stays as it is.
    pub(super) fn apply_to(&self, url: &mut Url) {
        let Some(query) = url.query().filter(|_| !self.dropped.is_empty()) else { return };
        let (dropped, kept): (Vec<&str>, Vec<&str>) =
            query.split('&').partition(|parameter| self.drops(parameter));
        if dropped.is_empty() {
            return;
        }
        let is_left = kept.iter().any(|parameter| !parameter.is_empty());
        let query = is_left.then(|| kept.join("&"));
        url.set_query(query.as_deref());
    }

    fn drops(&self, parameter: &str) -> bool {
        let name = parameter.split_once('=').map_or(parameter, |(name, _)| name);
        let name = percent_decode_str(name).decode_utf8_lossy().to_lowercase();
        self.dropped.iter().any(|pattern| pattern.matches(&name))
    }
}

impl FromStr for ParameterPattern {
    type Err = InvalidParameterPattern;

    /// As [`UrlIdentity::parse_pattern`].
    fn from_str(text: &str) -> Result<Self, InvalidParameterPattern> {
        UrlIdentity::parse_pattern(text)
    }
}

/// As it is read, in lower case.
impl fmt::Display for ParameterPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name, if self.is_prefix { "*" } else { "" })
    }
}

impl ParameterPattern {
    fn matches(&self, name: &str) -> bool {
        if self.is_prefix { name.starts_with(&self.name) } else { name == self.name }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn identity(patterns: &[&str]) -> UrlIdentity {
        UrlIdentity::new(patterns.iter().map(|text| UrlIdentity::parse_pattern(text).unwrap()))
    }

    fn canonical(text: &str, patterns: &[&str]) -> String {
        let mut url = Url::parse(text).unwrap();
        identity(patterns).apply_to(&mut url);
        url.into()
    }

    #[test]
    fn only_parameters_that_track_are_dropped() {
        let cases = [
            ("http://e/?utm_source=a&b=1&utm_medium=c", "http://e/?b=1"),
            ("http://e/?b=%7e&c=+%20&fbclid=x&a&&d=", "http://e/?b=%7e&c=+%20&a&&d="),
            ("http://e/?UTM_Source=a&FbClid", "http://e/"),
            ("http://e/?utm%5Fsource=a", "http://e/"),
            ("http://e/?&fbclid=a&", "http://e/"),
            ("http://e/?fbclid=a#utm_source=b", "http://e/#utm_source=b"),
            ("http://e/?", "http://e/?"),
            ("http://e/?&", "http://e/?&"),
            ("http://e/utm_source=a", "http://e/utm_source=a"),
            ("http://e/?xutm_source=a&fbclid2=b&utm=c", "http://e/?xutm_source=a&fbclid2=b&utm=c"),
        ];
        for (text, expected) in cases {
            assert_eq!(canonical(text, &["utm_*", "fbclid"]), expected, "{text}");
        }
    }

    #[test]
    fn a_pattern_is_a_name_or_the_beginning_of_names() {
        for text in ["fbclid", "utm_*", "mc_eid", "Größe", "a[]", "_*"] {
            assert!(UrlIdentity::parse_pattern(text).is_ok(), "{text}");
        }
        for text in ["", "*", "**", "a**", "*a", "a*b", "a b", " a", "a=", "a&b", "a#", "a%5F", "a\0", "a\n"]
        {
            assert_eq!(UrlIdentity::parse_pattern(text), Err(InvalidParameterPattern), "{text:?}");
        }
    }

    #[test]
    fn a_pattern_is_shown_as_it_can_be_read() {
        for (text, shown) in [("UTM_*", "utm_*"), ("fbclid", "fbclid")] {
            let pattern: ParameterPattern = text.parse().unwrap();
            assert_eq!(pattern.to_string(), shown);
            assert_eq!(shown.parse(), Ok(pattern));
        }
    }

    proptest! {
        #[test]
        fn a_url_without_such_parameters_stays_as_it_is(query in "[a-z0-9&=%+;?/é*~']{0,40}") {
            let text = format!("http://e/?{query}");
            prop_assert_eq!(canonical(&text, &["ABSENT_*"]), canonical(&text, &[]));
        }

        #[test]
        fn what_is_left_is_left_to_the_byte(query in "([b-z0-9=+;?/é*~']|%e9|%zz){1,40}") {
            let text = format!("http://e/?a1=1&{query}&a2");
            prop_assert_eq!(canonical(&text, &["a*"]), canonical(&format!("http://e/?{query}"), &[]));
        }
    }
}
