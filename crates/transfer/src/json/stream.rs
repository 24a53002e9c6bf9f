//! A file of JSON as a stream: values of bounded length, and errors that tell the line.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use serde::de::{DeserializeOwned, DeserializeSeed, Error, MapAccess, SeqAccess};
use serde_json::Deserializer;
use serde_json::value::RawValue;

use crate::reader::{Sink, push};
use crate::{Format, ReadError, Row};

/// Why the reading ends, kept where serde's errors cannot hold it.
pub(super) type Ended = Option<ReadError>;

/// How many bytes may be read until a value must have ended.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    bytes: usize,
    left: Rc<Cell<usize>>,
}

impl Limit {
    pub(super) fn new(bytes: usize) -> Self {
        Self { bytes, left: Rc::new(Cell::new(usize::MAX)) }
    }

    /// The text of the value of a member.
    pub(super) fn value<'de, M: MapAccess<'de>>(&self, map: &mut M) -> Result<Box<RawValue>, M::Error> {
        self.left.set(self.bytes);
        let value = map.next_value();
        self.left.set(usize::MAX);
        value
    }

    /// The text of the next element.
    pub(super) fn element<'de, S: SeqAccess<'de>>(
        &self,
        list: &mut S,
    ) -> Result<Option<Box<RawValue>>, S::Error> {
        self.left.set(self.bytes);
        let value = list.next_element();
        self.left.set(usize::MAX);
        value
    }
}

struct Limited<R> {
    input: R,
    limit: Limit,
    line: usize,
}

impl<R: BufRead> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.line += buffer.iter().take(count).filter(|byte| **byte == b'\n').count();
        let left = self.limit.left.get().checked_sub(count).ok_or_else(|| {
            let reason = format!("a value is longer than {} bytes", self.limit.bytes);
            io::Error::other(ReadError::damaged(self.line, reason))
        })?;
        self.limit.left.set(left);
        Ok(count)
    }
}

/// Reads a file to its end. Errors about what its values are make it a file of another format.
pub(super) fn read<'a, S>(
    format: Format,
    text: impl BufRead,
    limit: &Limit,
    ended: &Cell<Ended>,
    seed: S,
) -> Result<(), ReadError>
where
    S: for<'de> DeserializeSeed<'de, Value = ()> + 'a,
{
    let mut file = Deserializer::from_reader(Limited { input: text, limit: limit.clone(), line: 1 });
    seed.deserialize(&mut file).and_then(|()| file.end()).map_err(|error| match ended.take() {
        Some(ended) => ended,
        None if error.is_io() => io::Error::from(error).into(),
        None if error.is_eof() => ReadError::damaged(error.line(), "the file ends too early"),
        None if error.is_syntax() => ReadError::damaged(error.line(), message(&error)),
        None => ReadError::NotThisFormat { format, reason: message(&error) },
    })
}

/// Ends the reading for another reason than serde knows.
pub(super) fn end<E: Error>(ended: &Cell<Ended>, reason: ReadError) -> E {
    ended.set(Some(reason));
    E::custom("ended")
}

/// Hands a row over.
pub(super) fn give<E: Error>(row: Row, sink: &mut Sink<'_>, ended: &Cell<Ended>) -> Result<(), E> {
    push(row, sink).map_err(|reason| end(ended, reason))
}

/// Reads a row from its text.
///
/// # Errors
/// Says what is wrong with it; not where, for the position would count from the start of the row.
pub(super) fn parse<T: DeserializeOwned>(text: &RawValue) -> Result<T, String> {
    serde_json::from_str(text.get()).map_err(|error| message(&error))
}

/// What serde has to say, without the position.
pub(super) fn message(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rfind(" at line ").and_then(|end| message.get(..end)).unwrap_or(&message).to_owned()
}
