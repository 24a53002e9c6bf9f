//! The rule for names and addresses of machines.

use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;

/// A machine's name, IPv4 address, or IPv6 address without brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host(String);

/// Why a text is no [`Host`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "must be a name or an address such as localhost, 127.0.0.1 or ::1, without a port and without brackets"
)]
pub(super) struct InvalidHost;

impl FromStr for Host {
    type Err = InvalidHost;

    fn from_str(text: &str) -> Result<Self, InvalidHost> {
        const LONGEST_DNS_NAME: usize = 253;
        let is_name = || {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
            (1..=LONGEST_DNS_NAME).contains(&text.len()) && text.bytes().all(known)
        };
        if text.parse::<IpAddr>().is_ok() || is_name() { Ok(Self(text.to_owned())) } else { Err(InvalidHost) }
    }
}

impl From<Host> for String {
    fn from(host: Host) -> Self {
        host.0
    }
}
