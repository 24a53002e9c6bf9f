//! The file formats in which links come in and go out.
//!
//! This crate knows texts and files only: no database, web framework or runtime. [`read`] hands the rows of a file to a
//! sink, one at a time and in bounded memory; their URLs and tag names are raw texts, which become valid types in the use
//! case that stores them. A [`Writer`] turns links into a file, row by row.

mod charset;
mod csv;
mod date;
mod error;
mod format;
mod html;
mod json;
mod model;
mod reader;
mod record;
mod urls;
mod writer;

pub use error::{ReadError, RowProblem};
pub use format::{ExportFormat, Format};
pub use model::{
    ExportedLink, ExportedTag, ExportedTagging, ImportedLink, ImportedTag, ImportedTagging, Row,
};
pub use reader::{Convert, ReadOptions, Sink, read};
pub use writer::Writer;
