//! What can be wrong with a row, and with a whole file.

use std::io;

use thiserror::Error;

use crate::Format;

/// Something to report about a row.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{place}: {message}")]
pub struct RowProblem {
    /// Where it stands, counted as the place of a link is.
    pub place: usize,
    /// At most 300 characters.
    pub message: String,
}

impl RowProblem {
    const MAX_MESSAGE_CHARS: usize = 300;

    /// Messages may quote the file, so they are cut to a length that can be shown.
    pub(crate) fn new(place: usize, message: impl AsRef<str>) -> Self {
        Self { place, message: message.as_ref().chars().take(Self::MAX_MESSAGE_CHARS).collect() }
    }

    pub(crate) fn too_long(place: usize, limit: usize) -> Self {
        Self::new(place, format!("is longer than {limit} bytes"))
    }

    pub(crate) fn wrong_charset(place: usize, what: &str) -> Self {
        Self::new(place, format!("{what} is not UTF-8, or not in the character set that the file declares"))
    }
}

/// Why a file cannot be read, or not any further. Rows that came before are good nevertheless.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file could not be fetched; a fault of the machine or of the connection.
    #[error("the file cannot be read: {0}")]
    Io(io::Error),
    /// The file is in none of the known formats.
    #[error("{0}")]
    UnknownFormat(String),
    /// The file declares a character set that cannot be decoded.
    #[error("the character set {0} is not supported: save the file as UTF-8")]
    Charset(String),
    /// The file is not of the format that was named.
    #[error("not a file of the format {format}: {reason}")]
    NotThisFormat { format: Format, reason: String },
    /// Our own JSON, in a version that is not known here.
    #[error("version {found} of the format is not supported, only version 1")]
    Version { found: String },
    /// The file is broken in such a way that no further row can be found in it, or it was cut off.
    #[error("the file is damaged at line {line}: {reason}")]
    Damaged { line: usize, reason: String },
    /// The receiver of the rows wants no more.
    #[error("the rows were not taken")]
    Stopped,
}

impl ReadError {
    pub(crate) fn damaged(line: usize, reason: impl Into<String>) -> Self {
        Self::Damaged { line, reason: reason.into() }
    }
}

/// A checking reader passes its own errors through libraries as [`io::Error`].
impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        error.downcast().unwrap_or_else(Self::Io)
    }
}
