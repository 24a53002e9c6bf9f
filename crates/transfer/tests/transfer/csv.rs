//! Comma-separated values, in the style of each program that exports them.

use taglink_transfer::{Folders, Format};

use super::{fatal, shown, shown_with, with_crlf};

#[test]
fn raindrop_has_notes_excerpts_and_paths_of_folders() {
    let file = include_str!("../fixtures/raindrop.csv");
    let rows = [
        "2 https://doc.rust-lang.org/rust-by-example/ [Rust by Example] (Learn Rust with examples) \
         #rust #programming since 2024-03-15T09:30:00Z",
        "3 https://example.com/two [Quoted \"title\", with comma] (First line\nsecond line) #Work/Tools \
         since 2024-03-16T09:30:00.250000Z",
    ];
    assert_eq!(shown(Format::Csv, file.as_bytes()), rows);
    assert_eq!(shown(Format::Csv, format!("\u{feff}{file}").as_bytes()), rows);
    let crlf = shown(Format::Csv, with_crlf(file).as_bytes()).join("\n");
    assert_eq!(crlf.replace("\r\n", "\n"), rows.join("\n"), "line ends within cells are kept");
    assert!(!shown_with(Format::Csv, Folders::Ignore, file.as_bytes()).join("").contains("#Work"));
}

#[test]
fn pocket_separates_tags_with_bars() {
    assert_eq!(
        shown(Format::Csv, include_bytes!("../fixtures/pocket.csv")),
        [
            "2 https://example.com/c [Hello, world] #a #b c since 2020-10-05T12:13:20Z",
            "3 https://example.com/d [https://example.com/d] since 2020-10-05T12:15:00Z",
            "bad 4: url is missing",
        ]
    );
}

#[test]
fn instapaper_has_tags_in_json() {
    assert_eq!(
        shown(Format::Csv, include_bytes!("../fixtures/instapaper.csv")),
        [
            "2 https://example.com/a [Title A] (a quote) #coding #a, b since 2023-11-14T22:13:20Z",
            "3 https://example.com/b [Title B] #Reading since 2023-11-14T22:15:00Z",
        ]
    );
}

#[test]
fn columns_may_come_in_any_order_and_case_with_others_and_none_but_the_address_is_needed() {
    assert_eq!(shown(Format::Csv, b"URL\nhttp://a/\n\r\n\n http://b/ "), ["2 http://a/", "5 http://b/"]);
    assert_eq!(
        shown(Format::Csv, b"Rank, TAGS ,Description,Link\n1,a;b,text,http://a/\n2\n3,,,http://c/,more\n"),
        ["2 http://a/ (text) #a #b", "bad 3: url is missing", "4 http://c/"]
    );
    assert_eq!(
        shown(Format::Csv, b"url,updated_at,date\nhttp://a/,1700000000,2023-11-14T22:13:20+01:00\n"),
        ["2 http://a/ since 2023-11-14T21:13:20Z changed 2023-11-14T22:13:20Z"]
    );
}

#[test]
fn a_bad_cell_is_a_bad_row_and_hides_no_others() {
    assert_eq!(
        shown(
            Format::Csv,
            b"url,title,created\nhttp://a/,\xFF,\nhttp://b/,,yesterday\nhttp://c/,\"c,\nd\"\nhttp://d/"
        ),
        [
            "bad 2: title is not UTF-8",
            "bad 3: created_at is neither RFC 3339 nor a number of seconds: yesterday",
            "4 http://c/ [c,\nd]",
            "6 http://d/",
        ]
    );
}

#[test]
fn a_mark_against_formulas_is_taken_away() {
    assert_eq!(
        shown(Format::Csv, b"url,title,notes\nhttp://a/,'=1+1,'tis\nhttp://b/,''@,=x\n"),
        ["2 http://a/ [=1+1] ('tis)", "3 http://b/ ['@] (=x)"]
    );
}

#[test]
fn a_file_without_a_usable_header_is_refused() {
    for file in ["", "\n\n", "title,notes\na,b\n", "https://example.com/\n", "url;title\nhttp://a/;a\n"] {
        let error = fatal(Format::Csv, file.as_bytes());
        assert!(error.starts_with("not a file of the format csv"), "{error}");
    }
}
