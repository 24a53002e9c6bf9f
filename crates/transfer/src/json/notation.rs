//! How ids and times are written in our own format.

/// Ids: hyphenated UUIDs.
pub(super) mod id {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use taglink_domain::model::IdRef;
    use uuid::Uuid;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: From<Uuid> + Copy>(
        from: D,
    ) -> Result<T, D::Error> {
        let id = IdRef::new(String::deserialize(from)?);
        id.id().ok_or_else(|| D::Error::custom(format!("not an id: {id}")))
    }

    pub(crate) fn serialize<S: Serializer, T: ToString>(id: &T, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&id.to_string())
    }
}

/// Times: RFC 3339.
pub(super) mod time {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use taglink_domain::model::Timestamp;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        Timestamp::parse_rfc3339(&text)
            .filter(|time| time.is_storable())
            .ok_or_else(|| D::Error::custom(format!("not a time: {text}")))
    }

    pub(crate) fn serialize<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&time.to_string())
    }
}
