//! The settings in effect as TOML, without the secrets.

use std::fmt::Display;

use toml::{Table, Value};

use super::load::Settings;

/// What stands where a secret is.
const REDACTED: &str = "<redacted>";

impl Settings {
    /// The settings as TOML. Secrets, also those in URLs, show as `<redacted>`; what is not set is left out.
    #[must_use]
    pub fn to_redacted_toml(&self) -> String {
        let Self {
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
        } = self;
        let secret = |set: bool| set.then(|| Value::from(REDACTED));
        let number = |number: u64| i64::try_from(number).map(Value::from).ok();
        let count = |count: usize| i64::try_from(count).map(Value::from).ok();
        let sections = [
            (
                "database",
                vec![
                    ("url", Some(database.url.to_string().into())),
                    ("connections", count(database.connections)),
                    ("queue", count(database.queue)),
                    ("deadline_ms", number(database.deadline_ms)),
                    ("migrate_on_start", Some(database.migrate_on_start.into())),
                ],
            ),
            (
                "server",
                vec![
                    ("host", Some(server.host.clone().into())),
                    ("port", number(server.port.into())),
                    ("public_url", server.public_url.clone().map(Value::from)),
                    ("trusted_proxies", Some(texts(&server.trusted_proxies))),
                    ("max_connections", count(server.max_connections)),
                    ("header_timeout_ms", number(server.header_timeout_ms)),
                    ("body_timeout_ms", number(server.body_timeout_ms)),
                    ("keep_alive_ms", number(server.keep_alive_ms)),
                    ("shutdown_timeout_ms", number(server.shutdown_timeout_ms)),
                ],
            ),
            (
                "authentication",
                vec![
                    ("secret_key", secret(authentication.secret_key.is_some())),
                    (
                        "previous_secret_keys",
                        Some(texts(&vec![REDACTED; authentication.previous_secret_keys.len()])),
                    ),
                    ("access_token_minutes", number(authentication.access_token_minutes.into())),
                    ("refresh_token_days", number(authentication.refresh_token_days.into())),
                    ("login_failure_floor_ms", number(authentication.login_failure_floor_ms)),
                ],
            ),
            (
                "throttle",
                vec![
                    ("failures_per_address", number(throttle.failures_per_address.into())),
                    ("failures_per_name_and_address", number(throttle.failures_per_name_and_address.into())),
                    ("failures_per_name", number(throttle.failures_per_name.into())),
                ],
            ),
            ("links", vec![("drop_parameters", Some(texts(&links.drop_parameters)))]),
            ("change", vec![("retention_days", number(change.retention_days.into()))]),
            ("import", vec![("max_bytes", number(import.max_bytes)), ("max_rows", count(import.max_rows))]),
            ("log", vec![("level", Some(texts_of(&log.level))), ("format", Some(texts_of(&log.format)))]),
            (
                "bootstrap",
                vec![
                    ("username", Some(bootstrap.username.as_str().into())),
                    ("password", secret(bootstrap.password.is_some())),
                ],
            ),
        ];
        let mut all = Table::from_iter([("origins".to_owned(), texts(origins))]);
        for (name, settings) in sections {
            let set = settings.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
            all.insert(name.to_owned(), Value::Table(set.collect()));
        }
        all.to_string()
    }
}

fn texts_of(value: &impl Display) -> Value {
    value.to_string().into()
}

fn texts<T: Display>(values: &[T]) -> Value {
    values.iter().map(texts_of).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Environment;

    #[test]
    fn no_secret_is_shown() {
        let settings = Settings::load(
            None,
            &Environment::from([
                ("TAGLINK__DATABASE__URL", "postgres://me:hunter2-db@db:5432/links"),
                ("TAGLINK__AUTHENTICATION__SECRET_KEY", "hunter2-key"),
                ("TAGLINK__AUTHENTICATION__PREVIOUS_SECRET_KEYS", "hunter2-one,hunter2-two"),
                ("TAGLINK__BOOTSTRAP__PASSWORD", "hunter2-user"),
            ]),
        )
        .unwrap();
        let shown = settings.to_redacted_toml();
        assert!(!shown.contains("hunter2") && !format!("{settings:?}").contains("hunter2"), "{shown}");
        let table: Table = shown.parse().unwrap();
        assert_eq!(table["database"]["url"].as_str(), Some("postgres://me:<redacted>@db:5432/links"));
        assert_eq!(table["authentication"]["secret_key"].as_str(), Some(REDACTED));
        assert_eq!(table["authentication"]["previous_secret_keys"].as_array().map(Vec::len), Some(2));
        assert_eq!(table["bootstrap"]["password"].as_str(), Some(REDACTED));
    }

    #[test]
    fn what_is_shown_can_be_loaded_again() {
        let environment = Environment::from([
            ("TAGLINK__SERVER__PUBLIC_URL", "https://a.example.org"),
            ("TAGLINK__SERVER__TRUSTED_PROXIES", "10.0.0.0/8"),
            ("TAGLINK__LINKS__DROP_PARAMETERS", "UTM_*,fbclid"),
            ("TAGLINK__LOG__LEVEL", "info,taglink_http=debug"),
            ("TAGLINK__ORIGINS", "https://b.example.org"),
        ]);
        let shown = Settings::load(None, &environment).unwrap().to_redacted_toml();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shown.toml");
        std::fs::write(&path, &shown).unwrap();
        let again = Settings::load(Some(&path), &Environment::default()).unwrap();
        assert_eq!(again.to_redacted_toml(), shown);
    }
}
