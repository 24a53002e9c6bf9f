//! Texts of HTML: how they are escaped, and how white space in them counts.

/// What a title is, of the text that stands in the file: without white space at its ends, and in one line.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut rest = text.trim_ascii();
    while let Some(start) = rest.find(|c: char| c.is_ascii_whitespace()) {
        let (before, after) = rest.split_at(start);
        let next = after.trim_ascii_start();
        let space = after.strip_suffix(next).unwrap_or_default();
        line.push_str(before);
        line.push_str(if space.contains(['\r', '\n']) { " " } else { space });
        rest = next;
    }
    line.push_str(rest);
    line
}

/// A text as it stands between tags. HTML knows no NUL, and would make a newline of a carriage return; blanks at the ends
/// and the marks of linkding would be read as something else if they stood there as they are.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let inner = text.trim_ascii();
    let start = text.len() - text.trim_ascii_start().len();
    for (index, c) in text.char_indices() {
        let is_outer = index < start || index >= start + inner.len();
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            '\0' => escaped.push(char::REPLACEMENT_CHARACTER),
            '\t' if is_outer => escaped.push_str("&#9;"),
            '\n' if is_outer => escaped.push_str("&#10;"),
            '\x0c' if is_outer => escaped.push_str("&#12;"),
            ' ' if is_outer => escaped.push_str("&#32;"),
            c => escaped.push(c),
        }
    }
    escaped.replace("linkding-notes]", "linkding-notes&#93;")
}

/// A text as it stands between quotes, or in a title: in one line, because browsers read bookmark files by lines.
pub(super) fn escaped_line(text: &str) -> String {
    escaped(text).replace('\n', "&#10;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_with_a_line_break_becomes_a_space() {
        let cases = [
            (" a  b ", "a  b"),
            ("a \r\n\t b", "a b"),
            ("a\tb\nc", "a\tb c"),
            ("\n", ""),
            ("é\u{a0}\u{3000}", "é\u{a0}\u{3000}"),
        ];
        for (text, line) in cases {
            assert_eq!(one_line(text), line, "{text:?}");
        }
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(
            escaped("<a href=\"&amp;\">\r\n\0"),
            "&lt;a href=&quot;&amp;amp;&quot;&gt;&#13;\n\u{fffd}"
        );
        assert_eq!(escaped_line("a\r\nb"), "a&#13;&#10;b");
        assert_eq!(escaped(" a b\n"), "&#32;a b&#10;");
    }
}
