//! What `taglink serve` says on the standard output when it is up.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use secrecy::ExposeSecret;

use super::bootstrap::FirstLogin;

/// The lines that are printed once. The random password of the first admin stands only here, never in a log.
pub(super) struct Welcome {
    login: Option<FirstLogin>,
}

impl Welcome {
    pub(super) fn new(login: Option<FirstLogin>) -> Self {
        Self { login }
    }

    /// Says where the service is, and the login if there is one to tell.
    pub(super) fn listening(
        &mut self,
        address: SocketAddr,
        public_url: Option<&str>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let local = format!("http://{}", reachable(address));
        writeln!(out, "taglink {} listening on http://{address}", env!("CARGO_PKG_VERSION"))?;
        writeln!(out, "  docs   {}/docs", public_url.unwrap_or(&local))?;
        self.login(out)
    }

    /// Says the login if it was not said yet: also when the start fails afterwards, because it cannot be told again.
    pub(super) fn login(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if let Some(FirstLogin { username, random_password }) = self.login.take() {
            match random_password {
                Some(password) => writeln!(
                    out,
                    "  login  {username} / {}   (shown once; change it with `taglink user passwd {username}`)",
                    password.expose_secret()
                )?,
                None => writeln!(out, "  login  {username}, with the password of the settings")?,
            }
        }
        out.flush()
    }
}

/// An address that can be put into a browser on this machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        specific => specific,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(print: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        print(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn first_login(password: Option<&str>) -> FirstLogin {
        FirstLogin { username: "apiuser".into(), random_password: password.map(Into::into) }
    }

    #[test]
    fn a_first_start_tells_address_docs_and_login() {
        let mut welcome = Welcome::new(Some(first_login(Some("k2mzv9"))));
        let text = printed(|out| welcome.listening("127.0.0.1:8000".parse().unwrap(), None, out));
        let expected = format!(
            "taglink {} listening on http://127.0.0.1:8000\n  docs   http://127.0.0.1:8000/docs\n  login  apiuser / \
             k2mzv9   (shown once; change it with `taglink user passwd apiuser`)\n",
            env!("CARGO_PKG_VERSION")
        );
        assert_eq!(text, expected);
        assert_eq!(printed(|out| welcome.login(out)), "", "once");
    }

    #[test]
    fn the_docs_are_where_a_browser_finds_them() {
        let docs = |address: &str, public_url| {
            let text = printed(|out| Welcome::new(None).listening(address.parse().unwrap(), public_url, out));
            text.lines().nth(1).unwrap().trim_start_matches("  docs   ").to_owned()
        };
        assert_eq!(docs("0.0.0.0:80", None), "http://127.0.0.1:80/docs");
        assert_eq!(docs("[::]:8000", None), "http://[::1]:8000/docs");
        assert_eq!(docs("0.0.0.0:80", Some("https://a.example.org")), "https://a.example.org/docs");
    }

    #[test]
    fn a_password_from_the_settings_is_not_repeated() {
        let text = printed(|out| Welcome::new(Some(first_login(None))).login(out));
        assert_eq!(text, "  login  apiuser, with the password of the settings\n");
    }
}
