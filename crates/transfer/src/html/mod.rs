//! Netscape bookmark files, as browsers and bookmark services export and import them.

mod bookmark;
mod boundary;
mod folders;
mod read;
mod references;
mod start_tag;
mod text;
mod window;
mod write;

pub(crate) use read::read;
pub(crate) use write::HtmlWriter;
