//! What can be written on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use taglink_domain::model::{Email, InvalidEmail, InvalidUsername, Username};
use taglink_transfer::{ExportFormat, Format};

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

    /// Import links from a file.
    ///
    /// Bookmarks as browsers and bookmark services export them (HTML, CSV, JSON), our own JSON, or a list of URLs. Links that
    /// are there get the tags, the title and the notes that they lacked; nothing is overwritten. The file is read whole
    /// first: of a damaged one nothing is stored. Then it is stored in parts; a running service goes on in between.
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportArguments),

    /// Export links to a file.
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(ExportArguments),

    /// Take over the database of the tutorial "Creating an API with python".
    ///
    /// Its users become admins, as in the tutorial every user may do everything; users and accounts keep their passwords.
    /// Links and tags keep their ids and are merged where they are the same here. What is there already stays as it is.
    /// All or nothing, in one transaction.
    ///
    /// If the URL has no password, it comes from the environment variable `SOURCE_PASSWORD`, else it is asked for on a
    /// terminal.
    #[command(after_help = TUTORIAL_EXAMPLES)]
    ImportTutorial(TutorialArguments),

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

const IMPORT_EXAMPLES: &str = "\
Examples:
  taglink import bookmarks.html --dry-run
  taglink import bookmarks.html --account alice@example.org --folders ignore
  curl -s https://example.org/urls.txt | taglink import --format urls -";

const EXPORT_EXAMPLES: &str = "\
Examples:
  taglink export -o backup.json
  taglink export --format html --account alice@example.org > bookmarks.html";

const TUTORIAL_EXAMPLES: &str = "\
Examples:
  taglink import-tutorial mariadb://apiservice_user@127.0.0.1/apiservice --dry-run
  SOURCE_PASSWORD=\"$(cat password.txt)\" taglink import-tutorial mariadb://apiservice_user@db/apiservice";

/// Whose links are meant.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(super) struct WhoseLinks {
    /// The account with this email.
    #[arg(long, value_name = "EMAIL", value_parser = email)]
    pub(super) account: Option<Email>,
    /// The shared account, which tokens without a scope act on (the default).
    #[arg(long)]
    shared: bool,
}

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// The file; `-` is the standard input.
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) whose: WhoseLinks,
    /// html, json (our own), csv, urls, pinboard, firefox, chrome, omnivore, wallabag, linkwarden or karakeep; else the
    /// beginning of the file tells it.
    #[arg(long, value_parser = format)]
    pub(super) format: Option<Format>,
    /// Whether the folders of bookmarks become tags such as `work/rust`.
    #[arg(long, value_enum, default_value = "tags")]
    pub(super) folders: Choice,
    /// Whether what other services know of a link becomes the tags `state/unread`, `state/archived`, `state/favorite`.
    #[arg(long, value_enum, default_value = "tags")]
    pub(super) states: Choice,
    /// The character set, such as windows-1252; else the file tells it, or it is UTF-8.
    #[arg(long)]
    pub(super) charset: Option<String>,
    /// Try and tell everything, but store nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Choice {
    Tags,
    Ignore,
}

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// html, json or csv. Only json carries everything.
    #[arg(long, value_parser = export_format, default_value = "json")]
    pub(super) format: ExportFormat,
    #[command(flatten)]
    pub(super) whose: WhoseLinks,
    /// Where to write to, instead of the standard output. A file that is there is replaced when all is written.
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct TutorialArguments {
    /// Where the tutorial's database is, as `mariadb://USER@HOST/apiservice`.
    pub(super) url: String,
    /// Try and tell everything, but store nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
}

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

fn email(text: &str) -> Result<Email, InvalidEmail> {
    Email::parse(text.to_owned())
}

fn format(name: &str) -> Result<Format, String> {
    Format::from_name(name).ok_or_else(|| one_of(Format::ALL.map(Format::name)))
}

fn export_format(name: &str) -> Result<ExportFormat, String> {
    ExportFormat::from_name(name).ok_or_else(|| one_of(ExportFormat::ALL.map(ExportFormat::name)))
}

fn one_of<const N: usize>(names: [&str; N]) -> String {
    format!("it is one of {}", names.join(", "))
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
