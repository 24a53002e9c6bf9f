//! Which formats there are, and how one is recognised.

use std::fmt;

use crate::{ReadError, csv};

/// A format in which links come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A Netscape bookmark file, as browsers and bookmark services export it.
    Html,
    /// Our own format, which carries everything.
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// One URL a line.
    Urls,
    /// The JSON of Pinboard.
    Pinboard,
    /// The JSON backup of Firefox.
    Firefox,
    /// The file `Bookmarks` of Chrome and other browsers that are made of Chromium.
    Chrome,
    /// The JSON of Omnivore.
    Omnivore,
    /// The JSON of wallabag, version 1 or 2.
    Wallabag,
    /// The JSON backup of Linkwarden.
    Linkwarden,
    /// The JSON of Karakeep, which was Hoarder.
    Karakeep,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 11] = [
        Self::Html,
        Self::Json,
        Self::Csv,
        Self::Urls,
        Self::Pinboard,
        Self::Firefox,
        Self::Chrome,
        Self::Omnivore,
        Self::Wallabag,
        Self::Linkwarden,
        Self::Karakeep,
    ];

    /// The name by which clients ask for the format.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Urls => "urls",
            Self::Pinboard => "pinboard",
            Self::Firefox => "firefox",
            Self::Chrome => "chrome",
            Self::Omnivore => "omnivore",
            Self::Wallabag => "wallabag",
            Self::Linkwarden => "linkwarden",
            Self::Karakeep => "karakeep",
        }
    }

    /// The format of that [name](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The format that a media type names, whatever its parameters.
    ///
    /// `application/json` and `text/plain` name none: the first is our own format as well as those of others, and
    /// anything at all is sent as the second. [`detect`](Self::detect) has to decide then.
    #[must_use]
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        [("text/html", Self::Html), ("text/csv", Self::Csv), ("text/uri-list", Self::Urls)]
            .into_iter()
            .find(|(name, _)| essence.eq_ignore_ascii_case(name))
            .map(|(_, format)| format)
    }

    /// Whether its files are JSON.
    pub(crate) fn is_json(self) -> bool {
        !matches!(self, Self::Html | Self::Csv | Self::Urls)
    }

    /// Recognises the format by the beginning of a file: a few hundred bytes are enough, fewer may do.
    #[must_use]
    pub fn detect(start: &[u8]) -> Option<Self> {
        let text = start.trim_ascii_start();
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text).trim_ascii_start();
        let member = |name: &str| text.windows(name.len()).any(|part| part == name.as_bytes());
        let first =
            |marks: &[(&str, Self)]| marks.iter().find(|(name, _)| member(name)).map(|(_, format)| *format);
        match text {
            [b'<', b'!' | b'?' | b'a'..=b'z' | b'A'..=b'Z', ..] => Some(Self::Html),
            [b'{', ..] => first(&[
                ("\"taglink\"", Self::Json),
                ("\"roots\"", Self::Chrome),
                ("\"text/x-moz-place", Self::Firefox),
                ("\"root________\"", Self::Firefox),
                ("\"collections\"", Self::Linkwarden),
                ("\"bookmarks\"", Self::Karakeep),
            ]),
            [b'[', rest @ ..] if matches!(rest.trim_ascii_start(), [] | [b']', ..]) => Some(Self::Pinboard),
            [b'[', ..] => first(&[
                ("\"href\"", Self::Pinboard),
                ("\"is_archived\"", Self::Wallabag),
                ("\"is_read\"", Self::Wallabag),
                ("\"savedAt\"", Self::Omnivore),
            ]),
            _ if csv::delimiter(text).is_some() => Some(Self::Csv),
            _ => is_list(text).then_some(Self::Urls),
        }
    }
}

/// Refuses what is no text, with a word on what to do.
///
/// # Errors
/// If the file begins as archives, documents and databases do.
pub(crate) fn refuse_binary(start: &[u8]) -> Result<(), ReadError> {
    let kinds: [(&[u8], &str); 6] = [
        (
            b"PK\x03\x04",
            "the file is a ZIP archive: unpack it, and import the files in it that hold links (.json, .csv or \
            .html), one by one",
        ),
        (b"\x1f\x8b", "the file is compressed with gzip: unpack it first"),
        (
            b"mozLz40\0",
            "the file is a compressed backup of Firefox (.jsonlz4): save one as .json, with Library, Import and \
            Backup, Backup",
        ),
        (
            b"SQLite format 3\0",
            "the file is an SQLite database: export the links from the program that it belongs to",
        ),
        (b"%PDF", "the file is a PDF document"),
        (b"bplist", "the file is a property list: export the bookmarks of Safari as HTML"),
    ];
    match kinds.into_iter().find(|(mark, _)| start.starts_with(mark)) {
        Some((_, reason)) => Err(ReadError::UnknownFormat(reason.into())),
        None => Ok(()),
    }
}

/// Why the format of a file is not known.
pub(crate) fn unknown(start: &[u8]) -> ReadError {
    let reason = match start.trim_ascii_start() {
        [b'{' | b'[', ..] => {
            "the file is JSON, but neither ours nor that of Pinboard, Firefox, Chrome, Omnivore, wallabag, Linkwarden or \
                Karakeep; if it is a list of objects with a url, name the format pinboard"
        }
        _ => "the file is in none of the known formats, or it must be told which it is",
    };
    ReadError::UnknownFormat(reason.into())
}

/// Whether the first line that is neither blank nor a comment starts as an absolute URL does.
fn is_list(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .find(|line| !line.is_empty() && !line.starts_with(b"#"))
        .is_some_and(|line| {
            [b"http://".as_slice(), b"https://"].into_iter().any(|scheme| {
                line.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            })
        })
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A format in which links go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExportFormat {
    /// A Netscape bookmark file, which browsers import. Carries no unused tags, ids or fractions of seconds.
    Html,
    /// Our own format, which carries everything.
    Json,
    /// Comma-separated values (RFC 4180). Carries no unused tags and no ids.
    Csv,
}

impl ExportFormat {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Html, Self::Json, Self::Csv];

    /// The format, as one to be read again.
    #[must_use]
    pub fn format(self) -> Format {
        match self {
            Self::Html => Format::Html,
            Self::Json => Format::Json,
            Self::Csv => Format::Csv,
        }
    }

    /// The name by which clients ask for the format; also the ending of its files' names.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.format().name()
    }

    /// The format of that [name](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_recognised_by_its_beginning() {
        let cases: [(&[u8], Option<Format>); 23] = [
            (b"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n", Some(Format::Html)),
            (b"\xEF\xBB\xBF\r\n <html><h1>Unread</h1>", Some(Format::Html)),
            (b"<DL><p>", Some(Format::Html)),
            (b"{\n \"format\": \"taglink\", \"version\": 1", Some(Format::Json)),
            (b"{\"guid\":\"root________\"}", Some(Format::Firefox)),
            (b"[{\"href\":\"https://example.com\"}]", Some(Format::Pinboard)),
            (b"[\n]", Some(Format::Pinboard)),
            (b"[1, 2]", None),
            (b"[{\"url\":\"https://example.com\"}]", None),
            (b"{\"checksum\":\"\",\"roots\":{", Some(Format::Chrome)),
            (b"[{\"is_archived\":0,", Some(Format::Wallabag)),
            (b"url;title\n", Some(Format::Csv)),
            (b"url,title\n", Some(Format::Csv)),
            (b"\xEF\xBB\xBF\"Title\",\"URL\"\r\n", Some(Format::Csv)),
            (b"id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite\n", Some(Format::Csv)),
            (b"URL", Some(Format::Csv)),
            (b"https://example.com/url,title\n", Some(Format::Urls)),
            (b"# mine\n\nHTTP://example.com\n", Some(Format::Urls)),
            (b"title,notes\n", None),
            (b"", None),
            (b"\x89PNG\r\n\x1a\n", None),
            (b"PK\x03\x04", None),
            (b"# only a comment", None),
        ];
        for (start, format) in cases {
            assert_eq!(Format::detect(start), format, "{}", String::from_utf8_lossy(start));
        }
    }

    #[test]
    fn only_unambiguous_media_types_name_a_format() {
        assert_eq!(Format::from_media_type("Text/HTML; charset=utf-8"), Some(Format::Html));
        assert_eq!(Format::from_media_type("text/csv"), Some(Format::Csv));
        assert_eq!(Format::from_media_type("text/uri-list"), Some(Format::Urls));
        for other in ["application/json", "text/plain", "application/octet-stream", "", ";"] {
            assert_eq!(Format::from_media_type(other), None, "{other}");
        }
    }

    #[test]
    fn every_format_has_a_name_of_its_own() {
        for format in Format::ALL {
            assert_eq!(Format::from_name(format.name()), Some(format));
        }
        for format in ExportFormat::ALL {
            assert_eq!(ExportFormat::from_name(format.name()), Some(format));
            assert!(
                Format::from_media_type(format.media_type()).is_none_or(|named| named == format.format())
            );
        }
        assert_eq!(Format::from_name("HTML"), None);
        assert_eq!(ExportFormat::from_name("urls"), None);
    }
}
