//! What can be wrong with a row, and with a whole file.

use std::io;

use thiserror::Error;

use crate::Format;

/// A row that cannot be read; the rows after it can.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {message}")]
pub struct BadRow {
    /// Where it stands, counted as the place of a good row is.
    pub place: usize,
    /// What is wrong, in at most 300 characters.
    pub message: String,
}

impl BadRow {
    const MAX_MESSAGE_CHARS: usize = 300;

    /// Messages may quote the file, so they are cut to a length that can be shown.
    pub(crate) fn new(place: usize, message: impl AsRef<str>) -> Self {
        Self { place, message: message.as_ref().chars().take(Self::MAX_MESSAGE_CHARS).collect() }
    }

    pub(crate) fn too_long(place: usize, limit: usize) -> Self {
        Self::new(place, format!("is longer than {limit} bytes"))
    }

    pub(crate) fn not_utf8(place: usize, what: &str) -> Self {
        Self::new(place, format!("{what} is not UTF-8"))
    }
}

/// Why a file cannot be read, or not any further. Rows that came before are good nevertheless.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file could not be fetched; a fault of the machine or of the connection.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The file is something else than was said.
    #[error("not a file of the format {format}: {reason}")]
    NotThisFormat { format: Format, reason: String },
    /// Our own JSON, in a version that is not known here.
    #[error("version {found} of the format is not supported, only version 1")]
    Version { found: String },
    /// The file is broken in such a way that no further row can be found in it.
    #[error("the file is damaged at line {line}: {reason}")]
    Damaged { line: usize, reason: String },
}
