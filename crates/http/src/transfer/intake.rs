//! From a file to rows that can be imported: everything is read and checked before the transaction begins.

use std::collections::HashMap;
use std::io::{BufRead, Cursor, Read};

use taglink_domain::model::{Adapted, LinkUrl, Notes, TagName, Title, UrlIdentity};
use taglink_domain::use_case::import::{ImportLink, ImportRows, ImportTag, ImportTagging};
use taglink_transfer::{Format, ImportedLink, ImportedTag, Item, ReadError, ReadOptions, Reader};
use thiserror::Error;

/// How many taglinks a file may hold for each link that it may hold.
const TAGS_PER_LINK: usize = 10;

/// Why a file cannot be imported at all.
#[derive(Debug, Error)]
pub enum IntakeError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the file is in none of the known formats, or it must be told which it is")]
    UnknownFormat,
    #[error("the file holds more than {limit} {what}: import it in parts")]
    TooMany { limit: usize, what: &'static str },
}

/// Reads a file, whose beginning tells the format if nobody else does. Rows that are bad are left out and reported.
///
/// # Errors
/// If it is no such file, is damaged, or holds more than `max_rows` links.
pub(crate) fn read_rows(
    format: Option<Format>,
    options: ReadOptions,
    identity: &UrlIdentity,
    max_rows: usize,
    input: impl BufRead,
) -> Result<ImportRows, IntakeError> {
    let intake = Intake { identity, max_rows, rows: ImportRows::default(), places: HashMap::new(), tags: 0 };
    if let Some(format) = format {
        return intake.read(Reader::new(format, options, input));
    }
    let (format, input) = detect(input)?;
    intake.read(Reader::new(format, options, input))
}

/// Tells the format of a file by its beginning, and gives back the whole of it.
fn detect<R: BufRead>(mut input: R) -> Result<(Format, impl BufRead), IntakeError> {
    const BEGINNING: u64 = 16 * 1024;
    let mut start = Vec::new();
    input.by_ref().take(BEGINNING).read_to_end(&mut start).map_err(ReadError::from)?;
    let format = Format::detect(&start).ok_or(IntakeError::UnknownFormat)?;
    Ok((format, Cursor::new(start).chain(input)))
}

struct Intake<'a> {
    identity: &'a UrlIdentity,
    max_rows: usize,
    rows: ImportRows,
    /// Where the names of tags are, by their keys.
    places: HashMap<String, usize>,
    /// How many tags are on links, altogether.
    tags: usize,
}

impl Intake<'_> {
    fn read(mut self, rows: Reader<impl BufRead>) -> Result<ImportRows, IntakeError> {
        for row in rows {
            match row? {
                Ok(Item::Tag(tag)) => self.tag(tag)?,
                Ok(Item::Link(link)) => self.link(link)?,
                Err(bad) => self.rows.read.skip(bad.place, bad.message),
            }
            check(self.rows.links.len() + self.rows.read.failed, self.max_rows, "rows")?;
        }
        Ok(self.rows)
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
    use super::*;

    fn rows(format: Format, max_rows: usize, file: &str) -> Result<ImportRows, IntakeError> {
        read_rows(Some(format), ReadOptions::default(), &UrlIdentity::default(), max_rows, file.as_bytes())
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
    fn the_format_is_told_by_the_beginning_and_nothing_is_lost() {
        let (format, mut file) = detect("https://a.example\n".as_bytes()).unwrap();
        let mut text = String::new();
        Read::read_to_string(&mut file, &mut text).unwrap();
        assert_eq!((format, text.as_str()), (Format::Urls, "https://a.example\n"));
        assert!(matches!(detect("nonsense".as_bytes()), Err(IntakeError::UnknownFormat)));
    }
}
