//! Bytes of a file, in the chunks in which they come, with a count of the lines.

use std::io::{self, BufRead, ErrorKind, Read};

/// The byte order mark that some programs put before UTF-8.
pub(crate) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// A file that is being read: without the byte order mark at its start, and as often as a signal interrupts.
#[derive(Debug)]
pub(crate) struct Source<R> {
    input: R,
    /// Bytes that were read while looking for the byte order mark, and are none.
    held: &'static [u8],
    started: bool,
    newlines: usize,
}

impl<R: BufRead> Source<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, held: &[], started: false, newlines: 0 }
    }

    /// The line of the next byte, from 1.
    pub(crate) fn line(&self) -> usize {
        self.newlines + 1
    }

    /// Shows the next chunk, which is empty only at the end of the file, and moves on by as many bytes as `look`
    /// returns first.
    pub(crate) fn take<T>(&mut self, look: impl FnOnce(&[u8]) -> (usize, T)) -> io::Result<T> {
        self.start()?;
        if !self.held.is_empty() {
            let (taken, found) = look(self.held);
            self.held = self.held.get(taken..).unwrap_or_default();
            return Ok(found);
        }
        let chunk = fill(&mut self.input)?;
        let (taken, found) = look(chunk);
        self.newlines += newlines(chunk.get(..taken).unwrap_or_default());
        self.input.consume(taken);
        Ok(found)
    }

    /// The next byte, which stays the next.
    pub(crate) fn peek(&mut self) -> io::Result<Option<u8>> {
        self.take(|chunk| (0, chunk.first().copied()))
    }

    /// Moves past the bytes at the front of which `skipped` is true, and shows the first of which it is not.
    pub(crate) fn skip(&mut self, skipped: impl Fn(u8) -> bool) -> io::Result<Option<u8>> {
        loop {
            let next = self.take(|chunk| {
                let count = chunk.iter().take_while(|byte| skipped(**byte)).count();
                (count, if chunk.is_empty() { Some(None) } else { chunk.get(count).copied().map(Some) })
            })?;
            if let Some(next) = next {
                return Ok(next);
            }
        }
    }

    fn start(&mut self) -> io::Result<()> {
        while !self.started {
            let found = self.held.len();
            let Some(expected) = BOM.get(found) else {
                self.held = &[];
                self.started = true;
                break;
            };
            if fill(&mut self.input)?.first() == Some(expected) {
                self.input.consume(1);
                self.held = BOM.get(..=found).unwrap_or_default();
            } else {
                self.started = true;
            }
        }
        Ok(())
    }
}

/// How many lines end in these bytes.
pub(crate) fn newlines(bytes: &[u8]) -> usize {
    bytes.iter().map(|byte| usize::from(*byte == b'\n')).sum()
}

fn fill<R: BufRead>(input: &mut R) -> io::Result<&[u8]> {
    // The second call takes what the first has fetched; returning that at once is more than the borrow checker sees.
    while let Err(error) = input.fill_buf() {
        if error.kind() != ErrorKind::Interrupted {
            return Err(error);
        }
    }
    input.fill_buf()
}

impl<R: BufRead> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.take(|chunk| {
            let count = chunk.len().min(buffer.len());
            if let (Some(to), Some(from)) = (buffer.get_mut(..count), chunk.get(..count)) {
                to.copy_from_slice(from);
            }
            (count, count)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn all(bytes: &[u8], chunk: usize) -> Vec<u8> {
        let mut read = Vec::new();
        Source::new(BufReader::with_capacity(chunk, bytes)).read_to_end(&mut read).unwrap();
        read
    }

    #[test]
    fn a_byte_order_mark_is_dropped_at_the_start_only_and_however_the_chunks_fall() {
        let cases: [(&[u8], &[u8]); 6] = [
            (b"\xEF\xBB\xBFa", b"a"),
            (b"\xEF\xBB\xBF\xEF\xBB\xBF", b"\xEF\xBB\xBF"),
            (b"\xEF\xBBa", b"\xEF\xBBa"),
            (b"\xEF", b"\xEF"),
            (b"a\xEF\xBB\xBF", b"a\xEF\xBB\xBF"),
            (b"", b""),
        ];
        for (bytes, rest) in cases {
            for chunk in 1..5 {
                assert_eq!(all(bytes, chunk), rest, "{bytes:?} in chunks of {chunk}");
            }
        }
    }

    #[test]
    fn an_interrupted_read_is_tried_again() {
        struct Interrupted(bool);
        impl Read for Interrupted {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 = !self.0;
                if self.0 { Err(ErrorKind::Interrupted.into()) } else { b"a".as_slice().read(buffer) }
            }
        }
        let mut source = Source::new(BufReader::new(Interrupted(false)));
        assert_eq!(source.peek().unwrap(), Some(b'a'));
    }

    #[test]
    fn lines_are_counted_as_they_are_passed() {
        let mut source = Source::new(BufReader::with_capacity(2, b"\n\n  a\nb".as_slice()));
        assert_eq!(source.line(), 1);
        assert_eq!(source.skip(|byte| byte.is_ascii_whitespace()).unwrap(), Some(b'a'));
        assert_eq!(source.line(), 3);
        assert_eq!(source.skip(|_| true).unwrap(), None);
        assert_eq!(source.line(), 4);
    }
}
