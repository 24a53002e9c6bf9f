//! Finds out what the parser passes over: quotes that are not closed or not doubled, and rows without end.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::rc::Rc;

use crate::ReadError;

/// The lines on which rows begin that the parser has not given out yet.
pub(super) type Lines = Rc<RefCell<VecDeque<usize>>>;

enum Position {
    /// Before the first byte of a row.
    Row,
    /// Before the first byte of a cell.
    Cell,
    Plain,
    Quoted,
    /// After a quote within a quoted cell: it ends the cell, or is one of a pair.
    Quote,
}

/// Checks the file on its way to the parser.
pub(super) struct Checked<R> {
    input: R,
    delimiter: u8,
    max_row_bytes: usize,
    lines: Lines,
    position: Position,
    line: usize,
    /// The line of the quote that is open.
    opened: usize,
    row_bytes: usize,
}

impl<R: Read> Checked<R> {
    pub(super) fn new(input: R, delimiter: u8, max_row_bytes: usize, lines: Lines) -> Self {
        let position = Position::Row;
        Self { input, delimiter, max_row_bytes, lines, position, line: 1, opened: 1, row_bytes: 0 }
    }

    fn byte(&mut self, byte: u8) -> Result<(), ReadError> {
        self.row_bytes += 1;
        let ends_row = matches!(byte, b'\r' | b'\n');
        if matches!(self.position, Position::Row) {
            self.row_bytes = 0;
            if !ends_row {
                self.lines.borrow_mut().push_back(self.line);
            }
        }
        self.position = match (&self.position, byte) {
            (Position::Row | Position::Cell, b'"') => {
                self.opened = self.line;
                Position::Quoted
            }
            (Position::Quoted, b'"') => Position::Quote,
            (Position::Quoted, _) | (Position::Quote, b'"') => Position::Quoted,
            (_, byte) if byte == self.delimiter => Position::Cell,
            _ if ends_row => Position::Row,
            (Position::Quote, b' ' | b'\t') => Position::Quote,
            (Position::Quote, _) => {
                let reason = "a quote within a quoted cell is not doubled, or the cell is not closed";
                return Err(ReadError::damaged(self.opened, reason));
            }
            _ => Position::Plain,
        };
        if self.row_bytes > self.max_row_bytes {
            return Err(ReadError::damaged(
                self.line,
                format!("a row is longer than {} bytes", self.max_row_bytes),
            ));
        }
        self.line += usize::from(byte == b'\n');
        Ok(())
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        for byte in buffer.get(..count).unwrap_or_default() {
            self.byte(*byte).map_err(io::Error::other)?;
        }
        if count == 0 && matches!(self.position, Position::Quoted) {
            let reason = "the file ends within a quoted cell";
            return Err(io::Error::other(ReadError::damaged(self.opened, reason)));
        }
        Ok(count)
    }
}
