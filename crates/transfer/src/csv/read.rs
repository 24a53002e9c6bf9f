//! Reads links from comma-separated values.
//!
//! The first record is the header; see [`Field`] for the names that are known, in any order and any case. The
//! exports of Raindrop, Pocket, Instapaper and Readeck are understood. Cells may also be separated by semicolons or tabs.
//! A record may have fewer cells than the header, or more.

use std::io::Read;
use std::rc::Rc;

use csv::{ByteRecord, ErrorKind, ReaderBuilder};

use super::cell::{split_tags, unguarded};
use super::check::{Checked, Lines};
use crate::reader::{Sink, push};
use crate::record::{Field, LeftOut, Record, folder_tag, says_something};
use crate::{Convert, Format, ReadError, ReadOptions, Row, RowProblem};

/// A column: its name, and what it holds if that is known.
type Column = (String, Option<Field>);

/// The separator, by the header at the beginning of a file: with it, a column for URLs is found.
pub(crate) fn delimiter(start: &[u8]) -> Option<u8> {
    let start = start.trim_ascii_start();
    let line = start.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    if let Some([delimiter]) = line.strip_prefix(b"sep=") {
        return Some(*delimiter);
    }
    [b',', b';', b'\t'].into_iter().find(|delimiter| {
        let mut record = ByteRecord::new();
        let mut reader = ReaderBuilder::new().delimiter(*delimiter).has_headers(false).from_reader(line);
        reader.read_byte_record(&mut record).is_ok() && header(&record).is_some()
    })
}

/// The columns that a record names, if one of them holds URLs.
fn header(record: &ByteRecord) -> Option<Vec<Column>> {
    let columns = record.iter().map(|cell| {
        let name = String::from_utf8_lossy(cell).trim().to_owned();
        let field = Field::named(&name);
        (name, field)
    });
    let columns: Vec<Column> = columns.collect();
    columns.iter().any(|(_, field)| *field == Some(Field::Url)).then_some(columns)
}

pub(crate) fn read(
    text: impl Read,
    delimiter: Option<u8>,
    options: &ReadOptions,
    sink: &mut Sink<'_>,
) -> Result<(), ReadError> {
    let Some(delimiter) = delimiter else { return Err(no_header()) };
    let lines = Lines::default();
    let checked = Checked::new(text, delimiter, options.hard_limit(), Rc::clone(&lines));
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(checked);
    let mut record = ByteRecord::new();
    let (mut columns, mut left_out): (Option<Vec<Column>>, _) = (None, LeftOut::default());
    while reader.read_byte_record(&mut record).map_err(damage)? {
        let place = lines.borrow_mut().pop_front().unwrap_or_default();
        match &columns {
            Some(columns) => match link(columns, &record, place, options, &mut left_out) {
                Ok(link) => link.push(options, sink)?,
                Err(problem) => push(Row::Skipped(problem), sink)?,
            },
            None if record.as_slice().starts_with(b"sep") && record.len() == 2 => {}
            None => columns = Some(header(&record).ok_or_else(no_header)?),
        }
    }
    if columns.is_none() {
        return Err(no_header());
    }
    left_out.tell(sink)
}

fn no_header() -> ReadError {
    let reason = "the first line must name the columns, separated by commas, semicolons or tabs, and one of them must be \
        url";
    ReadError::NotThisFormat { format: Format::Csv, reason: reason.into() }
}

fn damage(error: csv::Error) -> ReadError {
    let text = error.to_string();
    match error.into_kind() {
        ErrorKind::Io(error) => error.into(),
        _ => ReadError::damaged(0, text),
    }
}

fn link(
    columns: &[Column],
    cells: &ByteRecord,
    place: usize,
    options: &ReadOptions,
    left_out: &mut LeftOut,
) -> Result<Record, RowProblem> {
    if cells.as_slice().len() > options.max_row_bytes {
        return Err(RowProblem::too_long(place, options.max_row_bytes));
    }
    let mut record = Record::at(place);
    for ((name, field), cell) in columns.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        if field.is_none_or(|field| field == Field::Technical) {
            if field.is_none() && says_something(&String::from_utf8_lossy(cell)) {
                left_out.add(name, place);
            }
            continue;
        }
        let cell = str::from_utf8(cell).map_err(|_| RowProblem::wrong_charset(place, name))?;
        let cell = unguarded(cell);
        match field {
            Some(Field::Tags) => record.tags.extend(split_tags(cell)),
            Some(Field::Folder) => folder(cell, &mut record, options),
            Some(field) => record.set(*field, name, cell, options),
            None => {}
        }
    }
    if record.url.is_empty() {
        return Err(RowProblem::new(place, "url is missing"));
    }
    if cells.len() < columns.len() && cells.len() > 1 {
        record.tell(format!("the row has {} of {} cells", cells.len(), columns.len()));
    }
    Ok(record)
}

/// Adds the path of the folder as a tag; those of Raindrop and Instapaper for what is in none tell a state, or nothing.
fn folder(path: &str, record: &mut Record, options: &ReadOptions) {
    match path.trim().to_ascii_lowercase().as_str() {
        "unsorted" => {}
        "unread" | "archive" | "starred" => record.status(path),
        _ if options.folders == Convert::ToTags => {
            if let Some(tag) = folder_tag(path.split('/')) {
                record.tag(tag);
            }
        }
        _ => {}
    }
}
