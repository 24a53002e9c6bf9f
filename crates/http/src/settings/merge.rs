//! Laying settings over each other. Each is tried alone on top of those before it, so that all problems are found at
//! once and each is told of the very setting that has it.

use config::builder::DefaultState;
use config::{Config, ConfigBuilder, ConfigError, File, FileFormat, ValueKind};
use serde::Deserialize;

use super::authentication::AuthenticationSettings;
use super::bootstrap::BootstrapSettings;
use super::change::ChangeSettings;
use super::database::DatabaseSection;
use super::file::Given;
use super::import::ImportSettings;
use super::links::LinksSettings;
use super::log::LogSettings;
use super::origin::Origin;
use super::problem::Problem;
use super::server::ServerSettings;
use super::throttle::ThrottleSettings;
use super::value;

/// The defaults, with a comment for every setting.
pub(super) const DEFAULTS: &str = include_str!("../../../../config/default.toml");

/// The settings as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sections {
    pub(super) database: DatabaseSection,
    pub(super) server: ServerSettings,
    pub(super) authentication: AuthenticationSettings,
    pub(super) throttle: ThrottleSettings,
    pub(super) links: LinksSettings,
    pub(super) change: ChangeSettings,
    pub(super) import: ImportSettings,
    pub(super) log: LogSettings,
    pub(super) bootstrap: BootstrapSettings,
    #[serde(deserialize_with = "value::list")]
    pub(super) origins: Vec<Origin>,
}

/// Lays settings over the defaults, later ones over earlier ones. Those that are wrong are left out and told.
pub(super) fn merge(given: &[Given], problems: &mut Vec<Problem>) -> Option<Sections> {
    let mut merged = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
    for setting in given {
        match lay_over(&merged, setting) {
            Ok(builder) => merged = builder,
            Err(reason) => problems.push(Problem::new(&setting.place, reason)),
        }
    }
    read(&merged).inspect_err(|error| problems.push(Problem::new("config/default.toml", error))).ok()
}

type Builder = ConfigBuilder<DefaultState>;

fn read(builder: &Builder) -> Result<Sections, ConfigError> {
    builder.build_cloned()?.try_deserialize()
}

fn lay_over(builder: &Builder, setting: &Given) -> Result<Builder, String> {
    let Given { key, value, .. } = setting;
    // The config crate would read more into other names, such as an index in brackets.
    let is_plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if !key.split('.').all(is_plain) {
        return Err("unknown key".to_owned());
    }
    let is_section = builder.build_cloned().is_ok_and(|settings| settings.get_table(key).is_ok());
    if is_section && !matches!(value.kind, ValueKind::Table(_) | ValueKind::Nil) {
        return Err("is a section; set a key of it".to_owned());
    }
    let candidate = builder.clone().set_override(key, value.clone()).map_err(reason)?;
    match read(&candidate).map_err(reason) {
        Ok(_) => Ok(candidate),
        // A key without a value changes nothing, but must exist.
        Err(reason) if value.kind == ValueKind::Nil && !reason.starts_with(UNKNOWN) => Ok(builder.clone()),
        Err(reason) => Err(reason),
    }
}

const UNKNOWN: &str = "unknown key";

/// What an error says, without the key and the value.
fn reason(error: ConfigError) -> String {
    match error {
        ConfigError::At { error, .. } => reason(*error),
        ConfigError::Type { expected, .. } => format!("must be {expected}"),
        ConfigError::Message(text) => {
            match text.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) {
                Some((_, expected)) => format!("{UNKNOWN}{expected}"),
                None => text,
            }
        }
        other => other.to_string(),
    }
}
