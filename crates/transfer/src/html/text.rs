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

/// A text as it stands between tags. HTML knows no NUL, and would make a newline of a carriage return.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            '\0' => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A text as it stands between quotes: in one line, because browsers read bookmark files by lines.
pub(super) fn escaped_attribute(text: &str) -> String {
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
        assert_eq!(escaped_attribute("a\r\nb"), "a&#13;&#10;b");
    }
}
