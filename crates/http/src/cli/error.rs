//! Why a command failed, and how that is told in one line.

use std::error::Error as _;
use std::io;

use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::import::ImportError;
use taglink_domain::use_case::takeover::TakeoverError;
use taglink_domain::use_case::users::UserError;
use taglink_repository::migration::MigrationError;
use taglink_repository::{DatabaseUrl, InvalidDatabaseUrl, TutorialError};
use thiserror::Error;

use super::healthcheck::NotReady;
use super::password::PasswordError;
use crate::settings::{NotUnicode, Problems, SecretError};
use crate::transfer::IntakeError;

/// Why a command failed.
#[derive(Debug, Error)]
pub enum CliError {
    #[error(transparent)]
    Environment(#[from] NotUnicode),
    #[error("the settings are not valid: {0}")]
    Settings(#[from] Problems),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Migration(#[from] MigrationError),
    #[error("there is no database at {0} yet")]
    NoDatabase(String),
    #[error(transparent)]
    User(#[from] UserError),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error("cannot read {file}")]
    File { file: String, source: io::Error },
    #[error("cannot import {file}: {source}")]
    Intake { file: String, source: IntakeError },
    #[error("there is no account with the email {0}")]
    NoAccount(String),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    #[error(transparent)]
    SourceUrl(#[from] InvalidDatabaseUrl),
    #[error("the tutorial's database: {0}")]
    Source(#[from] TutorialError),
    #[error(transparent)]
    Takeover(#[from] TakeoverError),
    #[error("the service is not ready: {0}")]
    NotReady(#[from] NotReady),
    #[error("cannot write the output")]
    Output(#[from] io::Error),
    /// Building or running the service failed.
    #[error("cannot serve")]
    Serve(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl CliError {
    /// Whether nobody reads the output any more, as in `taglink user list | head -1`; that is no failure.
    pub(super) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The error and its causes.
    pub(super) fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let more = error.to_string();
            // Some libraries repeat their cause in their own text.
            if !text.ends_with(&more) {
                text.push_str(": ");
                text.push_str(&more);
            }
            cause = error.source();
        }
        text
    }
}

/// Connecting would make an empty SQLite file; looking at a database must not.
pub(super) fn refuse_missing(url: &DatabaseUrl) -> Result<(), CliError> {
    match url.sqlite_path() {
        Some(path) if !path.exists() => Err(CliError::NoDatabase(path.display().to_string())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_once() {
        #[derive(Debug, Error)]
        #[error("cannot listen: {0}")]
        struct Repeating(#[source] io::Error);
        let error = CliError::Serve(Box::new(Repeating(io::Error::other("port in use"))));
        assert_eq!(error.with_causes(), "cannot serve: cannot listen: port in use");
    }
}
