//! What is logged, and how it looks.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use thiserror::Error;
use tracing_subscriber::filter::{LevelFilter, Targets};

use super::value;

/// The settings `log.*`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    /// What is logged.
    #[serde(deserialize_with = "value::parsed")]
    pub level: LogLevel,
    /// How it looks.
    #[serde(deserialize_with = "value::parsed")]
    pub format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Pretty on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Pretty,
    /// One JSON object for each line.
    Json,
}

/// Why a text is no [`LogFormat`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be auto, pretty or json")]
pub struct InvalidLogFormat;

impl FromStr for LogFormat {
    type Err = InvalidLogFormat;

    fn from_str(text: &str) -> Result<Self, InvalidLogFormat> {
        match text {
            "auto" => Ok(Self::Auto),
            "pretty" => Ok(Self::Pretty),
            "json" => Ok(Self::Json),
            _ => Err(InvalidLogFormat),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Pretty => "pretty",
            Self::Json => "json",
        })
    }
}

/// Which messages are logged: a level, and levels for single modules, as in `info,taglink_http=debug`.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLevel {
    text: String,
    targets: Targets,
}

/// Why a text is no [`LogLevel`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no log level; use off, error, warn, info, debug or trace, or MODULE=LEVEL, with commas between them"
)]
pub struct InvalidLogLevel(String);

/// Libraries that tell more at `info` than an operator wants to know.
const CHATTY: [&str; 6] = ["actix_server", "actix_web", "mio", "mysql_async", "rustls", "tokio_postgres"];

impl LogLevel {
    /// The filter: the chatty libraries only warn, unless they are named.
    #[must_use]
    pub fn targets(&self) -> Targets {
        let default = self.targets.default_level().unwrap_or(LevelFilter::OFF);
        // A more verbose filter is the greater one.
        let libraries = default.min(LevelFilter::WARN);
        Targets::new()
            .with_targets(CHATTY.map(|library| (library, libraries)))
            // Its errors are those of clients that do not speak HTTP: any stranger could fill the log.
            .with_target("actix_http", LevelFilter::OFF)
            .with_default(default)
            .with_targets(self.targets.iter())
    }
}

impl FromStr for LogLevel {
    type Err = InvalidLogLevel;

    fn from_str(text: &str) -> Result<Self, InvalidLogLevel> {
        let mut targets = Targets::new();
        for directive in text.split(',').map(str::trim) {
            let invalid = || InvalidLogLevel(directive.to_owned());
            // `Targets` itself would take a mistyped level for the name of a module.
            targets = match directive.split_once('=') {
                None => targets.with_default(level(directive).ok_or_else(invalid)?),
                Some(("", _)) => return Err(invalid()),
                Some((module, text)) => {
                    targets.with_target(module.trim(), level(text.trim()).ok_or_else(invalid)?)
                }
            };
        }
        Ok(Self { text: text.to_owned(), targets })
    }
}

fn level(text: &str) -> Option<LevelFilter> {
    let known = ["off", "error", "warn", "info", "debug", "trace"];
    known.iter().any(|level| level.eq_ignore_ascii_case(text)).then(|| text.parse().ok()).flatten()
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    fn targets(text: &str) -> Targets {
        text.parse::<LogLevel>().unwrap().targets()
    }

    #[test]
    fn a_level_is_for_us_while_libraries_only_warn() {
        let info = targets("info");
        assert!(info.would_enable("taglink_http::application", &Level::INFO));
        assert!(!info.would_enable("taglink_http::application", &Level::DEBUG));
        assert!(info.would_enable("actix_server::worker", &Level::WARN));
        assert!(!info.would_enable("actix_server::worker", &Level::INFO));
    }

    #[test]
    fn modules_can_be_named_libraries_too() {
        let named = targets("warn, taglink_http=debug,actix_server=trace");
        assert!(named.would_enable("taglink_http::routes", &Level::DEBUG));
        assert!(!named.would_enable("taglink_repository", &Level::INFO));
        assert!(named.would_enable("actix_server::worker", &Level::TRACE));
    }

    #[test]
    fn quieter_than_warn_is_quieter_for_libraries_as_well() {
        assert!(!targets("error").would_enable("actix_server", &Level::WARN));
        assert!(!targets("off").would_enable("actix_server", &Level::ERROR));
    }

    #[test]
    fn a_mistyped_level_is_no_module() {
        for text in ["", "verbose", "inof", "info,", "taglink_http=loud", "=info", "3"] {
            assert!(text.parse::<LogLevel>().is_err(), "{text}");
        }
    }
}
