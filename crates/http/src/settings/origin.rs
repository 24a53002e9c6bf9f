//! Origins of pages that may call the service from a browser (CORS).

use std::str::FromStr;

use thiserror::Error;
use url::{Host, Url};

/// An origin exactly as browsers send it (RFC 6454): `scheme://host[:port]`.
pub(super) struct Origin(pub(super) String);

/// Why a text is no origin.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidOrigin {
    #[error(
        "`*` would open the service to every web page; name the origins, such as https://links.example.org"
    )]
    Wildcard,
    #[error("`{0}` is no origin; it must be like https://links.example.org or http://localhost:3000")]
    Malformed(String),
    #[error("`{given}` is not how browsers send it; write `{exact}`")]
    NotExact { given: String, exact: String },
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        if text.contains('*') {
            return Err(InvalidOrigin::Wildcard);
        }
        let exact = serialization(text).ok_or_else(|| InvalidOrigin::Malformed(text.to_owned()))?;
        if exact == text {
            Ok(Self(exact))
        } else {
            Err(InvalidOrigin::NotExact { given: text.to_owned(), exact })
        }
    }
}

/// The origin of a URL that has no credentials, path, query or fragment.
fn serialization(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    let host = url.host().filter(|host| !matches!(host, Host::Domain("")))?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    (bare && anonymous).then(|| format!("{}://{host}{port}", url.scheme()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, InvalidOrigin> {
        text.parse().map(|Origin(origin)| origin)
    }

    #[test]
    fn exact_origins_are_taken() {
        for origin in
            ["https://example.org", "http://localhost:3000", "http://[::1]:3000", "chrome-extension://abcdef"]
        {
            assert_eq!(parse(origin), Ok(origin.to_owned()));
        }
    }

    #[test]
    fn a_wildcard_is_refused() {
        for text in ["*", "https://*.example.org", "http://localhost:*"] {
            assert_eq!(parse(text), Err(InvalidOrigin::Wildcard), "{text}");
        }
    }

    #[test]
    fn an_origin_that_no_browser_would_send_is_refused_with_the_right_one() {
        for (given, exact) in [
            ("https://Example.org/", "https://example.org"),
            ("https://example.org:443", "https://example.org"),
            ("http://localhost:3000/", "http://localhost:3000"),
        ] {
            let expected = InvalidOrigin::NotExact { given: given.into(), exact: exact.into() };
            assert_eq!(parse(given), Err(expected));
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in
            ["", "null", "example.org", "localhost:3000", "https://example.org/app", "https://a@example.org"]
        {
            assert_eq!(parse(text), Err(InvalidOrigin::Malformed(text.into())));
        }
    }
}
