//! Reads our own format.

use std::cell::Cell;
use std::fmt;
use std::io::BufRead;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::json;

use super::row::{LinkRow, TagRow};
use super::stream::{self, Ended, Limit, end, give, parse};
use crate::reader::Sink;
use crate::{Format, ReadError, ReadOptions, Row, RowProblem};

/// The members that are known, in the order that is demanded.
const MEMBERS: [&str; 4] = ["format", "version", "tags", "links"];

/// Reads our own format.
pub(crate) fn read(text: impl BufRead, options: &ReadOptions, sink: &mut Sink<'_>) -> Result<(), ReadError> {
    let (limit, ended) = (Limit::new(options.hard_limit()), Cell::new(None));
    let file = File { limit: &limit, ended: &ended, max_row_bytes: options.max_row_bytes, sink };
    stream::read(Format::Json, text, &limit, &ended, file)
}

struct File<'a, 's> {
    limit: &'a Limit,
    ended: &'a Cell<Ended>,
    max_row_bytes: usize,
    sink: &'a mut Sink<'s>,
}

impl<'de> DeserializeSeed<'de> for File<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, file: D) -> Result<(), D::Error> {
        file.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for File<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let other =
            |reason: String| end(self.ended, ReadError::NotThisFormat { format: Format::Json, reason });
        let mut seen = 0;
        while let Some(name) = map.next_key::<String>()? {
            let Some(index) = MEMBERS.iter().position(|member| *member == name) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if let Some(missing) = MEMBERS.get(seen).filter(|_| index > seen) {
                return Err(other(format!("{missing} must come before {name}")));
            }
            if index < seen {
                return Err(other(format!("{name} is there twice")));
            }
            seen = index + 1;
            match index {
                0 => {
                    let value = parse::<serde_json::Value>(&self.limit.value(&mut map)?);
                    if value != Ok(json!("taglink")) {
                        return Err(other("its format is not \"taglink\"".into()));
                    }
                }
                1 => {
                    let value = self.limit.value(&mut map)?;
                    if value.get() != "1" {
                        let found = value.get().chars().take(40).collect();
                        return Err(end(self.ended, ReadError::Version { found }));
                    }
                }
                _ => map.next_value_seed(Rows {
                    file: File { sink: &mut *self.sink, ..self },
                    is_tags: index == 2,
                })?,
            }
        }
        match MEMBERS.get(seen) {
            Some(missing) => Err(other(format!("{missing} is missing"))),
            None => Ok(()),
        }
    }
}

/// One of the lists.
struct Rows<'a, 's> {
    file: File<'a, 's>,
    is_tags: bool,
}

impl<'de> DeserializeSeed<'de> for Rows<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, list: D) -> Result<(), D::Error> {
        list.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of tags or links")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        let File { limit, ended, max_row_bytes, sink } = self.file;
        let mut place = 0;
        while let Some(text) = limit.element(&mut list)? {
            place += 1;
            let (kind, row) = if text.get().len() > max_row_bytes {
                ("row", Err(format!("is longer than {max_row_bytes} bytes")))
            } else if self.is_tags {
                ("tag", parse(&text).map(|row: TagRow| Row::Tag(row.imported(place))))
            } else {
                ("link", parse(&text).and_then(|row: LinkRow| row.imported(place)).map(Row::Link))
            };
            let bad = |message| Row::Skipped(RowProblem::new(place, format!("{kind}: {message}")));
            give(row.unwrap_or_else(bad), sink, ended)?;
        }
        Ok(())
    }
}
