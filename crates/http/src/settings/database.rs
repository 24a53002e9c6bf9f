//! Which database is used, and how hard.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use taglink_repository::{DatabaseUrl, MariaDbAddress};

use super::host::Host;
use super::problem::Problem;
use super::value;

/// The settings `database.*`.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// Where the database is.
    pub url: DatabaseUrl,
    /// How many connections are kept; on SQLite, how many readers beside the one writer.
    pub connections: usize,
    /// How many jobs may wait for a connection before new ones are refused.
    pub queue: usize,
    /// How long a job may wait for a connection.
    pub deadline_ms: u64,
    /// Whether `taglink serve` applies pending migrations.
    pub migrate_on_start: bool,
}

/// The section as it is written: with a URL, or with the parts of a MariaDB address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DatabaseSection {
    #[serde(default, deserialize_with = "url")]
    url: Option<DatabaseUrl>,
    #[serde(default, deserialize_with = "value::some_parsed")]
    host: Option<Host>,
    #[serde(default, deserialize_with = "value::some_within::<_, _, 1, 65535>")]
    port: Option<u16>,
    #[serde(default, deserialize_with = "value::some_text")]
    username: Option<String>,
    #[serde(default, deserialize_with = "value::some_secret")]
    password: Option<SecretString>,
    #[serde(default, deserialize_with = "value::some_text")]
    name: Option<String>,
    #[serde(deserialize_with = "value::within::<_, _, 1, 1024>")]
    connections: usize,
    #[serde(deserialize_with = "value::within::<_, _, 1, 1000000>")]
    queue: usize,
    #[serde(deserialize_with = "value::within::<_, _, 10, 600000>")]
    deadline_ms: u64,
    #[serde(deserialize_with = "value::switch")]
    migrate_on_start: bool,
}

/// MariaDB's registered port.
const MARIADB_PORT: u16 = 3306;

impl DatabaseSection {
    /// Puts the location together. `url_is_default` says that nobody configured the URL; then it yields to the parts.
    pub(super) fn into_settings(self, url_is_default: bool) -> Result<DatabaseSettings, Problem> {
        let Self { host, port, username, password, name, .. } = self;
        let has_parts = port.is_some() || username.is_some() || password.is_some() || name.is_some();
        let url = match (host, self.url) {
            (Some(_), Some(_)) if !url_is_default => {
                return Err(Problem::new(
                    "database",
                    "give either `url` or `host` (with its parts), not both",
                ));
            }
            (Some(host), _) => {
                let host = String::from(host);
                let name =
                    name.ok_or_else(|| Problem::new("database.name", "must be given together with `host`"))?;
                let address = MariaDbAddress {
                    username: username.as_deref().unwrap_or_default(),
                    password: password.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default(),
                    host: &host,
                    port: port.unwrap_or(MARIADB_PORT),
                    name: &name,
                };
                DatabaseUrl::from_mariadb(&address).map_err(|error| Problem::new("database.host", error))?
            }
            (None, Some(url)) if !has_parts => url,
            (None, _) => {
                let text = "`username`, `password`, `port` and `name` go with `host`; a `url` holds all of them itself";
                return Err(Problem::new("database", text));
            }
        };
        Ok(DatabaseSettings {
            url,
            connections: self.connections,
            queue: self.queue,
            deadline_ms: self.deadline_ms,
            migrate_on_start: self.migrate_on_start,
        })
    }
}

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DatabaseUrl>, D::Error> {
    DatabaseUrl::parse(&value::text(deserializer)?).map(Some).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use taglink_repository::{Backend, DatabaseUrl};

    use crate::settings::{Environment, Settings};

    const TUTORIAL: &str = include_str!("../../../../config/tutorial.example.yaml");

    fn load<const N: usize>(yaml: &str, variables: [(&str, &str); N]) -> Result<Settings, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.yaml");
        std::fs::write(&path, yaml).unwrap();
        Settings::load(Some(&path), &Environment::from(variables)).map_err(|problems| problems.to_string())
    }

    fn url(yaml: &str) -> DatabaseUrl {
        load(yaml, []).unwrap().database.url
    }

    #[test]
    fn the_tutorials_file_is_taken_as_it_is() {
        let settings = load(TUTORIAL, []).unwrap();
        let expected = DatabaseUrl::parse("mariadb://api:the-password@localhost:3306/api").unwrap();
        assert!(settings.database.url == expected);
        assert_eq!(settings.database.url.backend(), Backend::Mariadb);
        assert!(settings.authentication.secret_key.is_some());
        assert_eq!(settings.origins, ["http://localhost:3000"]);
    }

    #[test]
    fn a_password_arrives_as_it_was_written() {
        for (written, encoded) in [
            ("00123", "00123"),
            ("1e5", "1e5"),
            ("'p@ss/w:o?r#d%20'", "p%40ss%2Fw%3Ao%3Fr%23d%2520"),
            ("\"ü \\\" '\"", "%C3%BC%20%22%20%27"),
        ] {
            let yaml = format!("database: {{host: db, username: u, password: {written}, name: d}}");
            let expected = DatabaseUrl::parse(&format!("mariadb://u:{encoded}@db:3306/d")).unwrap();
            assert!(url(&yaml) == expected, "{written}");
        }
    }

    #[test]
    fn the_parts_of_an_address_may_come_from_different_places() {
        let variables = [("TAGLINK__DATABASE__PASSWORD", "123"), ("TAGLINK__DATABASE__PORT", "3307")];
        let settings = load("database: {host: '::1', username: u, name: d}", variables).unwrap();
        assert!(settings.database.url == DatabaseUrl::parse("mariadb://u:123@[::1]:3307/d").unwrap());
    }

    #[test]
    fn a_url_and_the_parts_of_an_address_exclude_each_other() {
        let both = load(TUTORIAL, [("TAGLINK__DATABASE__URL", "sqlite:a.db")]).unwrap_err();
        assert_eq!(both, "database: give either `url` or `host` (with its parts), not both");
        for parts in ["{url: 'sqlite:a.db', password: x}", "{password: x}", "{name: d}"] {
            let error = load(&format!("database: {parts}"), []).unwrap_err();
            assert!(
                error.starts_with("database: `username`, `password`, `port` and `name` go with `host`"),
                "{error}"
            );
        }
        let nameless = load("database: {host: db}", []).unwrap_err();
        assert_eq!(nameless, "database.name: must be given together with `host`");
    }

    #[test]
    fn a_host_is_no_way_into_the_rest_of_the_url() {
        for host in ["db:3307", "db/other", "me@db", "db?x"] {
            assert!(load(&format!("database: {{host: '{host}', name: d}}"), []).is_err(), "{host}");
        }
    }
}
