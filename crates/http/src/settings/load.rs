//! All settings together, and how they are loaded.

use std::path::Path;

use super::authentication::AuthenticationSettings;
use super::bootstrap::BootstrapSettings;
use super::change::ChangeSettings;
use super::database::DatabaseSettings;
use super::environment::Environment;
use super::file::{from_environment, from_file};
use super::import::ImportSettings;
use super::links::LinksSettings;
use super::log::LogSettings;
use super::merge::{Sections, merge};
use super::problem::{Problem, Problems};
use super::secret::SecretSource;
use super::server::ServerSettings;
use super::throttle::ThrottleSettings;

/// The settings of the service.
#[derive(Clone, Debug)]
pub struct Settings {
    pub database: DatabaseSettings,
    pub server: ServerSettings,
    pub authentication: AuthenticationSettings,
    pub throttle: ThrottleSettings,
    pub links: LinksSettings,
    pub change: ChangeSettings,
    pub import: ImportSettings,
    pub log: LogSettings,
    pub bootstrap: BootstrapSettings,
    /// Origins of web pages that may call the service (CORS), exactly as browsers send them.
    pub origins: Vec<String>,
}

impl Settings {
    /// Loads the settings: defaults < `file` < `environment`.
    ///
    /// # Errors
    /// Everything that is wrong with them, each with the place it stands in.
    pub fn load(file: Option<&Path>, environment: &Environment) -> Result<Self, Problems> {
        match Self::examine(file, environment) {
            (Some(settings), problems) if problems.is_empty() => Ok(settings),
            (_, problems) => Err(Problems(problems)),
        }
    }

    /// [`Settings::load`], and looks at the secret keys as well, without making any.
    ///
    /// # Errors
    /// Everything that is wrong, weak secrets and an unusable key file included.
    pub fn check(file: Option<&Path>, environment: &Environment) -> Result<(Self, SecretSource), Problems> {
        let (settings, mut problems) = Self::examine(file, environment);
        let Some(settings) = settings else { return Err(Problems(problems)) };
        let secret = SecretSource::of(&settings).and_then(|secret| secret.check(&settings).map(|()| secret));
        match secret {
            Ok(secret) if problems.is_empty() => return Ok((settings, secret)),
            Ok(_) => {}
            Err(error) => problems.push(Problem::new("authentication", error)),
        }
        Err(Problems(problems))
    }

    /// The settings as far as they are right, unless a source cannot be read or they contradict each other; and
    /// everything that is wrong with them.
    fn examine(file: Option<&Path>, environment: &Environment) -> (Option<Self>, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut given = Vec::new();
        for source in [file.map_or(Ok(Vec::new()), from_file), from_environment(environment)] {
            match source {
                Ok(settings) => given.extend(settings),
                Err(problem) => problems.push(problem),
            }
        }
        let all_read = problems.is_empty();
        let sections = merge(&given, &mut problems);
        // What belongs together may stand in the source that could not be read.
        let Some(sections) = sections.filter(|_| all_read) else { return (None, problems) };
        let url_is_default = !given.iter().any(|setting| setting.key == "database.url");
        match Self::from_sections(sections, url_is_default) {
            Ok(settings) => (Some(settings), problems),
            Err(problem) => {
                problems.push(problem);
                (None, problems)
            }
        }
    }

    fn from_sections(sections: Sections, url_is_default: bool) -> Result<Self, Problem> {
        let Sections {
            database,
            server,
            authentication,
            throttle,
            links,
            change,
            import,
            log,
            bootstrap,
            origins,
        } = sections;
        Ok(Self {
            database: database.into_settings(url_is_default)?,
            server,
            authentication,
            throttle,
            links,
            change,
            import,
            log,
            bootstrap,
            origins: origins.into_iter().map(|origin| origin.0).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::settings::merge::DEFAULTS;

    fn from_environment<const N: usize>(variables: [(&str, &str); N]) -> Result<Settings, Problems> {
        Settings::load(None, &Environment::from(variables))
    }

    fn from_file(name: &str, text: &str, environment: &Environment) -> Result<Settings, Problems> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Settings::load(Some(&path), environment)
    }

    /// The problems as text, without the folder of the file.
    fn problems(result: Result<Settings, Problems>) -> Vec<String> {
        let problems = result.err().map(|problems| problems.0).unwrap_or_default();
        let name = |place: &str| place.rsplit('/').next().unwrap_or_default().to_owned();
        problems.into_iter().map(|problem| format!("{}: {}", name(&problem.place), problem.text)).collect()
    }

    #[test]
    fn the_defaults_hold_by_themselves() {
        let settings = from_environment([]).unwrap();
        assert_eq!(settings.database.url.to_string(), "sqlite:data/taglink.db");
        assert_eq!((settings.server.host.as_str(), settings.server.port), ("127.0.0.1", 8000));
        assert_eq!(settings.authentication.access_token_minutes, 30);
        assert_eq!(settings.bootstrap.username.as_str(), "apiuser");
        assert!(settings.authentication.secret_key.is_none() && settings.bootstrap.password.is_none());
        assert!(settings.database.migrate_on_start && settings.origins.is_empty());
    }

    #[test]
    fn the_default_file_names_every_setting_also_those_without_a_default() {
        let is_setting = |line: &str| line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
        let with_all: Vec<_> = DEFAULTS
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|line| is_setting(line)).unwrap_or(line))
            .map(|line| line.replace('…', "a password"))
            .collect();
        for section in
            ["DATABASE", "SERVER", "AUTHENTICATION", "LINKS", "CHANGE", "IMPORT", "LOG", "BOOTSTRAP"]
        {
            let unknown = problems(from_environment([(&format!("TAGLINK__{section}__X"), "x")]));
            // The names of all settings stand between backticks.
            for key in unknown[0].split('`').skip(1).step_by(2) {
                assert!(
                    with_all.iter().any(|line| line.starts_with(&format!("{key} = "))),
                    "{section}: {key}"
                );
            }
        }
        let found = problems(from_file("taglink.toml", &with_all.join("\n"), &Environment::default()));
        assert_eq!(found, ["database: give either `url` or `host` (with its parts), not both"]);
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
        let file = "[server]\nhost = \"0.0.0.0\"\nport = 1\n[log]\nformat = \"json\"";
        let environment = Environment::from([("TAGLINK__SERVER__PORT", "2"), ("TAGLINK__LOG__FORMAT", "")]);
        let settings = from_file("taglink.toml", file, &environment).unwrap();
        assert_eq!((settings.server.host.as_str(), settings.server.port), ("0.0.0.0", 2));
        assert_eq!(settings.log.format.to_string(), "json", "an empty variable counts as not set");
        assert_eq!(settings.log.level.to_string(), "info");
    }

    #[test]
    fn yaml_does_what_toml_does() {
        let yaml =
            "server:\n  host: 0.0.0.0\n  port: 1\ndatabase:\n  migrate_on_start: no\nlog:\nbootstrap: ~\n";
        for name in ["taglink.yaml", "taglink.yml", "taglink.YAML"] {
            let settings = from_file(name, yaml, &Environment::default()).unwrap();
            assert_eq!((settings.server.host.as_str(), settings.server.port), ("0.0.0.0", 1));
            assert!(!settings.database.migrate_on_start);
        }
    }

    #[test]
    fn unknown_keys_fail_and_are_named_with_their_place() {
        let environment = Environment::from([
            ("TAGLINK__SERVER__PROT", "1"),
            ("TAGLINK__SEVER__PORT", "1"),
            ("TAGLINK__SERVER__PORT__X", "1"),
            ("TAGLINK__ORIGINS[7]", "https://a.example.org"),
            ("TAGLINK_SERVICE_HOST", "not ours"),
        ]);
        let found = problems(from_file("a.toml", "[server]\nhots = \"x\"\n[empty]\n", &environment));
        let starts = [
            "a.toml: empty: unknown key, expected one of `database`, `server`, ",
            "a.toml: server.hots: unknown key, expected one of `host`, `port`, ",
            "TAGLINK__ORIGINS[7]: unknown key",
            "TAGLINK__SERVER__PORT__X: ",
            "TAGLINK__SERVER__PROT: unknown key, expected one of `host`",
            "TAGLINK__SEVER__PORT: unknown key, expected one of `database`",
        ];
        assert_eq!(found.len(), starts.len(), "{found:#?}");
        assert!(found.iter().zip(starts).all(|(text, start)| text.starts_with(start)), "{found:#?}");
        assert_eq!(problems(from_file("a.yaml", "sever:\n", &Environment::default())).len(), 1);
    }

    #[test]
    fn lists_in_the_environment_have_commas() {
        let settings = from_environment([
            ("TAGLINK__ORIGINS", "https://a.example.org, http://localhost:3000,"),
            ("TAGLINK__SERVER__TRUSTED_PROXIES", "10.0.0.0/8,::1"),
            ("TAGLINK__AUTHENTICATION__PREVIOUS_SECRET_KEYS", "one,two"),
        ])
        .unwrap();
        assert_eq!(settings.origins, ["https://a.example.org", "http://localhost:3000"]);
        let proxies: Vec<_> = settings.server.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(proxies, ["10.0.0.0/8", "::1/128"]);
        let keys = &settings.authentication.previous_secret_keys;
        assert_eq!(keys.iter().map(ExposeSecret::expose_secret).collect::<Vec<_>>(), ["one", "two"]);
        let alone = from_environment([("TAGLINK__ORIGINS", "https://a.example.org")]).unwrap();
        assert_eq!(alone.origins, ["https://a.example.org"]);
    }

    #[test]
    fn a_list_replaces_a_list() {
        let file = "origins = [\"https://a.example.org\", \"https://b.example.org\"]";
        let environment = Environment::from([("TAGLINK__ORIGINS", "https://c.example.org")]);
        assert_eq!(from_file("a.toml", file, &environment).unwrap().origins, ["https://c.example.org"]);
    }

    #[test]
    fn a_secret_of_digits_stays_the_text_it_is() {
        for digits in ["01234567890123456789012345678901", "1e5", "0x10", "true"] {
            let settings = from_environment([("TAGLINK__AUTHENTICATION__SECRET_KEY", digits)]).unwrap();
            assert_eq!(settings.authentication.secret_key.unwrap().expose_secret(), digits);
            let yaml = format!("authentication:\n  secret_key: {digits}\n");
            let settings = from_file("a.yaml", &yaml, &Environment::default()).unwrap();
            assert_eq!(settings.authentication.secret_key.unwrap().expose_secret(), digits);
        }
        let toml = "[authentication]\nsecret_key = 12345678901";
        let found = problems(from_file("a.toml", toml, &Environment::default()));
        assert_eq!(found, ["a.toml: authentication.secret_key: must be a text, in quotes"]);
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let found = problems(from_environment([
            ("TAGLINK__SERVER__PORT", "65536"),
            ("TAGLINK__SERVER__HOST", "http://localhost"),
            ("TAGLINK__SERVER__TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
            ("TAGLINK__DATABASE__URL", "postgre://u:hunter2@h/d"),
            ("TAGLINK__DATABASE__CONNECTIONS", "0"),
            ("TAGLINK__DATABASE__MIGRATE_ON_START", "maybe"),
            ("TAGLINK__AUTHENTICATION__ACCESS_TOKEN_MINUTES", "1.5"),
            ("TAGLINK__LOG__LEVEL", "verbose"),
            ("TAGLINK__LOG__FORMAT", "xml"),
            ("TAGLINK__BOOTSTRAP__PASSWORD", "hunter2"),
            ("TAGLINK__ORIGINS", "*"),
            ("TAGLINK__SERVER", "x"),
        ]));
        assert_eq!(found.len(), 12, "{found:#?}");
        assert!(!found.concat().contains("hunter2"), "{found:#?}");
        let has =
            |text: &str| assert!(found.iter().any(|problem| problem.contains(text)), "{text}: {found:#?}");
        has("TAGLINK__SERVER__PORT: must be a whole number from 0 to 65535");
        has("TAGLINK__AUTHENTICATION__ACCESS_TOKEN_MINUTES: must be a whole number from 1 to 43200");
        has("TAGLINK__SERVER: is a section; set a key of it");
        has("TAGLINK__ORIGINS: `*` would open");
    }

    #[test]
    fn a_check_tells_of_weak_secrets_beside_everything_else() {
        let environment = Environment::from([
            ("TAGLINK__AUTHENTICATION__SECRET_KEY", "changeme"),
            ("TAGLINK__SERVER__PORT", "x"),
        ]);
        let found = Settings::check(None, &environment).err().unwrap().0;
        assert_eq!(
            found.iter().map(|problem| problem.place.as_str()).collect::<Vec<_>>(),
            ["TAGLINK__SERVER__PORT", "authentication"]
        );
        let environment = Environment::from([("TAGLINK__DATABASE__URL", "postgres://u@h/d")]);
        assert_eq!(Settings::check(None, &environment).err().unwrap().0.len(), 1, "a missing secret");
        let nowhere = Settings::check(Some(Path::new("nowhere.toml")), &environment).err().unwrap();
        assert_eq!(nowhere.0.len(), 1, "the secret may stand in the file that cannot be read");
    }

    #[test]
    fn typed_values_of_a_file_are_not_bent() {
        for (text, expected) in [
            ("[server]\nport = 80.5", "whole number"),
            ("[server]\nport = true", "whole number"),
            ("[server]\nport = -1", "whole number"),
            ("[server]\nport = [80]", "whole number"),
            ("[server]\nhost = 1", "in quotes"),
            ("[database]\nmigrate_on_start = 1", "true or false"),
            ("origins = [1]", "in quotes"),
            ("origins = 1", "list"),
        ] {
            let found = problems(from_file("a.toml", text, &Environment::default()));
            assert!(found.len() == 1 && found[0].contains(expected), "{text}: {found:?}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named_without_its_secrets() {
        let found = problems(from_file("a.toml", "a = 1\nsecret = \"hunter2\n", &Environment::default()));
        assert!(found.len() == 1 && found[0].starts_with("a.toml: line 2: "), "{found:?}");
        assert!(!found[0].contains("hunter2"), "{found:?}");
        let found = problems(from_file("a.json", "{}", &Environment::default()));
        assert_eq!(found, ["a.json: the name of a settings file must end with .toml, .yaml or .yml"]);
        let found = problems(Settings::load(Some(Path::new("nowhere.toml")), &Environment::default()));
        assert!(found.len() == 1 && found[0].starts_with("nowhere.toml: "), "{found:?}");
    }
}
