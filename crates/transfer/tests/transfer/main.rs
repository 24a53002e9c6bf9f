//! What those who bring their links rely on, told through the public doors of the crate.

#![cfg(test)]

mod arbitrary;
mod csv;
mod html;
mod json;
mod lists;
mod long_rows;
mod round_trip;

use taglink_transfer::{Folders, Format, Item, ReadError, ReadOptions, Reader, Row};

/// Every row, or why the file cannot be read.
fn rows(format: Format, options: ReadOptions, file: &[u8]) -> Result<Vec<Row>, ReadError> {
    Reader::new(format, options, file).collect()
}

/// Every row of a file that is good as a whole, one text each.
fn shown(format: Format, file: &[u8]) -> Vec<String> {
    shown_with(format, Folders::AsTags, file)
}

fn shown_with(format: Format, folders: Folders, file: &[u8]) -> Vec<String> {
    let options = ReadOptions { folders, ..ReadOptions::default() };
    rows(format, options, file).unwrap_or_else(|error| panic!("{error}")).iter().map(show).collect()
}

/// A row as `place url [title] (notes) #tag since created changed updated`, without what it does not have.
fn show(row: &Row) -> String {
    let link = match row {
        Ok(Item::Link(link)) => link,
        Ok(Item::Tag(tag)) => {
            return format!(
                "tag {} {:?} since {} changed {}",
                tag.place, tag.tag, tag.created_at, tag.updated_at
            );
        }
        Err(bad) => return format!("bad {bad}"),
    };
    let mut text = format!("{} {}", link.place, link.url);
    text.extend(link.title.iter().map(|title| format!(" [{title}]")));
    text.extend(link.notes.iter().map(|notes| format!(" ({notes})")));
    text.extend(link.tags.iter().map(|tag| format!(" #{tag}")));
    text.extend(link.taggings.iter().map(|tagging| format!(" #{} {}", tagging.tag_id, tagging.created_at)));
    text.extend(link.created_at.iter().map(|time| format!(" since {time}")));
    text.extend(link.updated_at.iter().map(|time| format!(" changed {time}")));
    text.replace(".000000Z", "Z")
}

/// Why a file cannot be read.
fn fatal(format: Format, file: &[u8]) -> String {
    rows(format, ReadOptions::default(), file).expect_err("a fatal error").to_string()
}

/// The file with the line ends of Windows.
fn with_crlf(file: &str) -> String {
    file.replace('\n', "\r\n")
}
