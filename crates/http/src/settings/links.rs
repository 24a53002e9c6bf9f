//! When two URLs are the same link.

use serde::Deserialize;
use taglink_domain::model::{ParameterPattern, UrlIdentity};

use super::value;

/// The settings `links.*`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinksSettings {
    /// Query parameters that do not count when two URLs are compared.
    #[serde(deserialize_with = "value::list")]
    pub drop_parameters: Vec<ParameterPattern>,
}

impl LinksSettings {
    /// The same for the reading of URLs.
    #[must_use]
    pub fn url_identity(&self) -> UrlIdentity {
        UrlIdentity::new(self.drop_parameters.iter().cloned())
    }
}

#[cfg(test)]
mod tests {
    use taglink_domain::model::LinkUrl;

    use crate::settings::{Environment, Problems, Settings};

    fn load(parameters: &str) -> Result<Settings, Problems> {
        Settings::load(None, &Environment::from([("TAGLINK__LINKS__DROP_PARAMETERS", parameters)]))
    }

    fn are_same(parameters: &str, one: &str, other: &str) -> bool {
        let identity = load(parameters).unwrap().links.url_identity();
        let [one, other] = [one, other].map(|url| LinkUrl::parse_with(url.into(), &identity).unwrap());
        one.hash() == other.hash()
    }

    #[test]
    fn every_parameter_counts_unless_told_otherwise() {
        let (one, other) = ("https://e.org/?utm_source=a&gclid=b&c=d", "https://e.org/?c=d");
        assert!(!are_same("", one, other));
        assert!(!are_same("utm_*", one, other));
        assert!(are_same("utm_*, gclid", one, other));
    }

    #[test]
    fn what_is_no_name_is_told() {
        for wrong in ["utm_*,*", "a=b", "utm_%2A"] {
            let problems = load(wrong).unwrap_err().to_string();
            let expected = "TAGLINK__LINKS__DROP_PARAMETERS: a tracking parameter is a name such as fbclid, or the \
                            beginning of names such as utm_*, without spaces and &=#%";
            assert_eq!(problems, expected, "{wrong}");
        }
    }
}
