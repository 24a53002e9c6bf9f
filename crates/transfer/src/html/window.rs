//! The next bytes of a file, as many as it takes to decide what they are.

use std::io::{self, BufRead, ErrorKind};

/// A file that is looked at before it is passed.
#[derive(Debug)]
pub(super) struct Window<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    line: usize,
}

impl<R: BufRead> Window<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, buffer: Vec::new(), start: 0, line: 1 }
    }

    /// The line of the next byte, from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// At least the next `count` bytes; fewer only at the end of the file.
    pub(super) fn ahead(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.buffer.len() - self.start < count {
            if self.start > self.buffer.len() / 2 {
                self.buffer.drain(..self.start);
                self.start = 0;
            }
            let chunk = match self.input.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                chunk => chunk?,
            };
            if chunk.is_empty() {
                break;
            }
            self.buffer.extend_from_slice(chunk);
            let count = chunk.len();
            self.input.consume(count);
        }
        Ok(self.buffer.get(self.start..).unwrap_or_default())
    }

    /// Passes bytes that were seen.
    pub(super) fn pass(&mut self, count: usize) {
        let passed = self.buffer.iter().skip(self.start).take(count);
        self.line += passed.filter(|byte| **byte == b'\n').count();
        self.start = (self.start + count).min(self.buffer.len());
    }
}
