//! Where the secret key for tokens comes from: the settings, or a file beside an SQLite database.

use secrecy::SecretString;
use taglink_auth::key::{SigningKeys, WeakSecret};
use thiserror::Error;

use super::environment::Environment;
use super::key_file::{KeyFile, KeyFileError, random_key};
use super::load::Settings;

/// Where the secret key comes from.
#[derive(Clone, Debug)]
pub enum SecretSource {
    /// It is configured.
    Settings(SecretString),
    /// It is in this file, which is made at the first start.
    KeyFile(KeyFile),
}

/// Why there are no keys to sign tokens with.
#[derive(Debug, Error)]
pub enum SecretError {
    #[error(
        "there is no secret key, and a database server needs one, the same for all replicas: put the output of \
         `openssl rand -hex 32` into {}",
        Environment::variable("authentication.secret_key")
    )]
    Missing,
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    #[error(transparent)]
    Weak(#[from] WeakSecret),
}

impl SecretSource {
    /// Tells where the secret key comes from.
    ///
    /// # Errors
    /// If none is configured and the database is on a server.
    pub fn of(settings: &Settings) -> Result<Self, SecretError> {
        match (&settings.authentication.secret_key, settings.database.url.sqlite_path()) {
            (Some(secret), _) => Ok(Self::Settings(secret.clone())),
            (None, Some(path)) => Ok(Self::KeyFile(KeyFile::beside(path))),
            (None, None) => Err(SecretError::Missing),
        }
    }

    /// Checks what there is without making anything: nothing is wrong with a key file that will be made.
    ///
    /// # Errors
    /// If the key file is unusable or a key is weak.
    pub fn check(&self, settings: &Settings) -> Result<(), SecretError> {
        let current = match self {
            Self::Settings(secret) => secret.clone(),
            // Until it is made another random key stands for it, so that the earlier ones are looked at.
            Self::KeyFile(file) => file.read()?.map_or_else(random_key, Ok)?,
        };
        SigningKeys::new(&current, &settings.authentication.previous_secret_keys)?;
        Ok(())
    }

    /// The keys to sign and verify tokens with. Makes the key file if there is none.
    ///
    /// # Errors
    /// If the key file is unusable or a key is weak.
    pub fn signing_keys(&self, settings: &Settings) -> Result<SigningKeys, SecretError> {
        let current = match self {
            Self::Settings(secret) => secret.clone(),
            Self::KeyFile(file) => file.read_or_make()?,
        };
        Ok(SigningKeys::new(&current, &settings.authentication.previous_secret_keys)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRONG: &str = "a3f1c27be09d4586f2b7714c0d9e5a68";

    fn settings<const N: usize>(variables: [(&str, &str); N]) -> Settings {
        Settings::load(None, &Environment::from(variables)).unwrap()
    }

    #[test]
    fn a_database_server_needs_a_secret_and_the_error_says_how_to_make_one() {
        for url in ["postgres://u@h/d", "mariadb://u@h/d"] {
            let error =
                SecretSource::of(&settings([("TAGLINK__DATABASE__URL", url)])).unwrap_err().to_string();
            assert!(error.contains("`openssl rand -hex 32`"), "{error}");
            assert!(error.contains("TAGLINK__AUTHENTICATION__SECRET_KEY"), "{error}");
        }
    }

    #[test]
    fn sqlite_has_a_key_file_that_checking_does_not_make() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/data/taglink.db", folder.path().display());
        let settings = settings([("TAGLINK__DATABASE__URL", &url)]);
        let source = SecretSource::of(&settings).unwrap();
        source.check(&settings).unwrap();
        assert!(!folder.path().join("data").exists());
        source.signing_keys(&settings).unwrap();
        assert!(folder.path().join("data/taglink.db.key").exists());
        std::fs::write(folder.path().join("data/taglink.db.key"), "").unwrap();
        assert!(matches!(source.check(&settings), Err(SecretError::KeyFile(KeyFileError::Damaged { .. }))));
    }

    #[test]
    fn weak_secrets_are_refused_wherever_they_stand() {
        for (current, previous) in [("SECRET_KEY", STRONG), (STRONG, "changeme"), ("", "changeme")] {
            let settings = settings([
                ("TAGLINK__DATABASE__URL", "sqlite:/nowhere/taglink.db"),
                ("TAGLINK__AUTHENTICATION__SECRET_KEY", current),
                ("TAGLINK__AUTHENTICATION__PREVIOUS_SECRET_KEYS", previous),
            ]);
            let checked = SecretSource::of(&settings).unwrap().check(&settings);
            let Err(SecretError::Weak(weak)) = checked else { panic!("{current} {previous}") };
            assert_eq!(weak.to_string().starts_with("previous "), previous != STRONG, "{weak}");
        }
        let strong = settings([("TAGLINK__AUTHENTICATION__SECRET_KEY", STRONG)]);
        assert!(SecretSource::of(&strong).unwrap().signing_keys(&strong).is_ok());
    }
}
