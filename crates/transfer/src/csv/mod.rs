//! Comma-separated values (RFC 4180) with a header.

mod cell;
mod check;
mod read;
mod write;

pub(crate) use read::{delimiter, read};
pub(crate) use write::CsvWriter;
