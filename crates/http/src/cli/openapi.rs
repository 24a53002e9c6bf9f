//! `taglink openapi`

use std::io::Write;

use super::error::CliError;
use crate::openapi::{document, to_json};

/// Prints the OpenAPI document of the service.
pub(super) fn run(out: &mut dyn Write) -> Result<(), CliError> {
    let text = to_json(&document()).map_err(std::io::Error::other)?;
    writeln!(out, "{text}")?;
    Ok(())
}
