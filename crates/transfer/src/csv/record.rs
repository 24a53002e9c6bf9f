//! Records, of which only so much is kept as is allowed.

use std::io::{self, BufRead};

use csv_core::ReadRecordResult;

use crate::source::Source;

/// A record.
#[derive(Debug)]
pub(super) struct Record {
    /// The line it begins on, from 1.
    pub(super) line: usize,
    /// Whether it has more bytes or cells than allowed; its cells are then not to be used.
    pub(super) too_long: bool,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Record {
    pub(super) fn cell(&self, index: usize) -> Option<&[u8]> {
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.bytes.get(start..*self.ends.get(index)?)
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ends.len()).filter_map(|index| self.cell(index))
    }
}

/// Finds records, however long they are.
#[derive(Debug)]
pub(super) struct RecordReader {
    csv: csv_core::Reader,
    max_bytes: usize,
}

impl RecordReader {
    const MAX_CELLS: usize = 1024;
    const FIRST_BYTES: usize = 1024;

    pub(super) fn new(max_bytes: usize) -> Self {
        // Without room for any byte the end of a record would never be found.
        Self { csv: csv_core::Reader::new(), max_bytes: max_bytes.max(1) }
    }

    /// The next record; blank lines are none.
    pub(super) fn next<R: BufRead>(&mut self, source: &mut Source<R>) -> io::Result<Option<Record>> {
        source.skip(|byte| matches!(byte, b'\r' | b'\n'))?;
        let line = source.line();
        let mut bytes = vec![0; Self::FIRST_BYTES.min(self.max_bytes)];
        let mut ends = vec![0; Self::MAX_CELLS];
        let (mut length, mut cells, mut too_long) = (0, 0, false);
        loop {
            let result = source.take(|chunk| {
                let output = bytes.get_mut(length..).unwrap_or_default();
                let room = ends.get_mut(cells..).unwrap_or_default();
                let (result, read, written, ended) = self.csv.read_record(chunk, output, room);
                length += written;
                cells += ended;
                (read, result)
            })?;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if bytes.len() < self.max_bytes => {
                    bytes.resize((bytes.len() * 2).min(self.max_bytes), 0);
                }
                // From here on cells are overwritten: only the end of the record is looked for.
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    too_long = true;
                    (length, cells) = (0, 0);
                }
                ReadRecordResult::Record => {
                    bytes.truncate(length);
                    ends.truncate(cells);
                    return Ok(Some(Record { line, too_long, bytes, ends }));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }
}
