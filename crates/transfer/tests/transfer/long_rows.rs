//! Memory is bounded: a row that is too long is reported and passed over, or ends the reading.

use std::io::Read;

use taglink_transfer::{Format, ReadOptions};

use super::{options, rows, show};

const MANY: u64 = 10 * 1024 * 1024;

/// Reads `before`, ten million bytes that are never in memory all at once, and `after`.
fn shown(format: Format, before: &str, byte: u8, after: &str) -> Result<Vec<String>, String> {
    let many = std::io::repeat(byte).take(MANY);
    let file = before.as_bytes().chain(many).chain(after.as_bytes());
    let rows = rows(Some(format), &options(), file).map_err(|error| error.to_string())?;
    Ok(rows.iter().map(show).collect())
}

const TOO_LONG: &str = "is longer than 1048576 bytes";

#[test]
fn html_may_be_too_long_in_the_address_the_tags_the_title_and_the_notes() {
    let next = "<DT><A HREF=\"http://b/\">b</A></DL>";
    let cases = [
        ("<DL><DT><A HREF=\"http://a/", "\">a</A>"),
        ("<DL><DT><A HREF=\"http://a/\" TAGS=\"", "\">a</A>"),
        ("<DL><DT><A HREF=\"http://a/\">", "</A>"),
        ("<DL><DT><A HREF=\"http://a/\">a</A><DD>", ""),
    ];
    for (before, after) in cases {
        assert_eq!(
            shown(Format::Html, before, b'a', &format!("{after}\n{next}")).unwrap(),
            [format!("bad 1: {TOO_LONG}"), "2 http://b/ [b]".into()]
        );
    }
}

#[test]
fn html_may_have_anything_long_that_does_not_matter() {
    let cases = [
        ("<DL><DT><A ICON=\"data:", "\" HREF=\"http://b/\">b</A></DL>"),
        ("<DL><DT><A ", "=1 HREF=\"http://b/\">b</A></DL>"),
        ("<DL><!--", "--><DT><A HREF=\"http://b/\">b</A></DL>"),
        ("<DL><", "><DT><A HREF=\"http://b/\">b</A></DL>"),
        ("<!DOCTYPE ", "><DT><A HREF=\"http://b/\">b</A>"),
        ("<DL>", "<DT><A HREF=\"http://b/\">b</A></DL>"),
    ];
    for (before, after) in cases {
        assert_eq!(shown(Format::Html, before, b'a', after).unwrap(), ["1 http://b/ [b]"], "{before}");
    }
}

#[test]
fn a_row_of_a_table_and_a_value_of_json_end_the_reading_if_they_are_far_too_long() {
    let (csv, json) = ("url,title\nhttp://a/,", "{\"format\":\"taglink\",\"version\":1,\"tags\":[");
    for (format, before, byte, after) in [
        (Format::Csv, csv.to_owned(), b'a', "\nhttp://b/,b\n"),
        (Format::Csv, csv.to_owned(), b',', "\nhttp://b/,b\n"),
        (Format::Csv, format!("{csv}\""), b'"', "\"\nhttp://b/,b\n"),
        (Format::Json, format!("{json}\""), b'a', "\"],\"links\":[]}"),
    ] {
        let error = shown(format, &before, byte, after).unwrap_err();
        assert!(
            error.starts_with("the file is damaged") && error.ends_with("longer than 4194304 bytes"),
            "{error}"
        );
    }
    assert_eq!(shown(Format::Csv, "url\n", b'\n', "http://b/\n").unwrap().len(), 1, "blank lines are no row");
    let ignored = format!("{json}],\"more\":\"");
    assert_eq!(shown(Format::Json, &ignored, b'a', "\",\"links\":[]}").unwrap(), [""; 0]);
    let kept = "[{\"is_archived\":0,\"url\":\"http://a/\",\"content\":\"";
    assert_eq!(shown(Format::Wallabag, kept, b'a', "\"}]").unwrap().len(), 2, "an article may be long");
}

#[test]
fn a_row_that_is_a_little_too_long_hides_no_others() {
    let long = "a".repeat(2 * 1024 * 1024);
    let file = format!("url,title\nhttp://a/,{long}\nhttp://b/,b\n");
    let rows = rows(Some(Format::Csv), &options(), file.as_bytes()).unwrap();
    assert_eq!(
        rows.iter().map(show).collect::<Vec<_>>(),
        [format!("bad 2: {TOO_LONG}"), "3 http://b/ [b]".into()]
    );
}

#[test]
fn lists_may_have_too_long_lines() {
    let rows = [format!("bad 1: {TOO_LONG}"), "2 http://b/".into()];
    assert_eq!(shown(Format::Urls, "http://a/", b'a', "\nhttp://b/").unwrap(), rows);
    assert_eq!(shown(Format::Urls, "#", b'a', "\nhttp://b/").unwrap(), ["2 http://b/"]);
}

#[test]
fn a_row_may_be_as_long_as_the_limit() {
    let options = ReadOptions { max_row_bytes: 8, ..options() };
    let cases: [(Format, &[u8]); 4] = [
        (Format::Urls, b"12345678\n123456789\n12345678"),
        (Format::Csv, b"url\n12345678,\n12345678,9\n12345678"),
        (Format::Html, b"<DL><a href=1234>5678</a><a href=1234>56789</a><a href=12345678></a></DL>"),
        (
            Format::Html,
            b"<DL><a href=1>5678</a><dd>678<DT><a href=1>5678</a><dd>6789<dt><a href=1 tags=2345678></a></DL>",
        ),
    ];
    for (format, file) in cases {
        let shown: Vec<_> = super::shown_with(&options, format, file);
        let good: Vec<_> = shown.iter().map(|row| !row.starts_with("bad")).collect();
        assert_eq!(good, [true, false, true], "{}: {shown:?}", String::from_utf8_lossy(file));
    }
}

/// Files that would take hours if something in them were looked at again and again.
#[test]
fn no_file_is_read_more_than_a_few_times() {
    const COUNT: usize = 30_000;
    let pieces = [
        "<",
        "<a",
        "<a ",
        "<a href=\"",
        "<a href='",
        "<A HREF=\"<A HREF='",
        "<!--",
        "<!",
        "<dt>",
        "<dt>\n",
        "<dl>",
        "</dl>",
        "<dt><a href=x>",
        "<dt><a href=\"x\"><a>",
        "<a href=x><dl>",
        "<dd>",
        "<dd><",
        "\n",
        "\n<dt>",
        "&",
        "&#",
        "&a;",
        "&amp;",
        "=\"",
        "= ",
        "<h3>",
        "<h3><dl>",
        "<li><a href=x>",
        "<br>",
        "\0",
        "é",
        "-",
        "--",
        "<a b=c ",
        "<p/",
    ];
    for piece in pieces {
        for start in ["", "<DL><DT><A HREF=\"http://a/\">", "<A X=\""] {
            let file = start.to_owned() + &piece.repeat(COUNT);
            let _ = rows(Some(Format::Html), &options(), file.as_bytes());
        }
    }
    for (format, start, piece) in [
        (Format::Csv, "url\n", "\""),
        (Format::Csv, "url\n", "\"\""),
        (Format::Csv, "url,tags\nx,", ","),
        (Format::Csv, "url,tags\nx,", "[\"a\","),
        (Format::Csv, "url\n", "\n"),
        (Format::Pinboard, "", "["),
        (Format::Pinboard, "[", "{},"),
        (Format::Pinboard, "[", "{\"href\":1},"),
        (Format::Pinboard, "[{\"tags\":[", "\"a\","),
        (Format::Chrome, "{\"roots\":{\"other\":{\"children\":[", "{\"children\":[]},"),
        (Format::Urls, "", "\n"),
        (Format::Urls, "", "#\n"),
    ] {
        let file = start.to_owned() + &piece.repeat(COUNT);
        let _ = rows(Some(format), &options(), file.as_bytes());
    }
}
