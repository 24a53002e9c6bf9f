//! JSON merge patch (RFC 7396): a member that is left out stays, one that is null is removed.

use serde::{Deserialize, Deserializer};

/// A member of a patch; one that is left out is read by `#[serde(default)]`.
#[derive(Debug, Default)]
pub(super) enum Member<T> {
    #[default]
    Absent,
    Null,
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Null, Self::Value))
    }
}
