//! Reading settings from their sources into single values that know where they come from.

use std::path::Path;

use config::{FileFormat, Format, Map, Source, Value, ValueKind};

use super::environment::{Environment, PREFIX, SEPARATOR};
use super::problem::Problem;
use super::yaml;

/// One setting as it was given.
#[derive(Clone, Debug)]
pub(super) struct Given {
    /// Its path, such as `server.port`.
    pub(super) key: String,
    pub(super) value: Value,
    /// What to call it in messages.
    pub(super) place: String,
}

/// The settings in a file, in the order of their keys.
pub(super) fn from_file(path: &Path) -> Result<Vec<Given>, Problem> {
    let place = path.display().to_string();
    let read = match path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).as_deref() {
        Some("toml") => from_toml,
        Some("yaml" | "yml") => from_yaml,
        _ => {
            return Err(Problem::new(
                place,
                "the name of a settings file must end with .toml, .yaml or .yml",
            ));
        }
    };
    let text = std::fs::read_to_string(path).map_err(|error| Problem::new(&place, error))?;
    let table = read(&text).map_err(|reason| Problem::new(&place, reason))?;
    Ok(flatten(table, |key| format!("{place}: {key}")))
}

/// The settings in the environment, in the order of their keys. Empty variables count as not set.
pub(super) fn from_environment(environment: &Environment) -> Result<Vec<Given>, Problem> {
    let source = config::Environment::with_prefix(PREFIX)
        .prefix_separator(SEPARATOR)
        .separator(SEPARATOR)
        .ignore_empty(true)
        .source(Some(environment.to_map()));
    let table = source.collect().map_err(|error| Problem::new("environment", error))?;
    Ok(flatten(table, Environment::variable))
}

fn from_yaml(text: &str) -> Result<Map<String, Value>, String> {
    yaml::read(text).map_err(|error| error.to_string())
}

/// Reads TOML. The message of an error is put together anew: the original shows the line, which may hold a secret.
pub(super) fn from_toml(text: &str) -> Result<Map<String, Value>, String> {
    FileFormat::Toml.parse(None, text).map_err(|error| {
        let Some(error) = error.downcast_ref::<toml::de::Error>() else {
            return "a value is out of range".to_owned();
        };
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        format!("line {}: {}", before.split('\n').count(), error.message())
    })
}

fn flatten(table: Map<String, Value>, place: impl Fn(&str) -> String) -> Vec<Given> {
    let mut leaves = Vec::new();
    collect("", table, &mut leaves);
    leaves.sort_by(|(one, _), (other, _)| one.cmp(other));
    leaves.into_iter().map(|(key, value)| Given { place: place(&key), key, value }).collect()
}

fn collect(prefix: &str, table: Map<String, Value>, leaves: &mut Vec<(String, Value)>) {
    for (name, value) in table {
        let key = format!("{prefix}{name}");
        match value.kind {
            ValueKind::Table(table) if !table.is_empty() => collect(&format!("{key}."), table, leaves),
            _ => leaves.push((key, value)),
        }
    }
}
