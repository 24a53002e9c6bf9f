//! What can be written on the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use taglink_domain::model::{InvalidUsername, Username};

/// A self-hosted REST service for links, tags, and which tag is on which link.
#[derive(Debug, Parser)]
#[command(name = "taglink", version, about, after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Settings file (.toml, .yaml or .yml). The environment (`TAGLINK__SECTION__KEY`) wins over it.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  taglink                                    serve from ./data, an embedded SQLite database
  taglink --config taglink.toml serve        serve with the settings of a file
  TAGLINK__DATABASE__URL=postgres://taglink:secret@db/taglink \\
  TAGLINK__AUTHENTICATION__SECRET_KEY=\"$(openssl rand -hex 32)\" taglink
  taglink user add alice --admin             asks for the password
  taglink config check                       show the settings in effect, or what is wrong with them";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the service (the default).
    ///
    /// Applies pending migrations unless `database.migrate_on_start` is off. If the database has no user, makes an
    /// admin and prints its login once. Stops on SIGTERM or SIGINT after the requests in progress.
    Serve,

    /// Apply, undo or list the migrations of the database.
    #[command(subcommand)]
    Migrate(MigrateCommand),

    /// Manage the users who operate the service.
    ///
    /// Passwords come from the environment variable PASSWORD, else are asked for on a terminal, else are read from one
    /// line of the standard input. They have 8 to 1024 bytes.
    #[command(subcommand, after_help = USER_EXAMPLES)]
    User(UserCommand),

    /// Print the argon2id hash of a password.
    ///
    /// The password comes from the environment variable PASSWORD, else it is asked for on a terminal, else it is read
    /// from one line of the standard input. No database is needed.
    HashPassword,

    /// Print the OpenAPI document of the service as JSON.
    Openapi,

    /// Ask the running service whether it is ready: exit 0 if so, else 1.
    ///
    /// Asks the configured host and port on this machine; meant for container health checks.
    Healthcheck,

    /// Look into the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
}

const USER_EXAMPLES: &str = "\
Examples:
  taglink user add alice --admin
  PASSWORD=\"$(cat password.txt)\" taglink user passwd alice
  taglink user list";

#[derive(Debug, Subcommand)]
pub(super) enum MigrateCommand {
    /// Apply all pending migrations.
    Run,
    /// Undo the latest migration. What it stored is lost.
    Revert,
    /// List the migrations and whether the database has them.
    Status,
}

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add a user.
    Add {
        /// 1 to 255 characters; upper and lower case are the same.
        #[arg(value_parser = username)]
        name: Username,
        /// Let the user ask for the `admin` scope.
        #[arg(long)]
        admin: bool,
    },
    /// Set a user's password. Tokens given out so far end.
    Passwd {
        #[arg(value_parser = username)]
        name: Username,
    },
    /// List all users: name, flags, when they were added.
    List,
    /// Remove a user. Its tokens end.
    Remove {
        #[arg(value_parser = username)]
        name: Username,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Print the settings in effect as TOML, secrets redacted; or all that is wrong with them, and exit 1.
    Check,
}

fn username(text: &str) -> Result<Username, InvalidUsername> {
    Username::parse(text)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_settings_file_may_stand_before_or_behind_the_command() {
        for line in ["taglink --config a.toml user list", "taglink user list --config a.toml"] {
            assert_eq!(parse(line).unwrap().config, Some("a.toml".into()));
        }
        assert!(parse("taglink").unwrap().command.is_none());
    }

    #[test]
    fn wrong_usage_exits_with_2() {
        for line in
            ["taglink nonsense", "taglink user add", "taglink user add a b", "taglink user passwd \u{1}"]
        {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
        }
        assert_eq!(
            Arguments::command().render_version(),
            concat!("taglink ", env!("CARGO_PKG_VERSION"), "\n")
        );
        for line in ["taglink --help", "taglink --version"] {
            assert_eq!(parse(line).unwrap_err().exit_code(), 0, "{line}");
        }
    }
}
