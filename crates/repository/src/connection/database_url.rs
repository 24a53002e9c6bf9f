//! Which database is meant: an explicit scheme decides, so that a typo never becomes a new SQLite file.

use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use thiserror::Error;
use url::Url;

/// What may stand unencoded in the user, password and name parts of a URL (RFC 3986, `unreserved`).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One of the databases that taglink runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
    Mariadb,
}

/// Where the data is: `sqlite:PATH`, `postgres://…` or `mariadb://…` (`mysql://…` is the same).
///
/// Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Location);

/// The address as the drivers want it, password included.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Location {
    Sqlite(PathBuf),
    Postgres(Server),
    Mariadb(Server),
}

/// A database server, or several of which one is used: their addresses, password included.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// One for each host, in the order in which they are tried; at least one.
    pub(crate) urls: Vec<Url>,
    /// Whether to talk to it over TLS.
    pub(crate) tls: Option<Tls>,
    /// Whether only one will do that takes writes.
    pub(crate) must_be_writable: bool,
}

/// TLS with a verified certificate.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Tls {
    /// A PEM file with the authorities to trust, instead of those of the system.
    pub(crate) authorities: Option<PathBuf>,
}

/// The parts of a MariaDB address, for configurations that give no URL.
#[derive(Clone)]
pub struct MariaDbAddress<'a> {
    pub username: &'a str,
    pub password: &'a str,
    pub host: &'a str,
    pub port: u16,
    pub name: &'a str,
}

/// Why a text is no [`DatabaseUrl`]. Never holds the URL, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidDatabaseUrl {
    #[error("a database URL starts with sqlite:, postgres:// or mariadb:// (mysql:// is the same)")]
    Scheme,
    #[error("sqlite: wants the path of a file, such as sqlite:data/taglink.db (not :memory: and no URI)")]
    SqlitePath,
    #[error(
        "this is no valid URL of a database server; special characters in the password must be percent-encoded"
    )]
    Server,
    #[error(
        "a database server's URL needs a host and the name of a database, as in postgres://user@host/name"
    )]
    Incomplete,
    #[error("target_session_attrs is any or read-write")]
    SessionAttributes,
    #[error(
        "sslmode is disable, require or verify-full (certificates are always verified); sslrootcert needs TLS"
    )]
    Tls,
}

impl DatabaseUrl {
    /// Reads a database URL.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        let (scheme, rest) = text.split_once(':').ok_or(InvalidDatabaseUrl::Scheme)?;
        let location = match scheme.to_ascii_lowercase().as_str() {
            "sqlite" => Location::Sqlite(sqlite_path(rest)?),
            "postgres" | "postgresql" => Location::Postgres(server("postgres", rest)?),
            "mariadb" | "mysql" => Location::Mariadb(server("mysql", rest)?),
            _ => return Err(InvalidDatabaseUrl::Scheme),
        };
        Ok(Self(location))
    }

    /// The URL of a MariaDB server given by its parts.
    ///
    /// # Errors
    /// If the host is not one.
    pub fn from_mariadb(address: &MariaDbAddress<'_>) -> Result<Self, InvalidDatabaseUrl> {
        let encode = |text| utf8_percent_encode(text, RESERVED);
        let MariaDbAddress { username, password, host, port, name } = address;
        let host = if host.contains(':') { format!("[{host}]") } else { (*host).to_owned() };
        Self::parse(&format!(
            "mariadb://{}:{}@{host}:{port}/{}",
            encode(username),
            encode(password),
            encode(name)
        ))
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match &self.0 {
            Location::Sqlite(_) => Backend::Sqlite,
            Location::Postgres(_) => Backend::Postgres,
            Location::Mariadb(_) => Backend::Mariadb,
        }
    }

    /// The path of the SQLite file, if it is one.
    #[must_use]
    pub fn sqlite_path(&self) -> Option<&Path> {
        match &self.0 {
            Location::Sqlite(path) => Some(path),
            Location::Postgres(_) | Location::Mariadb(_) => None,
        }
    }

    /// Whether only a server will do that takes writes: of several hosts, say.
    pub(crate) fn must_be_writable(&self) -> bool {
        match &self.0 {
            Location::Sqlite(_) => false,
            Location::Postgres(server) | Location::Mariadb(server) => server.must_be_writable,
        }
    }

    /// The address as the drivers want it.
    pub(crate) fn location(&self) -> &Location {
        &self.0
    }
}

fn sqlite_path(rest: &str) -> Result<PathBuf, InvalidDatabaseUrl> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.is_empty() || path.starts_with([':', '?']) || path.starts_with("file:") || path.contains('\0') {
        return Err(InvalidDatabaseUrl::SqlitePath);
    }
    Ok(PathBuf::from(path))
}

/// As in `//user@host1:5432,host2:5432/name?…`.
fn server(scheme: &str, rest: &str) -> Result<Server, InvalidDatabaseUrl> {
    let rest = rest.strip_prefix("//").ok_or(InvalidDatabaseUrl::Server)?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    // What a password that is not encoded leaves behind. Nothing else in a database URL needs these.
    let name = path.split('?').next().unwrap_or_default();
    if path.contains('#') || name.contains('@') {
        return Err(InvalidDatabaseUrl::Server);
    }
    let (user, hosts) = authority.rfind('@').map_or(("", authority), |at| authority.split_at(at + 1));
    let mut all = Vec::new();
    for host in hosts.split(',') {
        let url =
            Url::parse(&format!("{scheme}://{user}{host}{path}")).map_err(|_| InvalidDatabaseUrl::Server)?;
        if url.host_str().is_none_or(str::is_empty) || url.path().len() <= 1 {
            return Err(InvalidDatabaseUrl::Incomplete);
        }
        all.push(url);
    }
    let mut options = Options::default();
    for url in &mut all {
        options = take_options(url)?;
    }
    let must_be_writable = options.must_be_writable.unwrap_or(all.len() > 1);
    Ok(Server { urls: all, tls: options.tls, must_be_writable })
}

/// What means the same for both kinds of server.
#[derive(Default)]
struct Options {
    tls: Option<Tls>,
    must_be_writable: Option<bool>,
}

/// Takes `sslmode`, `sslrootcert` and `target_session_attrs` out of a URL, and leaves the rest of the query to the
/// driver.
fn take_options(url: &mut Url) -> Result<Options, InvalidDatabaseUrl> {
    let (mut mode, mut authorities, mut others) = (None, None, Vec::new());
    let mut must_be_writable = None;
    for (name, value) in url.query_pairs() {
        match name.as_ref() {
            "target_session_attrs" => {
                must_be_writable = Some(match value.as_ref() {
                    "read-write" => true,
                    "any" => false,
                    _ => return Err(InvalidDatabaseUrl::SessionAttributes),
                });
            }
            "sslmode" => mode = Some(value.into_owned()),
            "sslrootcert" => authorities = Some(PathBuf::from(value.into_owned())),
            // What one driver or another calls the same things: not understood, so not passed over.
            "ssl" | "sslnegotiation" | "ssl-mode" | "require_ssl" | "verify_ca" | "verify_identity"
            | "built_in_roots" => return Err(InvalidDatabaseUrl::Tls),
            _ => others.push((name.into_owned(), value.into_owned())),
        }
    }
    url.set_query(None);
    if !others.is_empty() {
        url.query_pairs_mut().extend_pairs(others);
    }
    let tls = match (mode.as_deref(), authorities) {
        (None | Some("disable"), None) => None,
        (Some("require" | "verify-full"), authorities) => Some(Tls { authorities }),
        _ => return Err(InvalidDatabaseUrl::Tls),
    };
    Ok(Options { tls, must_be_writable })
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urls = match &self.0 {
            Location::Sqlite(path) => return write!(f, "sqlite:{}", path.display()),
            Location::Postgres(server) | Location::Mariadb(server) => &server.urls,
        };
        let Some(url) = urls.first() else { return Ok(()) };
        let scheme = if self.backend() == Backend::Mariadb { "mariadb" } else { "postgres" };
        write!(f, "{scheme}://")?;
        if !url.username().is_empty() {
            write!(f, "{}", url.username())?;
        }
        if url.password().is_some() {
            f.write_str(":<redacted>")?;
        }
        if !url.username().is_empty() || url.password().is_some() {
            f.write_str("@")?;
        }
        for (place, url) in urls.iter().enumerate() {
            write!(f, "{}{}", if place > 0 { "," } else { "" }, url.host_str().unwrap_or_default())?;
            if let Some(port) = url.port() {
                write!(f, ":{port}")?;
            }
        }
        f.write_str(url.path())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_decides_and_must_be_known() {
        let backend = |text| DatabaseUrl::parse(text).map(|url| url.backend());
        assert_eq!(backend("sqlite:data/taglink.db"), Ok(Backend::Sqlite));
        assert_eq!(backend("postgres://u@h/d"), Ok(Backend::Postgres));
        assert_eq!(backend("postgresql://u@h/d"), Ok(Backend::Postgres));
        assert_eq!(backend("mariadb://u@h/d"), Ok(Backend::Mariadb));
        assert_eq!(backend("mysql://u@h/d"), Ok(Backend::Mariadb));
        for typo in ["", "data/taglink.db", "postgre://u@h/d", "sqlte:x", "http://example.com/x"] {
            assert_eq!(backend(typo), Err(InvalidDatabaseUrl::Scheme), "{typo}");
        }
        for path in ["sqlite:", "sqlite::memory:", "sqlite:file:x?mode=ro", "sqlite://"] {
            assert_eq!(backend(path), Err(InvalidDatabaseUrl::SqlitePath), "{path}");
        }
        assert_eq!(backend("postgres://u@h"), Err(InvalidDatabaseUrl::Incomplete));
        assert_eq!(backend("mariadb://u:p@h:99999/d"), Err(InvalidDatabaseUrl::Server));
        for password in ["p@ss/w#rd$x%41", "abc#def", "p/w", "5/w", "5#w", "a/b?c", "#", "/", "a@b/"] {
            let url = format!("postgres://u:{password}@127.0.0.1:5432/t");
            assert_eq!(DatabaseUrl::parse(&url), Err(InvalidDatabaseUrl::Server), "{password}");
        }
        assert_eq!(backend("postgres://u:p@ss$%41@h/d?application_name=a@b"), Ok(Backend::Postgres));
    }

    #[test]
    fn several_hosts_are_tried_in_their_order() {
        let hosts = |text| {
            let url = DatabaseUrl::parse(text)?;
            let (Location::Postgres(server) | Location::Mariadb(server)) = url.location() else { panic!() };
            let hosts = server.urls.iter().map(|url| format!("{}:{:?}", url.host().unwrap(), url.port()));
            Ok((hosts.collect::<Vec<_>>().join(" "), server.must_be_writable))
        };
        let two = Ok(("h1:Some(5432) [::1]:None".to_owned(), true));
        assert_eq!(hosts("postgres://u:p%40@h1:5432,[::1]/d?sslmode=require"), two);
        assert_eq!(hosts("mariadb://h1,h2/d"), Ok(("h1:None h2:None".to_owned(), true)));
        assert!(!hosts("postgres://u@h1,h2/d?target_session_attrs=any").unwrap().1);
        assert_eq!(
            hosts("mariadb://u@h1/d?target_session_attrs=read-write"),
            Ok(("h1:None".to_owned(), true))
        );
        assert_eq!(hosts("mariadb://u@h1/d"), Ok(("h1:None".to_owned(), false)));
        assert_eq!(hosts("mariadb://u@h1,/d"), Err(InvalidDatabaseUrl::Server));
        let other = "postgres://u@h1/d?target_session_attrs=standby";
        assert_eq!(hosts(other), Err(InvalidDatabaseUrl::SessionAttributes));
        let url = DatabaseUrl::parse("postgres://me:hunter2@h1,h2:5433/links").unwrap();
        assert_eq!(url.to_string(), "postgres://me:<redacted>@h1,h2:5433/links");
    }

    #[test]
    fn the_password_is_never_shown() {
        let url = DatabaseUrl::parse("postgres://me:hunter2@db:5432/links?sslmode=require").unwrap();
        assert_eq!(url.to_string(), "postgres://me:<redacted>@db:5432/links");
        assert!(!format!("{url:?}").contains("hunter2"));
    }

    #[test]
    fn tls_is_asked_for_by_name_and_always_verified() {
        let tls = |query| {
            let url = DatabaseUrl::parse(&format!("mariadb://u@h/d{query}"))?;
            let Location::Mariadb(server) = url.location() else { panic!("not MariaDB") };
            assert!(!server.urls[0].as_str().contains("ssl"));
            Ok(server.tls.clone().map(|tls| tls.authorities))
        };
        assert_eq!(tls(""), Ok(None));
        assert_eq!(tls("?sslmode=disable"), Ok(None));
        assert_eq!(tls("?sslmode=require"), Ok(Some(None)));
        assert_eq!(tls("?sslrootcert=/ca.pem&sslmode=verify-full"), Ok(Some(Some(PathBuf::from("/ca.pem")))));
        for query in [
            "?sslmode=prefer",
            "?sslmode=",
            "?sslmode=verify-ca",
            "?sslrootcert=/ca.pem",
            "?require_ssl=true",
        ] {
            assert_eq!(tls(query), Err(InvalidDatabaseUrl::Tls), "{query}");
        }
    }

    #[test]
    fn parts_survive_whatever_characters_they_hold() {
        let address = MariaDbAddress {
            username: "a@b",
            password: "p/w:?#[]@%ü",
            host: "127.0.0.1",
            port: 3306,
            name: "api",
        };
        let url = DatabaseUrl::from_mariadb(&address).unwrap();
        let Location::Mariadb(server) = url.location() else { panic!("not MariaDB") };
        let options = mysql_async::Opts::from_url(server.urls[0].as_str()).unwrap();
        assert_eq!(options.user(), Some("a@b"));
        assert_eq!(options.pass(), Some("p/w:?#[]@%ü"));
        assert_eq!(options.db_name(), Some("api"));
    }
}
