//! For how long it can be asked what has changed.

use chrono::TimeDelta;
use serde::Deserialize;

use super::value;

/// The settings `change.*`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeSettings {
    /// For how many days changes are kept at least.
    #[serde(deserialize_with = "value::within::<_, _, 1, 3650>")]
    pub retention_days: u32,
}

impl ChangeSettings {
    /// For how long changes are kept at least.
    #[must_use]
    pub fn retention(&self) -> TimeDelta {
        TimeDelta::days(self.retention_days.into())
    }
}
