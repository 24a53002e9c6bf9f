//! The process environment, read here and nowhere else, and replaced by a map in tests.

use std::collections::BTreeMap;

use thiserror::Error;

/// What the names of all settings in the environment start with.
pub(super) const PREFIX: &str = "TAGLINK";

/// What separates the parts of such a name.
pub(super) const SEPARATOR: &str = "__";

/// Environment variables by their name.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// A variable of ours that is not Unicode; taking it for another text would be worse than refusing it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{name}: the value of this environment variable is not valid UTF-8")]
pub struct NotUnicode {
    pub name: String,
}

impl Environment {
    /// The variable with the password for commands that need one.
    pub const PASSWORD: &str = "PASSWORD";

    /// The variable with the password of a database that is taken over.
    pub const SOURCE_PASSWORD: &str = "SOURCE_PASSWORD";

    /// The variables of this process. Those that are not Unicode and not ours are left out.
    ///
    /// # Errors
    /// If the value of one of ours is not valid UTF-8.
    pub fn of_process() -> Result<Self, NotUnicode> {
        let ours = format!("{PREFIX}{SEPARATOR}");
        let mut variables = BTreeMap::new();
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => drop(variables.insert(name, value)),
                Err(_)
                    if name.to_uppercase().starts_with(&ours)
                        || [Self::PASSWORD, Self::SOURCE_PASSWORD].contains(&name.as_str()) =>
                {
                    return Err(NotUnicode { name });
                }
                Err(_) => {}
            }
        }
        Ok(Self(variables))
    }

    /// The value of a variable; an empty one counts as not set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn to_map(&self) -> config::Map<String, String> {
        self.0.clone().into_iter().collect()
    }

    /// The name of the variable that holds the setting `key`, such as `server.port`.
    pub(super) fn variable(key: &str) -> String {
        format!("{PREFIX}{SEPARATOR}{}", key.replace('.', SEPARATOR).to_uppercase())
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(variables: [(&str, &str); N]) -> Self {
        variables.into_iter().collect()
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Environment {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}
