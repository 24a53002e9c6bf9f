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
    assert_eq!(
        shown(Format::Urls, b"a\n\xFF\nb"),
        ["1 a", "bad 2: the line is not UTF-8, or not in the character set that the file declares", "3 b"]
    );
}

#[test]
fn pinboard_is_read_element_by_element() {
    assert_eq!(
        shown(Format::Pinboard, include_bytes!("../fixtures/pinboard.json")),
        [
            "1 https://example.com/p [Pinboard 📌] (Some \"notes\"\nin two lines) #archive #python \
             since 2017-05-05T20:31:24Z",
            "2 https://example.com/q #state/unread since 2017-05-06T20:31:24Z",
            "bad 3: has no URL as its href, url, uri or link",
            "note 4: time is no date from 1990 to today: last year; the date is that of the import",
            "4 https://example.com/r [R]",
            "5 https://example.com/s [S]",
            "note 2: from here on, the file holds what has no place here and was left out: shared",
        ]
    );
    assert_eq!(shown(Format::Pinboard, b"\xEF\xBB\xBF [ ] \n"), [""; 0]);
}

#[test]
fn an_element_that_is_none_hides_no_others_but_broken_json_ends_the_reading() {
    assert_eq!(
        shown(
            Format::Pinboard,
            br#"[{"a":1}, 1, {"href":"\ud800"}, {"href":"http://a/","tags":[]}, {"href":"b"}]"#
        ),
        [
            "bad 1: has no URL as its href, url, uri or link",
            "bad 2: invalid type: integer `1`, expected an object with a URL",
            "bad 3: has no URL as its href, url, uri or link",
            "4 http://a/",
            "5 b",
            "note 1: from here on, the file holds what has no place here and was left out: a",
        ]
    );
    for (file, error) in [
        ("[\n{\"href\":\"a\"},\n", "the file is damaged at line 3: the file ends too early"),
        ("[{\"href\":\"a\"} {\"href\":\"b\"}]", "the file is damaged at line 1: expected `,` or `]`"),
        ("[{\"href\":}]", "the file is damaged at line 1: expected value"),
        ("[] x", "the file is damaged at line 1: trailing characters"),
    ] {
        assert_eq!(fatal(Format::Pinboard, file.as_bytes()), error);
    }
}

#[test]
fn a_line_holds_one_url_and_what_else_it_holds_is_reported() {
    let blank = "a line holds one URL and nothing else; a URL has no blanks";
    for line in [
        "https://a.example/1 a title",
        "https://a.example/1\ttitle",
        "https://a.example/1\u{a0}x",
        "https://a.example/1\u{3000}x",
    ] {
        assert_eq!(
            shown(Format::Urls, format!("{line}\n").as_bytes()),
            [format!("bad 1: {blank}")],
            "{line}"
        );
    }
    for line in ["https://a.example/1,t", "https://a.example/1;t"] {
        let shown = shown(Format::Urls, format!("{line}\nhttps://a.example/2,u\n").as_bytes());
        assert!(shown[0].starts_with("note 1: the whole line is taken for the URL"), "{shown:?}");
        assert_eq!(shown.len(), 3, "once is enough");
    }
}
