//! What those who bring their links rely on, told through the public doors of the crate.

#![cfg(test)]

mod arbitrary;
mod csv;
mod html;
mod html_damage;
mod json;
mod lists;
mod long_rows;
mod round_trip;
mod services;

use std::io::Read;
use std::ops::ControlFlow;

use taglink_domain::model::Timestamp;
use taglink_transfer::{Convert, Format, ReadError, ReadOptions, Row, read};

/// As on a day of 2026.
fn options() -> ReadOptions {
    ReadOptions::new(Timestamp::parse_rfc3339("2026-06-01T00:00:00Z").unwrap())
}

/// Every row, or why the file cannot be read.
fn rows(format: Option<Format>, options: &ReadOptions, file: impl Read) -> Result<Vec<Row>, ReadError> {
    let mut rows = Vec::new();
    read(format, options, file, &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    Ok(rows)
}

/// Every row of a file that is good as a whole, one text each.
fn shown(format: Format, file: &[u8]) -> Vec<String> {
    shown_with(&options(), format, file)
}

fn shown_with(options: &ReadOptions, format: Format, file: &[u8]) -> Vec<String> {
    rows(Some(format), options, file).unwrap_or_else(|error| panic!("{error}")).iter().map(show).collect()
}

/// Neither folders nor states become tags.
fn plain() -> ReadOptions {
    ReadOptions { folders: Convert::Ignore, states: Convert::Ignore, ..options() }
}

/// A row as `place url [title] (notes) #tag since created changed updated`, without what it does not have.
fn show(row: &Row) -> String {
    let link = match row {
        Row::Link(link) => link,
        Row::Tag(tag) => {
            return format!(
                "tag {} {:?} since {} changed {}",
                tag.place, tag.tag, tag.created_at, tag.updated_at
            );
        }
        Row::Skipped(problem) => return format!("bad {problem}"),
        Row::Note(problem) => return format!("note {problem}"),
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
    rows(Some(format), &options(), file).expect_err("a fatal error").to_string()
}

/// The file with the line ends of Windows.
fn with_crlf(file: &str) -> String {
    file.replace('\n', "\r\n")
}
