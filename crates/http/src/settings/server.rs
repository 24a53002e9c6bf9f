//! Where the service listens, and what it puts up with.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use thiserror::Error;
use url::Url;

use super::host::Host;
use super::network::Network;
use super::value;

/// The settings `server.*`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSettings {
    /// The name or address to listen on.
    #[serde(deserialize_with = "host")]
    pub host: String,
    /// The port to listen on; 0 means any free one.
    #[serde(deserialize_with = "value::within::<_, _, 0, 65535>")]
    pub port: u16,
    /// Under which URL clients reach the service, exactly as configured. It becomes the issuer of tokens.
    #[serde(default, deserialize_with = "public_url")]
    pub public_url: Option<String>,
    /// The proxies whose `X-Forwarded-For` header is believed.
    #[serde(deserialize_with = "value::list")]
    pub trusted_proxies: Vec<Network>,
    /// How many connections may be open at once, all workers together.
    #[serde(deserialize_with = "value::within::<_, _, 1, 1000000>")]
    pub max_connections: usize,
    /// How long the head of a request may take to arrive.
    #[serde(deserialize_with = "value::within::<_, _, 100, 600000>")]
    pub header_timeout_ms: u64,
    /// How long the body of a request may take to arrive.
    #[serde(deserialize_with = "value::within::<_, _, 100, 600000>")]
    pub body_timeout_ms: u64,
    /// How long a connection may stay open without a request.
    #[serde(deserialize_with = "value::within::<_, _, 0, 600000>")]
    pub keep_alive_ms: u64,
    /// How long requests may go on after the signal to stop; rounded up to whole seconds.
    #[serde(deserialize_with = "value::within::<_, _, 0, 600000>")]
    pub shutdown_timeout_ms: u64,
}

impl ServerSettings {
    /// The host under which this machine reaches the service: the loopback address if it listens on all.
    #[must_use]
    pub fn local_host(&self) -> String {
        let Ok(address) = self.host.parse::<IpAddr>() else { return self.host.clone() };
        match address {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.to_string(),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.to_string(),
            specific => specific.to_string(),
        }
    }
}

/// An absolute URL to which paths can be appended; kept as it was written.
struct PublicUrl(String);

/// Why a text is no public URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidPublicUrl {
    #[error("must be a URL such as https://links.example.org, without credentials, query and fragment")]
    Malformed,
    #[error("must not end with a slash: paths are appended to it")]
    TrailingSlash,
}

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPublicUrl> {
        let url = Url::parse(text).map_err(|_| InvalidPublicUrl::Malformed)?;
        let plain = url.username().is_empty() && url.password().is_none();
        let bare = url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !plain || !bare || text.trim() != text {
            return Err(InvalidPublicUrl::Malformed);
        }
        if text.ends_with('/') { Err(InvalidPublicUrl::TrailingSlash) } else { Ok(Self(text.to_owned())) }
    }
}

fn host<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    value::parsed::<D, Host>(deserializer).map(String::from)
}

fn public_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    value::parsed::<D, PublicUrl>(deserializer).map(|PublicUrl(url)| Some(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_kept_as_written_and_has_no_trailing_slash() {
        let parse = |text: &str| text.parse().map(|PublicUrl(url)| url);
        assert_eq!(parse("https://Links.example.org/api"), Ok("https://Links.example.org/api".to_owned()));
        assert_eq!(parse("https://links.example.org/"), Err(InvalidPublicUrl::TrailingSlash));
        for text in [
            "",
            "links.example.org",
            "ftp://a",
            "https://me:pw@a",
            "https://a?b",
            "https://a#b",
            " https://a",
        ] {
            assert_eq!(parse(text), Err(InvalidPublicUrl::Malformed), "{text}");
        }
    }

    #[test]
    fn hosts_have_neither_port_nor_brackets() {
        for host in ["localhost", "127.0.0.1", "::1", "::", "my_db-1.example.org"] {
            assert!(host.parse::<Host>().is_ok(), "{host}");
        }
        for text in ["", "[::1]", "localhost:8000", "a/b", "a@b", "a b", &"a".repeat(254)] {
            assert!(text.parse::<Host>().is_err(), "{text}");
        }
    }
}
