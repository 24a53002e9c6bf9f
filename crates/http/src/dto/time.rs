//! Times on their way out.

use serde::Serializer;
use taglink_domain::model::Timestamp;

/// Writes a time as RFC 3339 text, without a `String` of its own.
pub(super) fn as_text<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    match time.to_rfc3339().as_ref().map(|text| str::from_utf8(text)) {
        Some(Ok(text)) => serializer.serialize_str(text),
        _ => serializer.collect_str(time),
    }
}
