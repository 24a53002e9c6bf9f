//! Netscape bookmark files, as browsers and bookmark services export and import them.

mod attributes;
mod bookmark;
mod emitter;
mod folders;
mod page;
mod read;
mod text;
mod write;

pub(crate) use read::HtmlReader;
pub(crate) use write::HtmlWriter;
