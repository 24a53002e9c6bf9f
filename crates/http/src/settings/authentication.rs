//! How tokens are signed and how long they live.

use secrecy::SecretString;
use serde::Deserialize;

use super::value;

/// The settings `authentication.*`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthenticationSettings {
    /// What tokens are signed with, if it is configured; [`super::SecretSource`] says what happens otherwise.
    #[serde(default, deserialize_with = "value::some_secret")]
    pub secret_key: Option<SecretString>,
    /// Earlier secret keys: tokens signed with one of them are still accepted.
    #[serde(deserialize_with = "value::secrets")]
    pub previous_secret_keys: Vec<SecretString>,
    /// How long an access token is valid.
    #[serde(deserialize_with = "value::within::<_, _, 1, 43200>")]
    pub access_token_minutes: u32,
    /// How long a session can be refreshed after the login.
    #[serde(deserialize_with = "value::within::<_, _, 1, 3650>")]
    pub refresh_token_days: u32,
    /// How long a failed login takes at least, so that it does not tell why it failed.
    #[serde(deserialize_with = "value::within::<_, _, 0, 10000>")]
    pub login_failure_floor_ms: u64,
}
