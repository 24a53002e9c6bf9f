//! Memory is bounded: a row that is too long is told and passed over.

use std::io::{BufReader, Read};

use taglink_transfer::{Format, ReadOptions, Reader, Row};

use super::show;

const MANY: u64 = 10 * 1024 * 1024;

/// Reads `before`, ten million bytes that are never in memory all at once, and `after`.
fn shown(format: Format, before: &str, byte: u8, after: &str) -> Vec<String> {
    let many = std::io::repeat(byte).take(MANY);
    let file = BufReader::new(before.as_bytes().chain(many).chain(after.as_bytes()));
    let rows: Result<Vec<Row>, _> = Reader::new(format, ReadOptions::default(), file).collect();
    rows.unwrap_or_else(|error| panic!("{error}")).iter().map(show).collect()
}

const TOO_LONG: &str = "is longer than 1048576 bytes";

#[test]
fn html_may_be_too_long_in_the_address_the_tags_the_title_and_the_notes() {
    let next = "<DT><A HREF=\"http://b/\">b</A>";
    let cases = [
        ("<DL><DT><A HREF=\"http://a/", "\">a</A>"),
        ("<DL><DT><A HREF=\"http://a/\" TAGS=\"", "\">a</A>"),
        ("<DL><DT><A HREF=\"http://a/\">", "</A>"),
        ("<DL><DT><A HREF=\"http://a/\">a</A><DD>", ""),
    ];
    for (before, after) in cases {
        assert_eq!(
            shown(Format::Html, before, b'a', &format!("{after}\n{next}")),
            [format!("bad 1: {TOO_LONG}"), "2 http://b/ [b]".into()]
        );
    }
}

#[test]
fn html_may_have_anything_long_that_does_not_matter() {
    let cases = [
        ("<DL><DT><A ICON=\"data:", "\" HREF=\"http://b/\">b</A>"),
        ("<DL><DT><A ", "=1 HREF=\"http://b/\">b</A>"),
        ("<DL><!--", "--><DT><A HREF=\"http://b/\">b</A>"),
        ("<DL><", "><DT><A HREF=\"http://b/\">b</A>"),
        ("<!DOCTYPE ", "><DT><A HREF=\"http://b/\">b</A>"),
        ("<DL>", "<DT><A HREF=\"http://b/\">b</A>"),
    ];
    for (before, after) in cases {
        assert_eq!(shown(Format::Html, before, b'a', after), ["1 http://b/ [b]"], "{before}");
    }
}

#[test]
fn csv_may_have_too_many_bytes_or_cells() {
    let head = "url,title\nhttp://a/,";
    let rows = [format!("bad 2: {TOO_LONG}"), "3 http://b/ [b]".into()];
    assert_eq!(shown(Format::Csv, head, b'a', "\nhttp://b/,b\n"), rows);
    assert_eq!(shown(Format::Csv, head, b',', "\nhttp://b/,b\n"), rows);
    assert_eq!(shown(Format::Csv, &format!("{head}\""), b'"', "\"\nhttp://b/,b\n"), rows);
}

#[test]
fn json_may_have_too_long_elements_and_members() {
    let rows = [format!("bad 1: {TOO_LONG}"), "2 b".into()];
    assert_eq!(shown(Format::Pinboard, "[{\"href\":\"", b'a', "\"}, {\"href\": \"b\"}]"), rows);
    assert_eq!(shown(Format::Pinboard, "[", b'a', ", {\"href\": \"b\"}]"), rows);
    let head = "{\"format\":\"taglink\",\"version\":1,\"tags\":[";
    assert_eq!(
        shown(Format::Json, &format!("{head}\""), b'a', "\"],\"links\":[]}"),
        [format!("bad 1: tag: {TOO_LONG}")]
    );
    assert_eq!(shown(Format::Json, &format!("{head}],\"more\":\""), b'a', "\",\"links\":[]}"), [""; 0]);
}

#[test]
fn lists_may_have_too_long_lines() {
    let rows = [format!("bad 1: {TOO_LONG}"), "2 http://b/".into()];
    assert_eq!(shown(Format::Urls, "http://a/", b'a', "\nhttp://b/"), rows);
    assert_eq!(shown(Format::Urls, "#", b'a', "\nhttp://b/"), ["2 http://b/"]);
}

#[test]
fn a_row_may_be_as_long_as_the_limit() {
    let options = ReadOptions { max_row_bytes: 8, ..ReadOptions::default() };
    let cases: [(Format, &[u8]); 4] = [
        (Format::Urls, b"12345678\n123456789\n12345678"),
        (Format::Csv, b"url\n1234567,\n12345678,9\n12345678"),
        (Format::Html, b"<DL><a href=1234>5678</a><a href=1234>56789</a><a href=12345678></a>"),
        (
            Format::Html,
            b"<DL><a href=1>5678<dd>678</a><DT><a href=1>5678<dd>6789<dt><a href=1 tags=2345678></a>",
        ),
    ];
    for (format, file) in cases {
        let rows: Vec<_> = super::rows(format, options, file).unwrap();
        let good: Vec<_> = rows.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, false, true], "{}: {rows:?}", String::from_utf8_lossy(file));
    }
}
