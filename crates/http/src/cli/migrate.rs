//! `taglink migrate run|revert|status`

use std::io::Write;

use taglink_repository::migration::{self, MigrationState};
use taglink_repository::reindex;

use super::arguments::MigrateCommand;
use super::error::{CliError, refuse_missing};
use crate::settings::DatabaseSettings;

/// Runs one of the commands.
pub(super) fn run(
    command: &MigrateCommand,
    database: &DatabaseSettings,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    match command {
        MigrateCommand::Run => apply(database, out),
        MigrateCommand::Revert => revert(database, out),
        MigrateCommand::Status => status(database, out),
    }
}

fn apply(database: &DatabaseSettings, out: &mut dyn Write) -> Result<(), CliError> {
    let applied = migration::run(&database.url)?;
    if applied.is_empty() {
        writeln!(out, "nothing to apply")?;
    }
    for name in applied {
        writeln!(out, "applied  {name}")?;
    }
    let indexed = reindex(&database.url)?;
    if indexed > 0 {
        writeln!(out, "indexed  {indexed} links and tags again for the search")?;
    }
    Ok(())
}

fn revert(database: &DatabaseSettings, out: &mut dyn Write) -> Result<(), CliError> {
    refuse_missing(&database.url)?;
    match migration::revert(&database.url)? {
        Some(name) => writeln!(out, "reverted  {name}")?,
        None => writeln!(out, "nothing to revert")?,
    }
    Ok(())
}

fn status(database: &DatabaseSettings, out: &mut dyn Write) -> Result<(), CliError> {
    refuse_missing(&database.url)?;
    for migration in migration::status(&database.url)? {
        let state = match migration.state {
            MigrationState::Applied => "applied",
            MigrationState::Pending => "pending",
            MigrationState::Obsolete => "of an earlier build",
            MigrationState::Newer => "of a newer version",
        };
        writeln!(out, "{state}  {}", migration.name)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Environment, Settings};

    #[test]
    fn migrations_are_applied_listed_and_undone_but_looking_makes_no_database() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/taglink.db", folder.path().display());
        let environment = Environment::from([("TAGLINK__DATABASE__URL", url.as_str())]);
        let database = Settings::load(None, &environment).unwrap().database;
        let output = |command| {
            let mut out = Vec::new();
            run(&command, &database, &mut out).map(|()| String::from_utf8(out).unwrap())
        };
        assert!(matches!(output(MigrateCommand::Status), Err(CliError::NoDatabase(_))));
        assert!(matches!(output(MigrateCommand::Revert), Err(CliError::NoDatabase(_))));
        assert!(!folder.path().join("taglink.db").exists());
        let applied = output(MigrateCommand::Run).unwrap();
        assert!(
            applied.lines().all(|line| line.starts_with("applied  ")) && !applied.is_empty(),
            "{applied}"
        );
        assert_eq!(output(MigrateCommand::Run).unwrap(), "nothing to apply\n");
        assert_eq!(output(MigrateCommand::Status).unwrap(), applied);
        let latest = applied.lines().last().unwrap().trim_start_matches("applied  ");
        assert_eq!(output(MigrateCommand::Revert).unwrap(), format!("reverted  {latest}\n"));
        assert!(output(MigrateCommand::Status).unwrap().contains(&format!("pending  {latest}")));
    }
}
