//! The values of `before:` and `after:`.

use chrono::{DateTime, Months, NaiveDate, NaiveTime, Utc};
use thiserror::Error;

use crate::model::Timestamp;

/// The reason why a text is not a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidMoment {
    #[error("a date such as 2026, 2026-11 or 2026-11-24, or an RFC 3339 time, is expected")]
    Form,
    #[error("the time must lie within the years 1 to 9999")]
    Range,
}

const MICROSECOND: i64 = 1;

/// The moment before which things are that are before `text`: the beginning of a year, month or day in UTC, or the
/// time itself.
pub(super) fn parse_before(text: &str) -> Result<Timestamp, InvalidMoment> {
    if let Some((first, _)) = period(text) {
        return beginning(first);
    }
    let time = rfc3339(text)?;
    // Things are stored to the microsecond: those of the same one are earlier than its later nanoseconds.
    let is_between = time.timestamp_subsec_nanos() % 1000 != 0;
    moved(time, if is_between { MICROSECOND } else { 0 })
}

/// The moment from which on things are that are after `text`: the end of a year, month or day in UTC, or the
/// microsecond after the time.
pub(super) fn parse_after(text: &str) -> Result<Timestamp, InvalidMoment> {
    if let Some((_, next)) = period(text) {
        return next.ok_or(InvalidMoment::Range).and_then(beginning);
    }
    moved(rfc3339(text)?, MICROSECOND)
}

/// The first day of a year, month or day, and the first day behind it, if there can be one.
fn period(text: &str) -> Option<(NaiveDate, Option<NaiveDate>)> {
    let number = |text: &str, digits: usize| {
        let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten()
    };
    let mut parts = text.split('-');
    let year = parts.next().and_then(|year| number(year, 4)).and_then(|year| i32::try_from(year).ok())?;
    let (month, day) = (parts.next(), parts.next());
    if parts.next().is_some() {
        return None;
    }
    let date = |month, day| NaiveDate::from_ymd_opt(year, month, day);
    match (month, day) {
        (None, _) => date(1, 1).map(|first| (first, first.checked_add_months(Months::new(12)))),
        (Some(month), None) => {
            date(number(month, 2)?, 1).map(|first| (first, first.checked_add_months(Months::new(1))))
        }
        (Some(month), Some(day)) => {
            date(number(month, 2)?, number(day, 2)?).map(|first| (first, first.succ_opt()))
        }
    }
}

fn beginning(day: NaiveDate) -> Result<Timestamp, InvalidMoment> {
    storable(day.and_time(NaiveTime::MIN).and_utc().into())
}

fn rfc3339(text: &str) -> Result<DateTime<Utc>, InvalidMoment> {
    DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).map_err(|_| InvalidMoment::Form)
}

/// `time` in whole microseconds (a leap second is the one after it), moved by some.
fn moved(time: DateTime<Utc>, micros: i64) -> Result<Timestamp, InvalidMoment> {
    let micros = time.timestamp_micros().checked_add(micros);
    micros.and_then(Timestamp::from_micros).ok_or(InvalidMoment::Range).and_then(storable)
}

fn storable(moment: Timestamp) -> Result<Timestamp, InvalidMoment> {
    Some(moment).filter(|moment| moment.is_storable()).ok_or(InvalidMoment::Range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(text: &str) -> String {
        parse_before(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_string()
    }

    fn after(text: &str) -> String {
        parse_after(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_string()
    }

    #[test]
    fn a_period_counts_from_its_beginning_to_its_end() {
        let cases = [
            ("2026", "2026-01-01T00:00:00.000000Z", "2027-01-01T00:00:00.000000Z"),
            ("2026-12", "2026-12-01T00:00:00.000000Z", "2027-01-01T00:00:00.000000Z"),
            ("2024-02", "2024-02-01T00:00:00.000000Z", "2024-03-01T00:00:00.000000Z"),
            ("2024-02-29", "2024-02-29T00:00:00.000000Z", "2024-03-01T00:00:00.000000Z"),
            ("2026-11-24", "2026-11-24T00:00:00.000000Z", "2026-11-25T00:00:00.000000Z"),
        ];
        for (text, first, next) in cases {
            assert_eq!((before(text), after(text)), (first.into(), next.into()), "{text}");
        }
    }

    #[test]
    fn a_time_is_neither_before_nor_after_itself() {
        let cases = [
            ("2026-11-24T12:00:00+01:00", "2026-11-24T11:00:00.000000Z", "2026-11-24T11:00:00.000001Z"),
            ("2026-11-24t12:00:00.123456z", "2026-11-24T12:00:00.123456Z", "2026-11-24T12:00:00.123457Z"),
            ("2026-11-24T12:00:00.1234567Z", "2026-11-24T12:00:00.123457Z", "2026-11-24T12:00:00.123457Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z", "2017-01-01T00:00:00.000001Z"),
        ];
        for (text, first, next) in cases {
            assert_eq!((before(text), after(text)), (first.into(), next.into()), "{text}");
        }
    }

    #[test]
    fn what_names_no_time_is_refused() {
        for text in [
            "",
            "26",
            "02026",
            "2026-1",
            "2026-13",
            "2026-00",
            "2026-02-30",
            "2026-11-24-",
            "2026-",
            "+2026",
            "-2026",
            "today",
            "2026-11-24T12:00",
            "2026-11-24T12:00:00",
            "٢٠٢٦",
            " 2026",
            "2026-11-24T25:00:00Z",
        ] {
            assert_eq!(parse_before(text), Err(InvalidMoment::Form), "{text:?}");
            assert_eq!(parse_after(text), Err(InvalidMoment::Form), "{text:?}");
        }
    }

    #[test]
    fn the_moment_lies_in_the_years_that_every_database_can_store() {
        assert_eq!(parse_before("0000"), Err(InvalidMoment::Range));
        assert_eq!(parse_before("0001-01-01T00:00:00+01:00"), Err(InvalidMoment::Range));
        for text in ["9999", "9999-12", "9999-12-31", "9999-12-31T23:59:59.999999Z"] {
            assert_eq!(parse_after(text), Err(InvalidMoment::Range), "{text}");
            assert!(parse_before(text).is_ok(), "{text}");
        }
        assert_eq!(after("0000"), "0001-01-01T00:00:00.000000Z");
    }
}
