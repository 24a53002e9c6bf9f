//! Reads links from comma-separated values.
//!
//! The first record is the header; see [`Column`] for the names that are known, in any order and any case. The
//! exports of Raindrop, Pocket and Instapaper are understood. A record may have fewer cells than the header, or
//! more.

use std::io::BufRead;

use super::cell::{split_tags, unguarded};
use super::header::{Column, Header};
use super::record::{Record, RecordReader};
use crate::source::Source;
use crate::{BadRow, Folders, Format, ImportedLink, Item, ReadError, ReadOptions, Row, moment};

/// Where Raindrop and Instapaper keep what is in no folder of the user's.
const ROOT_FOLDERS: [&str; 3] = ["unsorted", "unread", "archive"];

/// Reads comma-separated values.
#[derive(Debug)]
pub(crate) struct CsvReader<R> {
    source: Source<R>,
    records: RecordReader,
    header: Option<Header>,
    options: ReadOptions,
}

impl<R: BufRead> CsvReader<R> {
    pub(crate) fn new(source: Source<R>, options: ReadOptions) -> Self {
        Self { source, records: RecordReader::new(options.max_row_bytes), header: None, options }
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, ReadError> {
        let header = match self.header.take() {
            Some(header) => header,
            None => self.read_header()?,
        };
        let record = self.records.next(&mut self.source)?;
        let row = record.map(|record| link(&header, &record, self.options));
        self.header = Some(header);
        Ok(row)
    }

    fn read_header(&mut self) -> Result<Header, ReadError> {
        self.records
            .next(&mut self.source)?
            .filter(|record| !record.too_long)
            .and_then(|record| Header::new(&record))
            .ok_or_else(|| ReadError::NotThisFormat {
                format: Format::Csv,
                reason:
                    "the first line must name the columns, separated by commas, and one of them must be url"
                        .into(),
            })
    }
}

fn link(header: &Header, record: &Record, options: ReadOptions) -> Row {
    let place = record.line;
    if record.too_long {
        return Err(BadRow::too_long(place, options.max_row_bytes));
    }
    let text = |column, name| {
        str::from_utf8(header.cell(column, record)).map(unguarded).map_err(|_| BadRow::not_utf8(place, name))
    };
    let time = |column, name| {
        moment::from_either(text(column, name)?)
            .map_err(|message| BadRow::new(place, format!("{name} {message}")))
    };
    let url = text(Column::Url, "url")?.trim_ascii();
    if url.is_empty() {
        return Err(BadRow::new(place, "url is missing"));
    }
    let mut tags = split_tags(text(Column::Tags, "tags")?);
    if options.folders == Folders::AsTags {
        tags.extend(folder_tag(text(Column::Folder, "folder")?).filter(|tag| !tags.contains(tag)));
    }
    Ok(Item::Link(ImportedLink {
        place,
        link_id: None,
        url: url.to_owned(),
        title: Some(text(Column::Title, "title")?.to_owned()).filter(|title| !title.is_empty()),
        notes: Some(text(Column::Notes, "notes")?.to_owned()).filter(|notes| !notes.is_empty()),
        tags,
        taggings: Vec::new(),
        created_at: time(Column::CreatedAt, "created_at")?,
        updated_at: time(Column::UpdatedAt, "updated_at")?,
    }))
}

/// The path of the folder, without white space around its names.
fn folder_tag(folder: &str) -> Option<String> {
    let names: Vec<&str> = folder.split('/').map(str::trim).filter(|name| !name.is_empty()).collect();
    match names.as_slice() {
        [] => None,
        [root] if ROOT_FOLDERS.iter().any(|name| root.eq_ignore_ascii_case(name)) => None,
        names => Some(names.join("/")),
    }
}
