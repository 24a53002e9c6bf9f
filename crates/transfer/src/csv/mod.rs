//! Comma-separated values (RFC 4180) with a header.

mod cell;
mod header;
mod read;
mod record;
mod write;

pub(crate) use header::is_header;
pub(crate) use read::CsvReader;
pub(crate) use write::CsvWriter;
