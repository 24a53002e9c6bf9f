//! Comma-separated values, in the style of each program that exports them.

use taglink_transfer::Format;

use super::{fatal, plain, shown, shown_with, with_crlf};

#[test]
fn raindrop_has_notes_excerpts_and_paths_of_folders() {
    let file = include_str!("../fixtures/raindrop.csv");
    let rows = [
        "2 https://doc.rust-lang.org/rust-by-example/ [Rust by Example] (Learn Rust with examples) \
         #rust #programming since 2024-03-15T09:30:00Z",
        "3 https://example.com/two [Quoted \"title\", with comma] (First line\nsecond line\n\nNot used) #Work/Tools \
         #state/favorite since 2024-03-16T09:30:00.250000Z",
    ];
    assert_eq!(shown(Format::Csv, file.as_bytes()), rows);
    assert_eq!(shown(Format::Csv, format!("\u{feff}{file}").as_bytes()), rows);
    let crlf = shown(Format::Csv, with_crlf(file).as_bytes()).join("\n");
    assert_eq!(crlf.replace("\r\n", "\n"), rows.join("\n"), "line ends within cells are kept");
    assert!(!shown_with(&plain(), Format::Csv, file.as_bytes()).join("").contains("#Work"));
}

#[test]
fn pocket_separates_tags_with_bars() {
    assert_eq!(
        shown(Format::Csv, include_bytes!("../fixtures/pocket.csv")),
        [
            "2 https://example.com/c [Hello, world] #a #b c #state/unread since 2020-10-05T12:13:20Z",
            "3 https://example.com/d [https://example.com/d] #state/archived since 2020-10-05T12:15:00Z",
            "bad 4: url is missing",
        ]
    );
}

#[test]
fn instapaper_has_tags_in_json() {
    assert_eq!(
        shown(Format::Csv, include_bytes!("../fixtures/instapaper.csv")),
        [
            "2 https://example.com/a [Title A] (a quote) #coding #a, b #state/archived since 2023-11-14T22:13:20Z",
            "3 https://example.com/b [Title B] #Reading since 2023-11-14T22:15:00Z",
        ]
    );
}

#[test]
fn columns_may_come_in_any_order_and_case_with_others_and_none_but_the_address_is_needed() {
    assert_eq!(shown(Format::Csv, b"URL\nhttp://a/\n\r\n\n http://b/ "), ["2 http://a/", "5 http://b/"]);
    assert_eq!(
        shown(Format::Csv, b"Rank, TAGS ,Description,Link\n1,a;b,text,http://a/\n2\n3,,,http://c/,more\n"),
        [
            "2 http://a/ (text) #a #b",
            "bad 3: url is missing",
            "4 http://c/",
            "note 2: from here on, the file holds what has no place here and was left out: Rank",
        ]
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
            "bad 2: title is not UTF-8, or not in the character set that the file declares",
            "note 3: created is no date from 1990 to today: yesterday; the date is that of the import",
            "3 http://b/",
            "note 4: the row has 2 of 3 cells",
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
    for file in ["", "\n\n", "title,notes\na,b\n", "https://example.com/\n"] {
        let error = fatal(Format::Csv, file.as_bytes());
        assert!(error.starts_with("not a file of the format csv"), "{error}");
    }
}

#[test]
fn a_file_that_ends_within_a_quoted_cell_is_damaged() {
    for (file, line) in [
        ("url,title\nhttps://a.example/5,\"abc", 2),
        ("url,title\nhttps://a.example/5,\"abc\n", 2),
        ("url,title\nhttps://a.example/5,\"abc\"\"", 2),
        ("url,title\nhttps://a.example/5,\"", 2),
        ("url,title\n\nhttps://a.example/5,t\nhttps://a.example/6,\"abc\nhttps://a.example/7,t\n", 4),
    ] {
        assert_eq!(
            fatal(Format::Csv, file.as_bytes()),
            format!("the file is damaged at line {line}: the file ends within a quoted cell"),
            "{file}"
        );
    }
}

#[test]
fn a_quote_that_is_not_doubled_does_not_hide_the_next_rows() {
    let damaged = "a quote within a quoted cell is not doubled, or the cell is not closed";
    for file in [
        "url,title\nhttps://a.example/1,\"abc\nhttps://a.example/2,t\nhttps://a.example/3,\"x\"\n",
        "url,title\nhttps://a.example/1,\"say \"hi\"\"\n",
    ] {
        assert!(fatal(Format::Csv, file.as_bytes()).ends_with(damaged), "{file}");
    }
    let good = "url,title\nhttps://a.example/1,5\" disk\nhttps://a.example/2,\"a \"\"b\"\"\" \n";
    assert_eq!(
        shown(Format::Csv, good.as_bytes()),
        ["2 https://a.example/1 [5\" disk]", "3 https://a.example/2 [a \"b\" ]"]
    );
}

#[test]
fn cells_may_be_separated_by_semicolons_or_tabs() {
    for file in [
        "url;title;tags\nhttp://a/;A, B;x,y\n",
        "url\ttitle\ttags\nhttp://a/\tA, B\tx,y\n",
        "sep=;\r\nurl;title;tags\r\nhttp://a/;A, B;x,y\r\n",
    ] {
        let shown = shown(Format::Csv, file.as_bytes());
        assert!(shown[0].ends_with("http://a/ [A, B] #x #y"), "{shown:?}");
    }
}

#[test]
fn a_date_is_read_as_utc_or_reported_and_never_costs_the_link() {
    let dated = |date: &str| {
        shown(Format::Csv, format!("url,title,created\nhttp://a/,t,{date}\n").as_bytes()).join(" / ")
    };
    for date in ["2023-11-14 22:13:20", "2023-11-14T22:13:20", "2023-11-14T22:13:20Z", "1700000000.0"] {
        assert_eq!(dated(date), "2 http://a/ [t] since 2023-11-14T22:13:20Z", "{date}");
    }
    for date in ["-11644473600", "14.11.2023", "yesterday"] {
        let told = format!(
            "note 2: created is no date from 1990 to today: {date}; the date is that of the import / 2 http://a/ [t]"
        );
        assert_eq!(dated(date), told);
    }
}
