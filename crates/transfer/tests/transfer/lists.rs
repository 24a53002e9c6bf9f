//! Plain lists, and the JSON of Pinboard.

use taglink_transfer::Format;

use super::{fatal, shown, with_crlf};

#[test]
fn blank_lines_and_comments_are_skipped() {
    let file = include_str!("../fixtures/urls.txt");
    let rows = [
        "3 https://example.com/1",
        "4 http://example.com/2",
        "6 ftp://example.com/file",
        "7 https://example.com/éà",
    ];
    for file in [file.to_owned(), with_crlf(file), format!("\u{feff}{}", file.trim_end())] {
        assert_eq!(shown(Format::Urls, file.as_bytes()), rows);
    }
    assert_eq!(shown(Format::Urls, b""), [""; 0]);
    assert_eq!(shown(Format::Urls, b"a\n\xFF\nb"), ["1 a", "bad 2: the line is not UTF-8", "3 b"]);
}

#[test]
fn pinboard_is_read_element_by_element() {
    assert_eq!(
        shown(Format::Pinboard, include_bytes!("../fixtures/pinboard.json")),
        [
            "1 https://example.com/p [Pinboard 📌] (Some \"notes\"\nin two lines) #archive #python \
             since 2017-05-05T20:31:24Z",
            "2 https://example.com/q since 2017-05-06T20:31:24Z",
            "bad 3: missing field `href`",
            "bad 4: time is neither RFC 3339 nor a number of seconds: last year",
            "5 https://example.com/s [S]",
        ]
    );
    assert_eq!(shown(Format::Pinboard, b"\xEF\xBB\xBF [ ] \n"), [""; 0]);
}

#[test]
fn a_broken_element_hides_no_others_but_a_broken_array_ends_the_reading() {
    assert_eq!(
        shown(
            Format::Pinboard,
            br#"[{"href":}, 1, {"href":"\ud800"}, {"href":"http://a/","tags":[]}, {"href":"b"}]"#
        ),
        [
            "bad 1: expected value",
            "bad 2: invalid type: integer `1`, expected struct Post",
            "bad 3: unexpected end of hex escape",
            "bad 4: not a text: []",
            "5 b",
        ]
    );
    for (file, error) in [
        ("", "not a file of the format pinboard: it is not a JSON array"),
        ("{}", "not a file of the format pinboard: it is not a JSON array"),
        ("[\n{\"href\":\"a\"},\n", "the file is damaged at line 3: the file ends too early"),
        ("[{\"href\":\"a\"} {\"href\":\"b\"}]", "the file is damaged at line 1: a comma is missing"),
        ("[] x", "the file is damaged at line 1: something comes after the end"),
    ] {
        assert_eq!(fatal(Format::Pinboard, file.as_bytes()), error);
    }
}
