//! Which formats there are, and how one is recognised.

use std::fmt;

use crate::csv;
use crate::source::BOM;

/// A format in which links come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A Netscape bookmark file, as browsers and bookmark services export it.
    Html,
    /// Our own format, which carries everything.
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// The JSON of Pinboard.
    Pinboard,
    /// One URL a line.
    Urls,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Html, Self::Json, Self::Csv, Self::Pinboard, Self::Urls];

    /// The name by which clients ask for the format.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Pinboard => "pinboard",
            Self::Urls => "urls",
        }
    }

    /// The format of that [name](Self::name).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The format that a media type names, whatever its parameters.
    ///
    /// `application/json` and `text/plain` name none: the first is our own format as well as Pinboard's, and
    /// anything at all is sent as the second. [`detect`](Self::detect) has to decide then.
    #[must_use]
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        [("text/html", Self::Html), ("text/csv", Self::Csv), ("text/uri-list", Self::Urls)]
            .into_iter()
            .find(|(name, _)| essence.eq_ignore_ascii_case(name))
            .map(|(_, format)| format)
    }

    /// Guesses the format by the beginning of a file: a few hundred bytes are enough, fewer may do.
    #[must_use]
    pub fn detect(start: &[u8]) -> Option<Self> {
        let start = start.strip_prefix(BOM).unwrap_or(start);
        let text = start.trim_ascii_start();
        match text {
            [b'<', b'!' | b'a'..=b'z' | b'A'..=b'Z', ..] => Some(Self::Html),
            [b'{', ..] => contains(text, b"\"taglink\"").then_some(Self::Json),
            [b'[', rest @ ..] => {
                matches!(rest.trim_ascii_start(), [] | [b'{' | b']', ..]).then_some(Self::Pinboard)
            }
            _ if csv::is_header(first_line(text)) => Some(Self::Csv),
            _ => is_list(text).then_some(Self::Urls),
        }
    }
}

fn first_line(text: &[u8]) -> &[u8] {
    text.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default()
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

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
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
        let cases: [(&[u8], Option<Format>); 19] = [
            (b"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n", Some(Format::Html)),
            (b"\xEF\xBB\xBF\r\n <html><h1>Unread</h1>", Some(Format::Html)),
            (b"<DL><p>", Some(Format::Html)),
            (b"{\n \"format\": \"taglink\", \"version\": 1", Some(Format::Json)),
            (b"{\"guid\":\"root________\"}", None),
            (b"[{\"href\":\"https://example.com\"}]", Some(Format::Pinboard)),
            (b"[\n]", Some(Format::Pinboard)),
            (b"[1, 2]", None),
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
