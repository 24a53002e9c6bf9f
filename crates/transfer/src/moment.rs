//! Times as other programs write them.

use taglink_domain::model::Timestamp;

/// Reads a number of seconds since the Unix epoch; or of milliseconds or microseconds, which some exporters write:
/// the coarsest unit is meant in which the number is a moment of the years 1 to 9999. So milliseconds are
/// understood from 1978 on. `0` is no moment: exporters write it where they do not know.
pub(crate) fn from_number(text: &str) -> Option<Timestamp> {
    let number: i64 = text.parse().ok().filter(|number| *number != 0)?;
    [1_000_000, 1_000, 1]
        .into_iter()
        .find_map(|micros| storable(Timestamp::from_micros(number.checked_mul(micros)?)))
}

/// Reads RFC 3339, if it is a moment that can be stored.
pub(crate) fn from_rfc3339(text: &str) -> Option<Timestamp> {
    storable(Timestamp::parse_rfc3339(text))
}

/// Reads either, and takes an empty text or a zero for no moment.
///
/// # Errors
/// Says that the text is neither.
pub(crate) fn from_either(text: &str) -> Result<Option<Timestamp>, String> {
    let text = text.trim();
    if text.bytes().all(|byte| byte == b'0') {
        return Ok(None);
    }
    from_number(text)
        .or_else(|| from_rfc3339(text))
        .map(Some)
        .ok_or_else(|| format!("is neither RFC 3339 nor a number of seconds: {text}"))
}

fn storable(time: Option<Timestamp>) -> Option<Timestamp> {
    time.filter(|time| time.is_storable())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> Option<i64> {
        from_number(text).map(Timestamp::micros)
    }

    #[test]
    fn the_unit_follows_from_the_magnitude() {
        assert_eq!(micros("1700000000"), Some(1_700_000_000_000_000));
        assert_eq!(micros("1700000000123"), Some(1_700_000_000_123_000));
        assert_eq!(micros("1700000000123456"), Some(1_700_000_000_123_456));
        assert_eq!(micros("253402300799"), Some(253_402_300_799_000_000), "the last second of 9999");
        assert_eq!(micros("-1"), Some(-1_000_000));
    }

    #[test]
    fn zero_and_what_is_no_number_are_no_moment() {
        for text in ["0", "", " ", "1e9", "1.5", "99999999999999999999", "9223372036854775807"] {
            assert_eq!(micros(text), None, "{text}");
        }
    }

    #[test]
    fn a_cell_holds_either_notation_or_nothing() {
        assert_eq!(from_either(" 0 "), Ok(None));
        assert_eq!(from_either(""), Ok(None));
        assert_eq!(from_either("1700000000"), Ok(from_rfc3339("2023-11-14T22:13:20Z")));
        assert_eq!(from_either(" 2023-11-14T22:13:20.000Z"), Ok(from_rfc3339("2023-11-14T22:13:20Z")));
        for text in ["yesterday", "0000-01-01T00:00:00Z", "2023-11-14"] {
            assert!(from_either(text).is_err(), "{text}");
        }
    }
}
