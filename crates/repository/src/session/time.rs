//! Times between the domain and the `timestamp` columns, which hold UTC without saying so.

use chrono::{DateTime, NaiveDateTime, Utc};
use taglink_domain::model::Timestamp;

pub(super) fn to_column(time: Timestamp) -> NaiveDateTime {
    DateTime::<Utc>::from(time).naive_utc()
}

pub(super) fn from_column(time: NaiveDateTime) -> Timestamp {
    time.and_utc().into()
}
