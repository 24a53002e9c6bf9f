//! Times on their way out.

use serde::Serializer;
use taglink_domain::model::Timestamp;

/// Writes a time as RFC 3339 text, without a `String` of its own.
pub(super) fn as_text<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}
