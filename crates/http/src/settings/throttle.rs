//! How many logins may fail.

use std::num::NonZeroU32;

use serde::Deserialize;
use taglink_auth::ThrottleLimits;

use super::value;

/// The settings `throttle.*`: failures at once, of which as many are forgiven per minute.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThrottleSettings {
    /// From one address; of IPv6 the first 64 bits count.
    #[serde(deserialize_with = "value::within::<_, _, 1, 1000000>")]
    pub failures_per_address: u32,
    /// For one name from one address.
    #[serde(deserialize_with = "value::within::<_, _, 1, 1000000>")]
    pub failures_per_name_and_address: u32,
    /// For one name, from wherever it has not logged in lately.
    #[serde(deserialize_with = "value::within::<_, _, 1, 1000000>")]
    pub failures_per_name: u32,
}

impl ThrottleSettings {
    /// The same for the authentication service.
    #[must_use]
    pub fn limits(&self) -> ThrottleLimits {
        let limit = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        ThrottleLimits {
            per_address: limit(self.failures_per_address),
            per_name_and_address: limit(self.failures_per_name_and_address),
            per_name: limit(self.failures_per_name),
        }
    }
}
