//! The first user, made when there is none.

use std::str::FromStr;

use secrecy::SecretString;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use taglink_auth::password::NewPassword;
use taglink_domain::model::{InvalidUsername, Username};

use super::value;

/// The settings `bootstrap.*`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootstrapSettings {
    /// The name of the first user.
    #[serde(deserialize_with = "username")]
    pub username: Username,
    /// Its password; without one a random password is made and shown once.
    #[serde(default, deserialize_with = "password")]
    pub password: Option<SecretString>,
}

struct Name(Username);

impl FromStr for Name {
    type Err = InvalidUsername;

    fn from_str(text: &str) -> Result<Self, InvalidUsername> {
        Username::parse(text).map(Self)
    }
}

fn username<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Username, D::Error> {
    value::parsed::<D, Name>(deserializer).map(|Name(username)| username)
}

/// A password that cannot be set is told when the settings are read, not at the first start.
fn password<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    let password = value::some_secret(deserializer)?;
    password.clone().map(NewPassword::parse).transpose().map_err(D::Error::custom)?;
    Ok(password)
}
