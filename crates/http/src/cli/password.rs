//! Where passwords come from: the environment, a prompt, or the standard input; never an argument, which every user of
//! the machine can see.

use std::io::{self, BufRead, IsTerminal};

use secrecy::{ExposeSecret, SecretString};
use taglink_auth::password::{HashPasswordError, hash_password};
use thiserror::Error;

use crate::settings::Environment;

/// Why there is no password.
#[derive(Debug, Error)]
pub enum PasswordError {
    #[error("there is no password: set PASSWORD, or write it into one line of the standard input")]
    Missing,
    #[error("the two passwords are not the same")]
    Different,
    #[error("cannot read the password")]
    Read(#[from] io::Error),
    #[error(transparent)]
    Refused(#[from] HashPasswordError),
    #[error("the operating system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

/// A new password: from `PASSWORD`, else asked for twice on a terminal, else from one line of the standard input.
fn ask(environment: &Environment) -> Result<SecretString, PasswordError> {
    if let Some(password) = environment.get(Environment::PASSWORD) {
        return Ok(password.into());
    }
    let input = io::stdin();
    if input.is_terminal() { prompt() } else { first_line(&mut input.lock()) }
}

/// The password of a database that is taken over: from `SOURCE_PASSWORD`, else asked for on a terminal; else there is none.
pub(super) fn of_source(environment: &Environment) -> Result<Option<SecretString>, PasswordError> {
    if let Some(password) = environment.get(Environment::SOURCE_PASSWORD) {
        return Ok(Some(password.into()));
    }
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    Ok(Some(rpassword::prompt_password("Password of the tutorial's database: ")?.into()))
}

/// The hash of a new password, as it is stored.
pub(super) fn ask_and_hash(environment: &Environment) -> Result<String, PasswordError> {
    Ok(hash_password(&ask(environment)?)?)
}

fn prompt() -> Result<SecretString, PasswordError> {
    let first = SecretString::from(rpassword::prompt_password("Password: ")?);
    let second = SecretString::from(rpassword::prompt_password("Again: ")?);
    if first.expose_secret() == second.expose_secret() { Ok(first) } else { Err(PasswordError::Different) }
}

fn first_line(input: &mut dyn BufRead) -> Result<SecretString, PasswordError> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let line = SecretString::from(line);
    let text = line.expose_secret();
    let password = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    if password.is_empty() { Err(PasswordError::Missing) } else { Ok(password.into()) }
}

/// A random password of 20 characters, 100 bits. None of them needs quoting or looks like another.
pub(super) fn random() -> Result<SecretString, PasswordError> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).map_err(PasswordError::Random)?;
    let characters = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32)));
    Ok(characters.copied().map(char::from).collect::<String>().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(mut input: &[u8]) -> Result<String, PasswordError> {
        first_line(&mut input).map(|password| password.expose_secret().to_owned())
    }

    #[test]
    fn the_environment_comes_first() {
        let environment = Environment::from([("PASSWORD", " from env ")]);
        assert_eq!(ask(&environment).unwrap().expose_secret(), " from env ");
    }

    #[test]
    fn one_line_of_the_input_is_taken_as_it_is() {
        assert_eq!(line(b" pass word \nmore\n").unwrap(), " pass word ");
        assert_eq!(line(b"secret\r\n").unwrap(), "secret");
        assert_eq!(line(b"secret").unwrap(), "secret");
        assert!(matches!(line(b"\n"), Err(PasswordError::Missing)));
        assert!(matches!(line(b""), Err(PasswordError::Missing)));
        assert!(matches!(line(b"\xff\n"), Err(PasswordError::Read(_))));
    }

    #[test]
    fn random_passwords_are_long_and_plain() {
        let password = random().unwrap();
        let text = password.expose_secret();
        assert_eq!(text.len(), 20);
        assert!(text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
        assert_ne!(text, random().unwrap().expose_secret());
    }
}
