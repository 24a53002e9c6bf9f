//! `taglink user add|passwd|list|remove`

use std::io::Write;

use taglink_domain::model::{Clock, PageRequest, SystemClock, User, UserChange, UserPosition, Username};
use taglink_domain::port::{RepositoryError, UnitOfWork};
use taglink_domain::use_case::users::{self, CreateUser, UserError};
use taglink_repository::migration;
use taglink_repository::{DatabaseUrl, with_unit_of_work};

use super::arguments::UserCommand;
use super::error::{CliError, refuse_missing};
use super::password;
use crate::settings::{DatabaseSettings, Environment};

/// Runs one of the commands.
pub(super) fn run(
    command: UserCommand,
    database: &DatabaseSettings,
    environment: &Environment,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let url = &database.url;
    match command {
        UserCommand::Add { name, admin } => {
            let hashed_password = password::ask_and_hash(environment)?;
            add(
                url,
                &CreateUser { username: name, hashed_password, is_admin: admin, at: SystemClock.now() },
                out,
            )
        }
        UserCommand::Passwd { name } => {
            let hashed_password = password::ask_and_hash(environment)?;
            set_password(url, &name, hashed_password, out)
        }
        UserCommand::List => list(url, out),
        UserCommand::Remove { name } => remove(url, &name, out),
    }
}

fn add(url: &DatabaseUrl, user: &CreateUser, out: &mut dyn Write) -> Result<(), CliError> {
    // A new SQLite file gets its tables first, so that users can be added before the service has ever run.
    if url.sqlite_path().is_some_and(|path| !path.exists()) {
        migration::run(url)?;
    }
    in_database(url, |uow| users::create(uow, user))?;
    let kind = if user.is_admin { "admin" } else { "user" };
    writeln!(out, "added the {kind} {}", user.username.as_str())?;
    Ok(())
}

fn set_password(
    url: &DatabaseUrl,
    name: &Username,
    hashed_password: String,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let change = UserChange { hashed_password: Some(hashed_password), ..UserChange::default() };
    in_database(url, |uow| users::change_by_name(uow, name, &change, SystemClock.now()))?;
    writeln!(out, "set the password of {}; its sessions and API tokens end now", name.as_str())?;
    Ok(())
}

fn remove(url: &DatabaseUrl, name: &Username, out: &mut dyn Write) -> Result<(), CliError> {
    in_database(url, |uow| users::remove_by_name(uow, name))?;
    writeln!(out, "removed the user {}", name.as_str())?;
    Ok(())
}

fn list(url: &DatabaseUrl, out: &mut dyn Write) -> Result<(), CliError> {
    let users = in_database(url, |uow| Ok(all_users(uow)?))?;
    let width = users.iter().map(|user| user.username.chars().count()).max().unwrap_or_default();
    for user in users {
        let flags = match (user.is_admin, user.disabled) {
            (true, true) => "admin,disabled",
            (true, false) => "admin",
            (false, true) => "disabled",
            (false, false) => "-",
        };
        writeln!(out, "{:width$}  {flags:14}  {}", user.username, user.created_at)?;
    }
    Ok(())
}

/// Every user, in the order of their names.
fn all_users(uow: &mut dyn UnitOfWork) -> Result<Vec<User>, RepositoryError> {
    let mut page = PageRequest::default();
    let mut all: Vec<User> = Vec::new();
    loop {
        let found = uow.users(&page)?;
        all.extend(found.items);
        page.after = all.last().map(UserPosition::from);
        if !found.has_more {
            break;
        }
    }
    all.sort_by_cached_key(|user| Username::parse(&user.username).map(|name| name.key().to_owned()).ok());
    Ok(all)
}

/// Runs `work` in a transaction on a database that is there and up to date.
fn in_database<T: Send>(
    url: &DatabaseUrl,
    work: impl FnMut(&mut dyn UnitOfWork) -> Result<T, UserError> + Send,
) -> Result<T, CliError> {
    refuse_missing(url)?;
    migration::require_current(url)?;
    Ok(with_unit_of_work(url, work)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    struct Fixture {
        _folder: tempfile::TempDir,
        database: DatabaseSettings,
    }

    fn fixture() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/new/taglink.db", folder.path().display());
        let environment = Environment::from([("TAGLINK__DATABASE__URL", url.as_str())]);
        let database = Settings::load(None, &environment).unwrap().database;
        Fixture { _folder: folder, database }
    }

    fn name(text: &str) -> Username {
        Username::parse(text).unwrap()
    }

    impl Fixture {
        fn run(&self, command: UserCommand) -> Result<String, String> {
            let environment = Environment::from([("PASSWORD", "correct horse")]);
            let mut out = Vec::new();
            run(command, &self.database, &environment, &mut out).map_err(|error| error.to_string())?;
            Ok(String::from_utf8(out).unwrap())
        }
    }

    #[test]
    fn a_user_lives_from_add_to_remove_in_a_database_that_was_not_there() {
        let fixture = fixture();
        let add = |text: &str, admin| fixture.run(UserCommand::Add { name: name(text), admin });
        assert_eq!(add("bob", false).unwrap(), "added the user bob\n");
        assert_eq!(add("Alice", true).unwrap(), "added the admin Alice\n");
        assert_eq!(add("BOB", false).unwrap_err(), "User with username BOB exists");
        let list = fixture.run(UserCommand::List).unwrap();
        let lines: Vec<Vec<&str>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(
            (lines[0][..2].join(" "), lines[1][..2].join(" ")),
            ("Alice admin".into(), "bob -".into())
        );
        assert!(fixture.run(UserCommand::Passwd { name: name("ALICE") }).is_ok());
        assert!(fixture.run(UserCommand::Remove { name: name("bob") }).is_ok());
        assert_eq!(
            fixture.run(UserCommand::Remove { name: name("bob") }).unwrap_err(),
            "User with username bob not found"
        );
        assert_eq!(fixture.run(UserCommand::List).unwrap().lines().count(), 1);
    }

    #[test]
    fn all_users_are_listed_however_many() {
        let Fixture { database, _folder } = fixture();
        migration::run(&database.url).unwrap();
        in_database(&database.url, |uow| {
            (0..1001).try_for_each(|number| {
                let username = name(&format!("User {number:04}"));
                let at = SystemClock.now();
                let user = CreateUser { username, hashed_password: "-".into(), is_admin: false, at };
                users::create(uow, &user).map(drop)
            })
        })
        .unwrap();
        let all = in_database(&database.url, |uow| Ok(all_users(uow)?)).unwrap();
        assert!(
            all.iter()
                .map(|user| user.username.clone())
                .eq((0..1001).map(|number| format!("User {number:04}")))
        );
    }
}
