//! How single values are read, whether they come typed from a file or as text from the environment. Messages never
//! repeat what might be a secret.

use std::fmt::{self, Display};
use std::str::FromStr;

use secrecy::SecretString;
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

/// A whole number from `MIN` to `MAX`.
pub(super) fn within<'de, D, T, const MIN: u64, const MAX: u64>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    let number = deserializer.deserialize_any(WholeNumber::<MIN, MAX>)?;
    T::try_from(number).map_err(|_| D::Error::custom(WholeNumber::<MIN, MAX>))
}

/// [`within`], for a setting that may be absent.
pub(super) fn some_within<'de, D, T, const MIN: u64, const MAX: u64>(
    deserializer: D,
) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    within::<D, T, MIN, MAX>(deserializer).map(Some)
}

/// `true` or `false`.
pub(super) fn switch<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    deserializer.deserialize_any(Switch)
}

/// A value that is read from a text.
pub(super) fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    text(deserializer)?.parse().map_err(D::Error::custom)
}

/// [`parsed`], for a setting that may be absent.
pub(super) fn some_parsed<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    parsed(deserializer).map(Some)
}

/// A text.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_any(TextVisitor)
}

/// [`text`], for a setting that may be absent.
pub(super) fn some_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    text(deserializer).map(Some)
}

/// A text that is not shown, for a setting that may be absent.
pub(super) fn some_secret<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SecretString>, D::Error> {
    text(deserializer).map(|text| Some(text.into()))
}

/// A list of texts that are not shown: a list, or one text with commas between them.
pub(super) fn secrets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<SecretString>, D::Error> {
    let texts = deserializer.deserialize_any(List)?;
    Ok(texts.into_iter().map(SecretString::from).collect())
}

/// A list of values: a list of texts, or one text with commas between them.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let texts = deserializer.deserialize_any(List)?;
    texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
}

struct WholeNumber<const MIN: u64, const MAX: u64>;

impl<const MIN: u64, const MAX: u64> Display for WholeNumber<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must be a whole number from {MIN} to {MAX}")
    }
}

impl<const MIN: u64, const MAX: u64> Visitor<'_> for WholeNumber<MIN, MAX> {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {MIN} to {MAX}")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
        if (MIN..=MAX).contains(&number) { Ok(number) } else { Err(E::custom(self)) }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        match u64::try_from(number) {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(E::custom(self)),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
        match text.parse() {
            Ok(number) if text.bytes().all(|byte| byte.is_ascii_digit()) => self.visit_u64(number),
            _ => Err(E::custom(self)),
        }
    }
}

struct Switch;

impl Visitor<'_> for Switch {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<bool, E> {
        Ok(value)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" => Ok(false),
            _ => Err(E::custom("must be true or false")),
        }
    }
}

/// Numbers are refused rather than turned into text: a TOML file that says `password = 0x10` does not mean `16`.
/// (In YAML and in the environment every value is a text, see [`super::yaml`].)
struct TextVisitor;

impl TextVisitor {
    fn refuse<T, E: Error>() -> Result<T, E> {
        Err(E::custom("must be a text, in quotes"))
    }
}

impl Visitor<'_> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<String, E> {
        Ok(text)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<String, E> {
        Self::refuse()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<String, E> {
        Self::refuse()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<String, E> {
        Self::refuse()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<String, E> {
        Self::refuse()
    }
}

/// A text inside of a list.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer).map(Self)
    }
}

struct List;

impl<'de> Visitor<'de> for List {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list, or a text with commas")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<String>, A::Error> {
        let mut texts = Vec::new();
        while let Some(Text(text)) = sequence.next_element()? {
            texts.push(text);
        }
        Ok(texts)
    }
}
