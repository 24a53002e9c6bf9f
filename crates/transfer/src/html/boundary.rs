//! What markup is, and what is text that only looks like it.
//!
//! Exporters that do not escape titles and notes leave `<`, `<!--` and quotes in them that never close. The HTML standard
//! lets these run over the bookmarks that follow. So only the tags that make up a bookmark file are markup, and within a
//! title, notes or a tag only where they cannot be text: those that begin a line, or that others follow at once.

/// A tag that bookmark files are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    List,
    ListEnd,
    Term,
    Details,
    DetailsEnd,
    Anchor,
    AnchorEnd,
    /// `<H3>`, the name of a folder.
    Heading,
    HeadingEnd,
    /// `<H1>`, the title of a page or of a part of it.
    Part,
    Rule,
    Item,
    Break,
}

/// How many bytes may be looked at to decide.
pub(super) const LOOK: usize = 256;

impl Tag {
    /// The tag that begins these bytes, and how long its name is, with the `<`.
    pub(super) fn at(bytes: &[u8]) -> Option<(Self, usize)> {
        let rest = bytes.strip_prefix(b"<")?;
        let length =
            rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'/').take(4).count();
        let name = rest.get(..length)?.trim_ascii_end();
        let is_ended = rest.get(length).is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b'>');
        // `<br/>` and `<p/>` as well.
        let name = name.strip_suffix(b"/").unwrap_or(name).to_ascii_lowercase();
        let tag = match name.as_slice() {
            b"dl" => Self::List,
            b"/dl" => Self::ListEnd,
            b"dt" => Self::Term,
            b"dd" => Self::Details,
            b"/dd" => Self::DetailsEnd,
            b"a" => Self::Anchor,
            b"/a" => Self::AnchorEnd,
            b"h3" => Self::Heading,
            b"/h3" | b"/h1" => Self::HeadingEnd,
            b"h1" => Self::Part,
            b"hr" => Self::Rule,
            b"li" => Self::Item,
            b"br" | b"p" | b"/p" => Self::Break,
            _ => return None,
        };
        is_ended.then_some((tag, length + 1))
    }

    /// Whether this tag, which begins `bytes`, ends the title, the notes or the tag that it stands in.
    pub(super) fn is_boundary(self, bytes: &[u8], begins_line: bool) -> bool {
        match self {
            Self::Term | Self::Item => {
                matches!(next(bytes), Next::Tag(Self::Anchor | Self::Heading))
            }
            Self::List | Self::ListEnd => begins_line || next(bytes) != Next::Text,
            Self::DetailsEnd => next(bytes) != Next::Text,
            Self::Details | Self::Rule | Self::Heading => begins_line,
            Self::Anchor | Self::AnchorEnd | Self::HeadingEnd | Self::Part | Self::Break => false,
        }
    }
}

/// What follows a tag, with nothing but blanks between.
#[derive(PartialEq, Eq)]
enum Next {
    Tag(Tag),
    End,
    /// Also the end of a title or a heading, which may follow a text.
    Text,
}

/// What follows the tag that begins `bytes`.
fn next(bytes: &[u8]) -> Next {
    let bytes = bytes.get(..LOOK.min(bytes.len())).unwrap_or_default();
    let mut parts = bytes.splitn(2, |byte| *byte == b'>').skip(1).map(<[u8]>::trim_ascii_start);
    match parts.next().map(|rest| (rest, Tag::at(rest))) {
        Some(([], _)) => Next::End,
        Some((_, Some((tag, _)))) if !matches!(tag, Tag::AnchorEnd | Tag::HeadingEnd) => Next::Tag(tag),
        _ => Next::Text,
    }
}

/// Whether the title that the `</A>` at the beginning of `bytes` seems to end goes on to another on the same line.
pub(super) fn goes_on(bytes: &[u8]) -> bool {
    let line = bytes.get(1..LOOK.min(bytes.len())).unwrap_or_default();
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let tag = |(index, _)| line.get(index..).and_then(Tag::at).map(|(tag, _)| tag);
    let mut tags = line.iter().enumerate().filter(|(_, byte)| **byte == b'<').filter_map(tag);
    tags.next() == Some(Tag::AnchorEnd)
}

/// Whether only blanks stand before what follows `text` on its line, if `before` tells it of what is before `text`.
pub(super) fn begins_line(before: bool, text: &[u8]) -> bool {
    let line = text.iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
    let rest = line.map_or(text, |end| text.get(end..).unwrap_or_default());
    (before || line.is_some()) && rest.trim_ascii().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_tags() {
        for (text, tag) in [
            ("<DT>", Some((Tag::Term, 3))),
            ("<a href", Some((Tag::Anchor, 2))),
            ("</A >", Some((Tag::AnchorEnd, 3))),
            ("<br/>", Some((Tag::Break, 4))),
            ("<a", Some((Tag::Anchor, 2))),
            ("<abbr>", None),
            ("<b", None),
            ("< dt>", None),
            ("<dtd>", None),
            ("a", None),
        ] {
            assert_eq!(Tag::at(text.as_bytes()), tag, "{text}");
        }
    }

    #[test]
    fn within_a_text_only_what_cannot_be_text_is_a_boundary() {
        for (text, begins_line, expected) in [
            ("<DT><A HREF=x>", false, true),
            ("<dt>\n  <h3>", false, true),
            ("<dt> element", true, false),
            ("<dl> element", false, false),
            ("<DL><p>", false, true),
            ("</DL>", false, true),
            ("</DL> element", true, true),
            ("<dd> element", false, false),
            ("<DD>notes", true, true),
            ("<a href=x>", true, false),
        ] {
            let (tag, _) = Tag::at(text.as_bytes()).unwrap();
            assert_eq!(tag.is_boundary(text.as_bytes(), begins_line), expected, "{text} {begins_line}");
        }
    }

    #[test]
    fn blanks_keep_the_beginning_of_a_line() {
        assert!(begins_line(false, b"text\n \t") && begins_line(true, b" ") && !begins_line(false, b" "));
        assert!(!begins_line(true, b"\n text") && !begins_line(true, b"x"));
    }
}
