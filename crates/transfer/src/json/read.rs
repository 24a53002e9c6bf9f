//! Reads our own format.

use std::io::BufRead;

use serde_json::json;

use super::frame::{Frames, Value};
use super::row::{LinkRow, TagRow, parse};
use crate::source::Source;
use crate::{BadRow, Format, Item, ReadError, Row};

/// Reads our own format.
#[derive(Debug)]
pub(crate) struct JsonReader<R> {
    frames: Frames<R>,
    max_row_bytes: usize,
    position: Position,
    /// The members that have been read.
    seen: Vec<Member>,
    members: usize,
    elements: usize,
}

#[derive(Clone, Copy, Debug)]
enum Position {
    Start,
    Members,
    Within(Member),
}

/// A member of the file that is known, in the order that is demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Format,
    Version,
    Tags,
    Links,
}

impl Member {
    const ALL: [Self; 4] = [Self::Format, Self::Version, Self::Tags, Self::Links];

    fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Version => "version",
            Self::Tags => "tags",
            Self::Links => "links",
        }
    }
}

impl<R: BufRead> JsonReader<R> {
    pub(crate) fn new(source: Source<R>, max_row_bytes: usize) -> Self {
        Self {
            frames: Frames::new(source, max_row_bytes),
            max_row_bytes,
            position: Position::Start,
            seen: Vec::new(),
            members: 0,
            elements: 0,
        }
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, ReadError> {
        loop {
            match self.position {
                Position::Start if self.frames.next_is(b'{')? => self.position = Position::Members,
                Position::Start => return Err(other_format("it is not a JSON object")),
                Position::Members => {
                    let Some(name) = self.frames.next_member(&mut self.members)? else {
                        return self.end().map(|()| None);
                    };
                    self.member(&name)?;
                }
                Position::Within(list) => match self.frames.next_element(&mut self.elements)? {
                    Some(value) => return Ok(Some(self.row(list, value))),
                    None => self.position = Position::Members,
                },
            }
        }
    }

    fn member(&mut self, name: &str) -> Result<(), ReadError> {
        let Some(member) = Member::ALL.into_iter().find(|member| member.name() == name) else {
            self.frames.value()?;
            return Ok(());
        };
        if self.seen.contains(&member) {
            return Err(self.frames.damaged(format!("{name} is there twice")));
        }
        // What comes before this one, in the demanded order, must have been there.
        if let Some(missing) =
            Member::ALL.into_iter().take_while(|before| *before != member).find(|b| !self.seen.contains(b))
        {
            return Err(other_format(format!("{} must come before {name}", missing.name())));
        }
        self.seen.push(member);
        match member {
            Member::Format => self.format(),
            Member::Version => self.version(),
            Member::Tags | Member::Links if self.frames.next_is(b'[')? => {
                self.position = Position::Within(member);
                self.elements = 0;
                Ok(())
            }
            Member::Tags | Member::Links => Err(other_format(format!("{name} must be an array"))),
        }
    }

    fn format(&mut self) -> Result<(), ReadError> {
        if self.scalar()? == Some(json!("taglink")) {
            Ok(())
        } else {
            Err(other_format("its format is not \"taglink\""))
        }
    }

    fn version(&mut self) -> Result<(), ReadError> {
        const SHOWN_CHARS: usize = 40;
        match self.scalar()? {
            Some(version) if version == json!(1) => Ok(()),
            Some(version) => {
                Err(ReadError::Version { found: version.to_string().chars().take(SHOWN_CHARS).collect() })
            }
            None => Err(self.frames.damaged("version is no value")),
        }
    }

    fn scalar(&mut self) -> Result<Option<serde_json::Value>, ReadError> {
        Ok(match self.frames.value()? {
            Value::Whole(text) => serde_json::from_slice(&text).ok(),
            Value::TooLong => None,
        })
    }

    fn row(&self, list: Member, value: Value) -> Row {
        let place = self.elements;
        let kind = if list == Member::Tags { "tag" } else { "link" };
        let bad = |message| BadRow::new(place, format!("{kind}: {message}"));
        let Value::Whole(text) = value else {
            return Err(bad(format!("is longer than {} bytes", self.max_row_bytes)));
        };
        match list {
            Member::Tags => parse::<TagRow>(&text).map(|row| Item::Tag(row.imported(place))),
            _ => parse::<LinkRow>(&text).and_then(|row| row.imported(place)).map(Item::Link),
        }
        .map_err(bad)
    }

    fn end(&mut self) -> Result<(), ReadError> {
        match Member::ALL.into_iter().find(|member| !self.seen.contains(member)) {
            Some(missing) => Err(other_format(format!("{} is missing", missing.name()))),
            None => self.frames.end(),
        }
    }
}

fn other_format(reason: impl Into<String>) -> ReadError {
    ReadError::NotThisFormat { format: Format::Json, reason: reason.into() }
}
