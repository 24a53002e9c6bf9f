//! The file formats in which links come in and go out.
//!
//! This crate knows texts and files only: no database, web framework or runtime. A [`Reader`] turns a file into
//! [`Item`]s, one row at a time and in bounded memory; their URLs and tag names are raw texts, which become valid
//! types in the use case that stores them. A [`Writer`] turns links into a file, row by row.

mod csv;
mod error;
mod format;
mod html;
mod json;
mod model;
mod moment;
mod pinboard;
mod reader;
mod source;
mod urls;
mod writer;

pub use error::{BadRow, ReadError};
pub use format::{ExportFormat, Format};
pub use model::{
    ExportedLink, ExportedTag, ExportedTagging, ImportedLink, ImportedTag, ImportedTagging, Item,
};
pub use reader::{Folders, ReadOptions, Reader, Row};
pub use writer::Writer;
