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

/// A database server: its address, password included, and whether to talk to it over TLS.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) url: Url,
    pub(crate) tls: Option<Tls>,
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

fn server(scheme: &str, rest: &str) -> Result<Server, InvalidDatabaseUrl> {
    let mut url = Url::parse(&format!("{scheme}:{rest}")).map_err(|_| InvalidDatabaseUrl::Server)?;
    let has_name = url.path().len() > 1;
    if url.host_str().is_none_or(str::is_empty) || !has_name {
        return Err(InvalidDatabaseUrl::Incomplete);
    }
    let tls = take_tls(&mut url)?;
    Ok(Server { url, tls })
}

/// Takes `sslmode` and `sslrootcert` out of a URL, which mean the same for both kinds of server, and leaves the rest
/// of the query to the driver.
fn take_tls(url: &mut Url) -> Result<Option<Tls>, InvalidDatabaseUrl> {
    let (mut mode, mut authorities, mut others) = (None, None, Vec::new());
    for (name, value) in url.query_pairs() {
        match name.as_ref() {
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
    match (mode.as_deref(), authorities) {
        (None | Some("disable"), None) => Ok(None),
        (Some("require" | "verify-full"), authorities) => Ok(Some(Tls { authorities })),
        _ => Err(InvalidDatabaseUrl::Tls),
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = match &self.0 {
            Location::Sqlite(path) => return write!(f, "sqlite:{}", path.display()),
            Location::Postgres(server) | Location::Mariadb(server) => &server.url,
        };
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
        f.write_str(url.host_str().unwrap_or_default())?;
        if let Some(port) = url.port() {
            write!(f, ":{port}")?;
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
            assert!(!server.url.as_str().contains("ssl"));
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
        let options = mysql_async::Opts::from_url(server.url.as_str()).unwrap();
        assert_eq!(options.user(), Some("a@b"));
        assert_eq!(options.pass(), Some("p/w:?#[]@%ü"));
        assert_eq!(options.db_name(), Some("api"));
    }
}
