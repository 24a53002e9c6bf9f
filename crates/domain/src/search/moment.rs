//! Times as they are written behind `before:` and `after:`.

use std::fmt;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};
use thiserror::Error;

use crate::model::Timestamp;

/// Why a text names no time.
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

/// The shortest text that [`parse_before`] reads as `moment`.
pub(super) fn shown_before(moment: Timestamp) -> impl fmt::Display {
    fmt::from_fn(move |f| match day_that_begins(moment) {
        Some(day) if day.day() == 1 && day.month() == 1 => write!(f, "{:04}", day.year()),
        Some(day) if day.day() == 1 => write!(f, "{:04}-{:02}", day.year(), day.month()),
        Some(day) => write!(f, "{:04}-{:02}-{:02}", day.year(), day.month(), day.day()),
        None => f.write_str(&shortest_rfc3339(moment)),
    })
}

/// The shortest text that [`parse_after`] reads as `moment`.
pub(super) fn shown_after(moment: Timestamp) -> impl fmt::Display {
    fmt::from_fn(move |f| match day_that_begins(moment).and_then(|next| Some((next, next.pred_opt()?))) {
        Some((next, last)) if next.day() == 1 && next.month() == 1 => write!(f, "{:04}", last.year()),
        Some((next, last)) if next.day() == 1 => write!(f, "{:04}-{:02}", last.year(), last.month()),
        Some((_, last)) => write!(f, "{:04}-{:02}-{:02}", last.year(), last.month(), last.day()),
        None => {
            let before = Timestamp::from_micros(moment.micros() - MICROSECOND).unwrap_or(moment);
            f.write_str(&shortest_rfc3339(before))
        }
    })
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

/// The day whose first moment this is.
fn day_that_begins(moment: Timestamp) -> Option<NaiveDate> {
    let time = DateTime::<Utc>::from(moment);
    (time.time() == NaiveTime::MIN).then(|| time.date_naive())
}

fn shortest_rfc3339(moment: Timestamp) -> String {
    let text = moment.to_string();
    let without_zone = text.strip_suffix('Z').unwrap_or(&text);
    format!("{}Z", without_zone.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    #[test]
    fn a_moment_is_shown_as_short_as_it_can_be() {
        for text in ["2026", "2026-11", "2026-11-24", "2026-11-24T10:20:00Z", "2026-11-24T10:20:30.4Z"] {
            assert_eq!(shown_before(parse_before(text).unwrap()).to_string(), text);
            assert_eq!(shown_after(parse_after(text).unwrap()).to_string(), text);
        }
        assert_eq!(shown_before(parse_before("2026-01-01").unwrap()).to_string(), "2026");
        assert_eq!(shown_after(parse_after("2026-12-31").unwrap()).to_string(), "2026");
        assert_eq!(shown_after(parse_after("2026-11-30T23:59:59.999999Z").unwrap()).to_string(), "2026-11");
    }

    proptest! {
        #[test]
        fn a_moment_is_read_as_it_is_shown(micros in -62_135_596_800_000_000_i64..253_402_300_800_000_000, day in any::<bool>()) {
            const DAY: i64 = 86_400_000_000;
            let micros = if day { micros.div_euclid(DAY) * DAY } else { micros };
            let moment = Timestamp::from_micros(micros).unwrap();
            prop_assert_eq!(parse_before(&shown_before(moment).to_string()), Ok(moment));
            prop_assert_eq!(parse_after(&shown_after(moment).to_string()), Ok(moment));
        }
    }
}
