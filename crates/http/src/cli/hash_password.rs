//! `taglink hash-password`

use std::io::Write;

use super::error::CliError;
use super::password;
use crate::settings::Environment;

/// Prints the hash of a password, as the column `user.hashed_password` holds it.
pub(super) fn run(environment: &Environment, out: &mut dyn Write) -> Result<(), CliError> {
    writeln!(out, "{}", password::ask_and_hash(environment)?)?;
    Ok(())
}
