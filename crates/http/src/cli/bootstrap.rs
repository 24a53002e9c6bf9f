//! The first start: an admin for a database that has no user.

use secrecy::SecretString;
use taglink_auth::password::hash_password;
use taglink_domain::model::{Clock, SystemClock};
use taglink_domain::port::{Constraint, RepositoryError, UnitOfWork};
use taglink_domain::use_case::users::{self, CreateUser, UserError};
use taglink_repository::migration;

use super::error::CliError;
use super::password::{self, PasswordError};
use crate::settings::Settings;

/// The login of the admin that was just made.
pub(super) struct FirstLogin {
    pub(super) username: String,
    /// The password, if it was made up and has to be shown.
    pub(super) random_password: Option<SecretString>,
}

/// Makes the database ready to be served, and an admin if it has no user: then the answer is its login.
pub(super) fn prepare_database(settings: &Settings) -> Result<Option<FirstLogin>, CliError> {
    let (database, bootstrap) = (&settings.database, &settings.bootstrap);
    if !migration::prepare(&database.url, database.migrate_on_start, users::is_empty)? {
        return Ok(None);
    }
    let (password, is_random) = match &bootstrap.password {
        Some(password) => (password.clone(), false),
        None => (password::random()?, true),
    };
    let username = bootstrap.username.clone();
    let name = username.as_str().to_owned();
    // Hashing takes long: not at every start, and not while the database is locked.
    let hashed_password = hash_password(&password).map_err(PasswordError::from)?;
    let admin = CreateUser { username, hashed_password, is_admin: true, at: SystemClock.now() };
    let made = migration::prepare(&database.url, false, |uow| make_first(uow, &admin))?;
    Ok(made.then(|| FirstLogin { username: name, random_password: is_random.then_some(password) }))
}

/// Stores the user if there is none yet; says whether it did.
fn make_first(uow: &mut dyn UnitOfWork, admin: &CreateUser) -> Result<bool, RepositoryError> {
    if !users::is_empty(uow)? {
        return Ok(false);
    }
    match users::create(uow, admin) {
        Ok(_) => Ok(true),
        Err(UserError::Repository(error)) => Err(error),
        // Added by `taglink user add` at this very moment.
        Err(
            UserError::NameTaken(_)
            | UserError::NotFound(_)
            | UserError::NoSuchName(_)
            | UserError::LastAdmin,
        ) => Err(RepositoryError::Conflict(Constraint::UserUsername)),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use taglink_auth::password::verify_password;
    use taglink_domain::model::{PageRequest, User};
    use taglink_repository::with_unit_of_work;

    use super::*;
    use crate::settings::Environment;

    fn settings(folder: &tempfile::TempDir, password: &str) -> Settings {
        let url = format!("sqlite:{}/taglink.db", folder.path().display());
        let variables = [
            ("TAGLINK__DATABASE__URL", url.as_str()),
            ("TAGLINK__BOOTSTRAP__USERNAME", "Boss"),
            ("TAGLINK__BOOTSTRAP__PASSWORD", password),
        ];
        Settings::load(None, &Environment::from(variables)).unwrap()
    }

    fn only_user(settings: &Settings) -> User {
        let users =
            with_unit_of_work(&settings.database.url, |uow| uow.users(&PageRequest::default())).unwrap();
        let [user] = <[User; 1]>::try_from(users.items).ok().unwrap();
        user
    }

    #[test]
    fn the_first_start_makes_an_admin_with_a_random_password_and_the_second_does_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(&folder, "");
        let login = prepare_database(&settings).unwrap().unwrap();
        let user = only_user(&settings);
        assert_eq!((login.username.as_str(), user.username.as_str(), user.is_admin), ("Boss", "Boss", true));
        assert!(verify_password(&login.random_password.unwrap(), &user.hashed_password).unwrap());
        assert!(prepare_database(&settings).unwrap().is_none());
        assert!(only_user(&settings) == user);
    }

    #[test]
    fn a_configured_password_is_the_one_that_counts() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(&folder, "correct horse");
        assert!(prepare_database(&settings).unwrap().unwrap().random_password.is_none());
        let password = settings.bootstrap.password.clone().unwrap();
        assert_eq!(password.expose_secret(), "correct horse");
        assert!(verify_password(&password, &only_user(&settings).hashed_password).unwrap());
    }
}
