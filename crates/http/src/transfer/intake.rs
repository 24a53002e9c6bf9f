//! From a file to rows that can be imported: everything is read and checked before the transaction begins.

use std::collections::HashMap;
use std::io::Read;
use std::ops::ControlFlow;

use taglink_domain::model::{Adapted, LinkUrl, Notes, TagName, Title, UrlHash, UrlIdentity};
use taglink_domain::use_case::import::{ImportLink, ImportRows, ImportTag, ImportTagging};
use taglink_transfer::{Format, ImportedLink, ImportedTag, ReadError, ReadOptions, Row, read};
use thiserror::Error;

/// How many taglinks a file may hold for each link that it may hold.
const TAGS_PER_LINK: usize = 10;

/// Why a file cannot be imported at all.
#[derive(Debug, Error)]
pub enum IntakeError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the file holds more than {limit} {what}: import it in parts")]
    TooMany { limit: usize, what: &'static str },
}

/// Reads a file, whose beginning decides on the format if none is named. Rows that are bad are left out and reported.
///
/// # Errors
/// If it is no such file, is damaged, or holds more than `options.max_rows` links.
pub(crate) fn read_rows(
    format: Option<Format>,
    options: &ReadOptions,
    identity: &UrlIdentity,
    input: impl Read,
) -> Result<ImportRows, IntakeError> {
    let mut intake = Intake {
        identity,
        max_rows: options.max_rows,
        rows: ImportRows::default(),
        places: HashMap::new(),
        links: HashMap::new(),
        tags: 0,
    };
    let mut refused = None;
    let read = read(format, options, input, &mut |row| match intake.row(row) {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => {
            refused = Some(error);
            ControlFlow::Break(())
        }
    });
    match refused {
        Some(error) => Err(error),
        None => Ok(read.map(|_| intake.rows)?),
    }
}

struct Intake<'a> {
    identity: &'a UrlIdentity,
    max_rows: usize,
    rows: ImportRows,
    /// Where the names of tags are, by their keys.
    places: HashMap<String, usize>,
    /// Where the first link of each URL is.
    links: HashMap<UrlHash, usize>,
    /// How many tags are on links, altogether.
    tags: usize,
}

impl Intake<'_> {
    fn row(&mut self, row: Row) -> Result<(), IntakeError> {
        match row {
            Row::Tag(tag) => self.tag(tag)?,
            Row::Link(link) => self.link(link)?,
            Row::Skipped(problem) => self.rows.read.skip(problem.place, problem.message),
            Row::Note(problem) => self.rows.read.note(problem.place, problem.message),
        }
        check(self.rows.links.len() + self.rows.read.failed, self.max_rows, "rows")
    }

    fn tag(&mut self, tag: ImportedTag) -> Result<(), IntakeError> {
        let ImportedTag { place: row, tag_id: id, tag, created_at, updated_at } = tag;
        match TagName::adapt(&tag) {
            Ok(name) => self.rows.tags.push(ImportTag { row, id, name, created_at, updated_at }),
            Err(error) => self.rows.read.skip(row, format!("tag: {error}")),
        }
        check(self.rows.tags.len(), self.max_rows, "tags")
    }

    fn link(&mut self, link: ImportedLink) -> Result<(), IntakeError> {
        let row = link.place;
        let url = match LinkUrl::parse_with(link.url, self.identity) {
            Ok(url) => url,
            Err(error) => {
                self.rows.read.skip(row, error.to_string());
                return Ok(());
            }
        };
        let title = link.title.as_deref().map(Title::adapt);
        let title = self.adapted(row, title, "title", Title::MAX_CHARS);
        let notes = link.notes.as_deref().map(Notes::adapt);
        let notes = self.adapted(row, notes, "notes", Notes::MAX_CHARS);
        let names: Vec<usize> = link.tags.iter().filter_map(|name| self.place(row, name)).collect();
        let taggings: Vec<ImportTagging> = link
            .taggings
            .into_iter()
            .map(|tagging| ImportTagging { tag_id: tagging.tag_id, created_at: tagging.created_at })
            .collect();
        self.tags += names.len() + taggings.len();
        // Of several dates of one URL the earliest tells since when its owner has had it.
        let first = *self.links.entry(*url.hash()).or_insert(self.rows.links.len());
        if let (Some(first), Some(date)) = (self.rows.links.get_mut(first), link.created_at) {
            first.created_at = Some(first.created_at.map_or(date, |earlier| earlier.min(date)));
        }
        self.rows.links.push(ImportLink {
            row,
            id: link.link_id,
            url,
            title,
            notes,
            names,
            taggings,
            created_at: link.created_at,
            updated_at: link.updated_at,
        });
        check(self.rows.names.len(), self.max_rows, "tags")?;
        check(self.tags, self.max_rows.saturating_mul(TAGS_PER_LINK), "tags on links")
    }

    fn adapted<T>(
        &mut self,
        row: usize,
        text: Option<Adapted<T>>,
        what: &str,
        max_chars: usize,
    ) -> Option<T> {
        let Adapted { value, is_altered } = text?;
        if is_altered {
            let message = format!(
                "the {what} did not fit: control characters became spaces, and at most {max_chars} characters were kept"
            );
            self.rows.read.note(row, message);
        }
        value
    }

    /// The place of a name among all names, where it is put now unless it is there.
    fn place(&mut self, row: usize, text: &str) -> Option<usize> {
        let name = match TagName::adapt(text) {
            Ok(name) => name,
            Err(error) => {
                self.rows.read.note(row, format!("a tag was left out: {error}"));
                return None;
            }
        };
        let names = &mut self.rows.names;
        Some(*self.places.entry(name.key().to_owned()).or_insert_with(|| {
            names.push(name);
            names.len() - 1
        }))
    }
}

fn check(count: usize, limit: usize, what: &'static str) -> Result<(), IntakeError> {
    if count > limit { Err(IntakeError::TooMany { limit, what }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use taglink_domain::model::{Clock, SystemClock};

    use super::*;

    fn rows(format: Format, max_rows: usize, file: &str) -> Result<ImportRows, IntakeError> {
        let options = ReadOptions { max_rows, ..ReadOptions::new(SystemClock.now()) };
        read_rows(Some(format), &options, &UrlIdentity::default(), file.as_bytes())
    }

    fn messages(rows: &ImportRows) -> Vec<(usize, &str, bool)> {
        let problems = rows.read.problems.iter();
        problems.map(|problem| (problem.row, problem.message.as_str(), problem.skipped)).collect()
    }

    #[test]
    fn bad_rows_are_skipped_and_bad_tags_and_texts_made_to_fit() {
        let file = format!(
            "url,title,tags\nhttps://a.example,a\u{1}b,\"Rust,rust,{}\"\njavascript:alert(1),,\nhttps://b.example,,RUST\n",
            "x".repeat(256)
        );
        let rows = rows(Format::Csv, 10, &file).unwrap();
        assert_eq!(rows.links.iter().map(|link| link.row).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(rows.links[0].title.as_ref().unwrap().as_str(), "a b");
        assert_eq!((rows.names.len(), rows.names[0].as_str()), (1, "Rust"));
        assert_eq!((&rows.links[0].names[..], &rows.links[1].names[..]), (&[0, 0][..], &[0][..]));
        let messages = messages(&rows);
        assert_eq!(
            messages[1..],
            [
                (2, "a tag was left out: tag must be 1 to 255 characters long", false),
                (3, "link must start with http:// or https://", true),
            ]
        );
        assert!(messages[0].1.starts_with("the title did not fit"), "{messages:?}");
        assert_eq!((rows.read.rows, rows.read.failed), (1, 1));
    }

    #[test]
    fn a_file_has_so_many_rows_at_most_and_bad_ones_count() {
        let list = "https://a.example\nftp://b.example\nhttps://c.example\n";
        assert!(rows(Format::Urls, 3, list).is_ok());
        assert!(matches!(rows(Format::Urls, 2, list), Err(IntakeError::TooMany { limit: 2, what: "rows" })));
        let tags = format!("url,tags\nhttps://a.example,\"{}\"", ["a", "b", "c"].join(","));
        assert!(matches!(rows(Format::Csv, 2, &tags), Err(IntakeError::TooMany { limit: 2, what: "tags" })));
        let same = format!("url,tags\nhttps://a.example,\"{}\"", ["a"; 11].join(","));
        assert!(rows(Format::Csv, 1, &same).is_err());
    }

    #[test]
    fn of_several_dates_of_a_url_the_earliest_counts() {
        let file = "url,created\nhttps://a.example,2023-11-14\nhttps://A.example/,2017-07-14\nhttps://a.example,\n\
            https://b.example,\nhttps://b.example,2020-01-01\n";
        let rows = rows(Format::Csv, 10, file).unwrap();
        let date = |row: usize| rows.links[row].created_at.map(|date| date.to_string());
        assert_eq!(date(0).as_deref(), Some("2017-07-14T00:00:00.000000Z"));
        assert_eq!(date(3).as_deref(), Some("2020-01-01T00:00:00.000000Z"));
    }
}
