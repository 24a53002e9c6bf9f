//! Time: UTC, in whole microseconds, because that is what all three databases can store.

use std::fmt;

use chrono::{DateTime, Datelike, DurationRound, SecondsFormat, TimeDelta, Timelike, Utc};

/// A moment in UTC, truncated to microseconds; shown as RFC 3339 with six digits and `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// The moment `micros` microseconds after the Unix epoch, if it is within chrono's range.
    #[must_use]
    pub fn from_micros(micros: i64) -> Option<Self> {
        DateTime::from_timestamp_micros(micros).map(Self)
    }

    /// Reads RFC 3339 with any offset; digits after the sixth are cut off, and a leap second is the second after it.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let time = DateTime::parse_from_rfc3339(text).ok()?;
        Self::from_micros(time.timestamp_micros())
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// Whole seconds since the Unix epoch, as JWT claims count them (RFC 7519, `NumericDate`).
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// Whether every database can store this moment and order it rightly: the years 1 to 9999.
    #[must_use]
    pub fn is_storable(self) -> bool {
        (1..=9999).contains(&self.0.year())
    }

    /// This moment moved by `delta`; stays as it is where the result could not be represented.
    #[must_use]
    pub fn plus(self, delta: TimeDelta) -> Self {
        Self(self.0.checked_add_signed(delta).unwrap_or(self.0))
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(time))
    }
}

impl From<Timestamp> for DateTime<Utc> {
    fn from(time: Timestamp) -> Self {
        time.0
    }
}

impl Timestamp {
    /// RFC 3339 in ASCII, for the years 0 to 9999. Every row of a list has two times, so that chrono's formatting was 6 %
    /// of a list.
    #[must_use]
    pub fn to_rfc3339(self) -> Option<[u8; 27]> {
        // Each accessor of a `DateTime` adds the offset again.
        let (date, time) = (self.0.naive_utc().date(), self.0.naive_utc().time());
        let year = u32::try_from(date.year()).ok().filter(|year| *year <= 9999)?;
        let micros = time.nanosecond() / 1000;
        let second = time.num_seconds_from_midnight();
        let [y1, y2] = two(year / 100);
        let [y3, y4] = two(year % 100);
        let ([m1, m2], [d1, d2]) = (two(date.month()), two(date.day()));
        let ([h1, h2], [n1, n2], [s1, s2]) = (two(second / 3600), two(second / 60 % 60), two(second % 60));
        let ([f1, f2], [f3, f4], [f5, f6]) =
            (two(micros / 10_000), two(micros / 100 % 100), two(micros % 100));
        Some([
            y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'.', f1,
            f2, f3, f4, f5, f6, b'Z',
        ])
    }
}

/// The digits of a number below 100.
fn two(number: u32) -> [u8; 2] {
    let [low, ..] = number.to_le_bytes();
    [b'0' + low / 10 % 10, b'0' + low % 10]
}

/// RFC 3339.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_rfc3339() {
            Some(text) => f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?),
            None => f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true)),
        }
    }
}

/// Where the time comes from, so that expiry is tested without sleeping.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the time is read")]
    fn now(&self) -> Timestamp {
        Utc::now().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_truncated_to_microseconds_and_shown_with_six_digits() {
        let time = Timestamp::from(DateTime::from_timestamp_nanos(1_700_000_000_123_456_999));
        assert_eq!(time.to_string(), "2023-11-14T22:13:20.123456Z");
        assert_eq!(Timestamp::from_micros(time.micros()), Some(time));
    }

    #[test]
    fn a_moment_is_shown_as_chrono_shows_it() {
        for micros in (-70_000_000_000_000_000..260_000_000_000_000_000).step_by(98_765_432_123_457) {
            let Some(time) = Timestamp::from_micros(micros) else { continue };
            assert_eq!(time.to_string(), time.0.to_rfc3339_opts(SecondsFormat::Micros, true));
        }
    }

    #[test]
    fn what_is_shown_is_read_as_the_same_moment() {
        for micros in [0, -1, 1_700_000_000_123_456, -62_135_596_800_000_000, 253_402_300_799_999_999] {
            let time = Timestamp::from_micros(micros).unwrap();
            assert_eq!(Timestamp::parse_rfc3339(&time.to_string()), Some(time), "{time}");
        }
    }

    #[test]
    fn offsets_are_applied_and_digits_after_the_sixth_cut_off() {
        let cases = [
            ("2023-11-14T22:13:20Z", 1_700_000_000_000_000),
            ("2023-11-14t23:13:20.5+01:00", 1_700_000_000_500_000),
            ("2023-11-14T22:13:20.123456999Z", 1_700_000_000_123_456),
            ("1969-12-31T23:59:59.9999999Z", -1),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ];
        for (text, micros) in cases {
            assert_eq!(Timestamp::parse_rfc3339(text), Timestamp::from_micros(micros), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_moment() {
        for text in [
            "",
            "2023-11-14",
            "2023-11-14T22:13:20",
            "1700000000",
            "2023-02-30T00:00:00Z",
            "10000-01-01T00:00:00Z",
        ] {
            assert_eq!(Timestamp::parse_rfc3339(text), None, "{text}");
        }
    }
}
