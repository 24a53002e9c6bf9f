//! Finds where values begin and end, so that a row is parsed by itself, and one that is too long or broken within
//! does not hide the next.

use std::io::{self, BufRead};

use crate::ReadError;
use crate::source::Source;

/// The text of a value.
pub(crate) enum Value {
    Whole(Vec<u8>),
    /// It has more bytes than allowed and was skipped.
    TooLong,
}

/// A file of JSON, taken apart at its commas and brackets.
#[derive(Debug)]
pub(crate) struct Frames<R> {
    source: Source<R>,
    max_bytes: usize,
}

impl<R: BufRead> Frames<R> {
    pub(crate) fn new(source: Source<R>, max_bytes: usize) -> Self {
        Self { source, max_bytes }
    }

    pub(crate) fn damaged(&self, reason: impl Into<String>) -> ReadError {
        ReadError::Damaged { line: self.source.line(), reason: reason.into() }
    }

    fn cut_off(&self) -> ReadError {
        self.damaged("the file ends too early")
    }

    /// The next byte that is no white space.
    pub(crate) fn peek(&mut self) -> io::Result<Option<u8>> {
        self.source.skip(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
    }

    /// Moves past `byte`, if it is the next.
    pub(crate) fn next_is(&mut self, byte: u8) -> io::Result<bool> {
        let found = self.peek()? == Some(byte);
        if found {
            self.source.take(|_| (1, ()))?;
        }
        Ok(found)
    }

    /// The next element of an array whose `[` has been passed; `count` is how many there were. Moves past the `]`.
    pub(crate) fn next_element(&mut self, count: &mut usize) -> Result<Option<Value>, ReadError> {
        if !self.goes_on(*count, b']')? {
            return Ok(None);
        }
        *count += 1;
        self.value().map(Some)
    }

    /// The name of the next member of an object whose `{` has been passed, as [`next_element`](Self::next_element).
    pub(crate) fn next_member(&mut self, count: &mut usize) -> Result<Option<String>, ReadError> {
        if !self.goes_on(*count, b'}')? {
            return Ok(None);
        }
        *count += 1;
        let name = match self.value()? {
            Value::Whole(text) => serde_json::from_slice(&text).ok(),
            Value::TooLong => None,
        };
        let name = name.ok_or_else(|| self.damaged("a member has no name"))?;
        if self.next_is(b':')? { Ok(Some(name)) } else { Err(self.damaged("a colon is missing")) }
    }

    fn goes_on(&mut self, count: usize, end: u8) -> Result<bool, ReadError> {
        if self.next_is(end)? {
            return Ok(false);
        }
        if self.peek()?.is_none() {
            return Err(self.cut_off());
        }
        if count == 0 || self.next_is(b',')? { Ok(true) } else { Err(self.damaged("a comma is missing")) }
    }

    /// Moves past a value.
    pub(crate) fn value(&mut self) -> Result<Value, ReadError> {
        if self.peek()?.is_none() {
            return Err(self.cut_off());
        }
        let mut lexer = Lexer::default();
        let mut text = Vec::new();
        let mut length = 0_usize;
        loop {
            let limit = self.max_bytes;
            let (ended, at_end) = self.source.take(|chunk| {
                let (count, ended) = lexer.scan(chunk);
                length = length.saturating_add(count);
                text.extend(chunk.iter().take(count.min(limit.saturating_sub(text.len()))));
                (count, (ended, chunk.is_empty()))
            })?;
            if at_end && !lexer.may_end() {
                return Err(self.cut_off());
            }
            if ended || at_end {
                break;
            }
        }
        match length {
            0 => Err(self.damaged("a value is missing")),
            length if length > self.max_bytes => Ok(Value::TooLong),
            _ => Ok(Value::Whole(text)),
        }
    }

    /// Checks that nothing comes after the last value.
    pub(crate) fn end(&mut self) -> Result<(), ReadError> {
        if self.peek()?.is_none() { Ok(()) } else { Err(self.damaged("something comes after the end")) }
    }
}

/// Where in a value we are. Brackets are counted, not matched: the parser sees whether they fit.
#[derive(Default)]
struct Lexer {
    depth: usize,
    in_text: bool,
    escaped: bool,
    /// Within a number, `true` or such, which nothing but the next byte ends.
    bare: bool,
}

enum Step {
    Within,
    Last,
    Beyond,
}

impl Lexer {
    /// How many bytes of the chunk belong to the value, and whether it ends with them.
    fn scan(&mut self, chunk: &[u8]) -> (usize, bool) {
        for (index, byte) in chunk.iter().enumerate() {
            match self.step(*byte) {
                Step::Within => {}
                Step::Last => return (index + 1, true),
                Step::Beyond => return (index, true),
            }
        }
        (chunk.len(), false)
    }

    fn may_end(&self) -> bool {
        self.depth == 0 && !self.in_text
    }

    fn step(&mut self, byte: u8) -> Step {
        if self.in_text {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.in_text = false;
                    return self.last_if_outermost();
                }
                _ => {}
            }
            return Step::Within;
        }
        match byte {
            b'"' | b'{' | b'[' if self.bare => return Step::Beyond,
            b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if self.depth == 0 => {
                return Step::Beyond;
            }
            b'"' => self.in_text = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth -= 1;
                return self.last_if_outermost();
            }
            _ => self.bare = self.depth == 0,
        }
        Step::Within
    }

    fn last_if_outermost(&self) -> Step {
        if self.depth == 0 { Step::Last } else { Step::Within }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// The elements of an array, in chunks of a few bytes; `None` is one that is too long.
    fn elements(text: &str, chunk: usize) -> Result<Vec<Option<String>>, String> {
        let source = Source::new(BufReader::with_capacity(chunk, text.as_bytes()));
        let mut frames = Frames::new(source, 12);
        assert!(frames.next_is(b'[').unwrap());
        let (mut count, mut found) = (0, Vec::new());
        while let Some(value) = frames.next_element(&mut count).map_err(|error| error.to_string())? {
            found.push(match value {
                Value::Whole(text) => Some(String::from_utf8(text).unwrap()),
                Value::TooLong => None,
            });
        }
        frames.end().map_err(|error| error.to_string())?;
        Ok(found)
    }

    #[test]
    fn values_are_found_however_the_chunks_fall() {
        let text = r#" [ {"a":[1,{}]}, "],\"" ,12e3,null,[ ] , "much too long a text", tr ] "#;
        let expected = [
            Some(r#"{"a":[1,{}]}"#),
            Some(r#""],\"""#),
            Some("12e3"),
            Some("null"),
            Some("[ ]"),
            None,
            Some("tr"),
        ];
        for chunk in 1..30 {
            let found = elements(text, chunk).unwrap();
            assert_eq!(found.iter().map(Option::as_deref).collect::<Vec<_>>(), expected, "{chunk}");
        }
    }

    #[test]
    fn a_frame_that_does_not_hold_is_damage() {
        let cases = [
            ("[", "the file ends too early"),
            ("[1", "the file ends too early"),
            ("[1,]", "a value is missing"),
            ("[,1]", "a value is missing"),
            ("[1 2]", "a comma is missing"),
            ("[1}", "a comma is missing"),
            ("[\"a", "the file ends too early"),
            ("[{\"a\":1]", "the file ends too early"),
            ("[] []", "something comes after the end"),
        ];
        for (text, reason) in cases {
            let error = elements(text, 3).unwrap_err();
            assert!(error.ends_with(reason), "{text}: {error}");
        }
    }
}
