//! Dates as other programs write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use taglink_domain::model::Timestamp;

/// 1990-01-01: the web is not older, and what comes before is a number of something else.
const EARLIEST: i64 = 631_152_000_000_000;

/// From the zero of Chromium's clock, 1601-01-01, to that of Unix.
const WEBKIT: i64 = 11_644_473_600_000_000;

/// Reads a number of seconds, milliseconds or microseconds since 1970, of microseconds since 1601, RFC 3339, or a date
/// without an offset, which is taken for UTC. An empty text or a zero is no date: exporters write it where they know none.
///
/// # Errors
/// If it is none of these, or not within 1990 and tomorrow.
pub(crate) fn read(text: &str, now: Timestamp) -> Result<Option<Timestamp>, String> {
    let text = text.trim();
    if text.bytes().all(|byte| matches!(byte, b'0' | b'.')) {
        return Ok(None);
    }
    let latest = now.plus(TimeDelta::days(1)).micros();
    let is_believed = |time: &Timestamp| (EARLIEST..=latest).contains(&time.micros());
    let found = match number(text) {
        Some((whole, micros)) => [(1_000_000, micros), (1_000, 0), (1, 0), (1, -WEBKIT)]
            .into_iter()
            .filter_map(|(unit, more)| {
                whole.checked_mul(unit)?.checked_add(more).and_then(Timestamp::from_micros)
            })
            .find(is_believed),
        None => calendar(text).filter(is_believed),
    };
    found.map(Some).ok_or_else(|| format!("is no date from 1990 to today: {text}"))
}

/// A decimal number, with the fraction in millionths.
fn number(text: &str) -> Option<(i64, i64)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let is_plain =
        whole.trim_start_matches('-').bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    is_plain.then_some((whole.parse().ok()?, digits.parse().ok()?))
}

fn calendar(text: &str) -> Option<Timestamp> {
    let zoned = || {
        let time = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z").ok();
        time.or_else(|| DateTime::parse_from_rfc2822(text).ok()).map(|time| time.to_utc())
    };
    let utc = || {
        let text = text.trim_end_matches("UTC").trim_end();
        let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
        let time = formats.into_iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
        let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|day| day.and_time(NaiveTime::MIN));
        time.or_else(day).map(|time| time.and_utc())
    };
    Timestamp::parse_rfc3339(text).or_else(|| zoned().or_else(utc).map(Timestamp::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, String> {
        let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
        read(text, now)
            .map(|time| time.map_or("none".into(), |time| time.to_string().replace(".000000Z", "Z")))
    }

    #[test]
    fn every_unit_and_notation_is_read() {
        let cases = [
            ("1700000000", "2023-11-14T22:13:20Z"),
            ("1700000000000", "2023-11-14T22:13:20Z"),
            ("1700000000123456", "2023-11-14T22:13:20.123456Z"),
            ("13344473600000000", "2023-11-14T22:13:20Z"),
            ("1700000000.5", "2023-11-14T22:13:20.500000Z"),
            (" 1700000000 ", "2023-11-14T22:13:20Z"),
            ("2023-11-14T22:13:20Z", "2023-11-14T22:13:20Z"),
            ("2023-11-14T22:13:20.5+01:00", "2023-11-14T21:13:20.500000Z"),
            ("2023-11-14T22:13:20+0100", "2023-11-14T21:13:20Z"),
            ("2023-11-14 22:13:20", "2023-11-14T22:13:20Z"),
            ("2023-11-14 22:13:20 UTC", "2023-11-14T22:13:20Z"),
            ("2023-11-14T22:13:20", "2023-11-14T22:13:20Z"),
            ("2023-11-14 22:13", "2023-11-14T22:13:00Z"),
            ("2023-11-14", "2023-11-14T00:00:00Z"),
            ("Tue, 14 Nov 2023 22:13:20 GMT", "2023-11-14T22:13:20Z"),
            ("631152000", "1990-01-01T00:00:00Z"),
            ("1767312000", "2026-01-02T00:00:00Z"),
        ];
        for (text, time) in cases {
            assert_eq!(shown(text).as_deref(), Ok(time), "{text}");
        }
    }

    #[test]
    fn zero_and_nothing_are_unknown() {
        for text in ["", " ", "0", "000", "0.0"] {
            assert_eq!(shown(text).as_deref(), Ok("none"), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_of_the_web_is_refused() {
        for text in [
            "-11644473600",
            "11644473600000000",
            "631151999",
            "1767312001",
            "99999999999999999999",
            "-1",
            "1e9",
            "invaliddate",
            "2023-13-14",
            "1601-01-01T00:00:00Z",
            "2392-11-13T00:00:00Z",
            "1.7.0",
            "--1",
            ".5x",
        ] {
            assert!(shown(text).is_err(), "{text}");
        }
    }
}
