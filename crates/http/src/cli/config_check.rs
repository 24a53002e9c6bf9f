//! `taglink config check`

use std::io::Write;
use std::path::Path;

use super::error::CliError;
use crate::settings::{Environment, SecretSource, Settings};

/// Prints the settings in effect. Makes nothing: no database, no key.
pub(super) fn run(
    file: Option<&Path>,
    environment: &Environment,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let (settings, secret) = Settings::check(file, environment)?;
    write!(out, "{}", settings.to_redacted_toml())?;
    if let SecretSource::KeyFile(file) = secret {
        let state = if file.path().exists() { "is" } else { "will be made and" };
        writeln!(out, "\n# authentication.secret_key {state} kept in {}", file.path().display())?;
    }
    Ok(())
}
