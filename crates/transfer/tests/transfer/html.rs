//! Bookmark files, in the style of each program that exports them.

use taglink_transfer::Format;

use super::{fatal, plain, shown, shown_with, with_crlf};

const CHROME: &str = include_str!("../fixtures/chrome.html");

#[test]
fn chrome_has_folders_and_does_not_escape_addresses() {
    assert_eq!(
        shown(Format::Html, CHROME.as_bytes()),
        [
            "11 https://www.rust-lang.org/ [Rust] since 2021-01-20T11:33:00Z",
            "14 https://example.com/search?q=a&lang=de&copy=1 [Pâté <en croûte> 'maison'] #Café & Küche \
             since 2021-01-20T11:33:21Z",
            "17 https://ja.wikipedia.org/wiki/寿司 [寿司 - Wikipedia] #Café & Küche/日本 since 2021-01-20T11:33:22Z",
            "20 javascript:(function(){alert(\"hi\")})() [Bookmarklet] since 2021-01-20T11:33:23Z",
            "22 chrome://settings/ [Settings]",
        ]
    );
}

#[test]
fn folders_are_forgotten_if_so_wished() {
    let with_tags = shown_with(&plain(), Format::Html, CHROME.as_bytes());
    assert!(with_tags.len() == 5 && with_tags.iter().all(|row| !row.contains('#')));
}

#[test]
fn line_ends_and_a_byte_order_mark_do_not_matter() {
    for file in [with_crlf(CHROME), format!("\u{feff}{CHROME}"), CHROME.to_lowercase().to_uppercase()] {
        assert_eq!(shown(Format::Html, file.as_bytes()).len(), 5);
    }
    assert_eq!(shown(Format::Html, with_crlf(CHROME).as_bytes()), shown(Format::Html, CHROME.as_bytes()));
}

#[test]
fn firefox_has_tags_notes_separators_and_described_folders() {
    assert_eq!(
        shown(Format::Html, include_bytes!("../fixtures/firefox.html")),
        [
            "12 place:sort=8&maxResults=10 [Most Visited] since 2020-09-13T12:26:40Z changed 2020-09-13T12:26:40Z",
            "13 https://doc.rust-lang.org/book/ [The Rust Book] (Read it \"twice\".\nThen a third time.) \
             #rust #machine learning since 2020-09-13T12:26:41Z changed 2020-09-13T12:26:42Z",
            "19 https://example.com/soup [Soup] #Recipes since 2020-09-13T12:26:45Z changed 2020-09-13T12:26:46Z",
            "24 https://www.mozilla.org/ since 2020-09-13T12:26:47Z changed 2020-09-13T12:26:48Z",
            "bad 28: the bookmark has no HREF",
            "note 13: from here on, the file holds what has no place here and was left out: SHORTCUTURL, descriptions of \
             folders",
        ]
    );
}

#[test]
fn safari_has_no_list_around_its_folders_and_no_times() {
    assert_eq!(
        shown(Format::Html, include_bytes!("../fixtures/safari.html")),
        [
            "8 https://www.apple.com/ [Apple]",
            "12 https://example.com/%C3%A9t%C3%A9 [L’été] #Travel",
            "16 https://example.com/later [Later] #Reading List",
        ]
    );
}

#[test]
fn milliseconds_and_microseconds_are_understood() {
    assert_eq!(
        shown(Format::Html, include_bytes!("../fixtures/edge.html")),
        [
            "8 https://learn.microsoft.com/ [Learn] since 2022-04-15T05:20:02Z",
            "12 edge://favorites [Favorites] since 2022-04-15T05:20:03Z",
        ]
    );
}

#[test]
fn pinboard_has_notes_of_several_paragraphs() {
    assert_eq!(
        shown(Format::Html, include_bytes!("../fixtures/pinboard.html")),
        [
            "5 https://example.com/a?x=1&y=2 [An archive] (First line\n\nsecond & last line) \
             #archive #python #c++ #state/unread since 2017-05-04T20:33:20Z",
            "9 https://example.com/b [Nothing more] since 2017-05-04T20:33:21Z",
        ]
    );
}

#[test]
fn raindrop_has_collections() {
    assert_eq!(
        shown(Format::Html, include_bytes!("../fixtures/raindrop.html")),
        [
            "8 https://example.com/one [One] (A page about one) #to read #design #state/favorite \
             since 2023-03-28T10:40:01Z changed 2023-03-28T10:40:02Z",
            "15 https://example.com/two [Two] #Work/Tools since 2023-03-28T10:40:03Z changed 2023-03-28T10:40:04Z",
        ]
    );
}

#[test]
fn pocket_has_plain_lists() {
    assert_eq!(
        shown(Format::Html, include_bytes!("../fixtures/pocket.html")),
        [
            "11 https://example.com/essay [An essay] #long read #politics #state/unread since 2024-01-01T00:00:00Z",
            "15 https://example.com/untitled [https://example.com/untitled] #state/archived since 2024-01-02T00:00:00Z",
        ]
    );
}

#[test]
fn shaarli_has_links_within_notes_that_are_no_bookmarks() {
    assert_eq!(
        shown(Format::Html, include_bytes!("../fixtures/shaarli.html")),
        [
            "9 https://example.org/shaarli [Shaarli & friends] (See <a href=\"https://example.org/more\">more</a> and\n* one\n* two) \
             #opensource #self-hosted since 2024-01-15T09:00:00Z changed 2024-01-15T09:01:00Z",
            "16 https://example.org/?note [Note:] since 2024-01-15T09:01:40Z",
        ]
    );
}

#[test]
fn linkding_has_two_kinds_of_notes_and_unusual_line_ends() {
    let file = include_str!("../fixtures/linkding.html");
    let rows = [
        "https://example.com/x?a=1&b=2 [It's \"quoted\"] (A description\n\nMy **own** words) \
         #homelab #state/archived since 2023-07-22T04:26:40Z changed 2023-07-22T04:26:41Z",
        "https://example.com/y [Y] (Only mine) #state/unread since 2023-07-22T04:26:42Z changed 2023-07-22T04:26:42Z",
    ];
    for file in [file.to_owned(), file.replace('\n', "\n\r")] {
        let shown = shown(Format::Html, file.as_bytes());
        assert!(shown.iter().zip(rows).all(|(shown, row)| shown.ends_with(row)), "{shown:#?}");
        assert_eq!(shown.len(), rows.len());
    }
}

#[test]
fn of_broken_html_everything_is_read_that_can_be() {
    assert_eq!(
        shown(Format::Html, include_bytes!("../fixtures/broken.html")),
        [
            "2 https://example.com/no-dt [No quotes at   all] #a #b since 2020-09-13T12:26:40Z",
            "note 6: ADD_DATE is no date from 1990 to today: soon; the date is that of the import",
            "6 https://example.com/unclosed [Unclosed <b>bold</b> & co] #Never closed",
            "7 https://example.com/next [Next <!-- a comment -->one] (A note\nwith a <i>break</i></dd> outside) #Never closed",
            "bad 9: the bookmark has no HREF",
            "10 https://example.com/last [Last] (Cut off in the mid)",
        ]
    );
}

#[test]
fn a_heading_names_only_the_list_that_follows_it() {
    let file =
        b"<DL><H3>Heading</H3><A HREF=a>a</A><DL><A HREF=b>b</A></DL><H3>F</H3><DD>about<DL><A HREF=c>c</A></DL></DL>";
    assert_eq!(
        shown(Format::Html, file),
        [
            "1 a [a]",
            "1 b [b]",
            "1 c [c] #F",
            "note 1: from here on, the file holds what has no place here and was left out: descriptions of folders"
        ]
    );
}

#[test]
fn texts_that_are_not_utf_8_make_bad_rows_and_hide_no_others() {
    let file = b"<DL><DT><A HREF=\"http://a/\">caf\xE9</A>\n<DT><A HREF=\"http://b/\xFF\">b</A>\n\
        <DT><A HREF=\"http://c/\" TAGS=\"\xFF\">c</A>\n<DT><A HREF=\"http://d/\">d</A>\n<DD>\xFF\n\
        <DT><A HREF=\"http://e/\" ICON=\"\xFF\">e</A></DL>";
    assert_eq!(
        shown(Format::Html, file),
        [
            "bad 1: the title is not UTF-8, or not in the character set that the file declares",
            "bad 2: HREF is not UTF-8, or not in the character set that the file declares",
            "bad 3: TAGS is not UTF-8, or not in the character set that the file declares",
            "bad 4: the description is not UTF-8, or not in the character set that the file declares",
            "6 http://e/ [e]",
        ]
    );
}

#[test]
fn a_bookmark_file_may_be_empty_but_must_be_one() {
    for file in ["<!DOCTYPE NETSCAPE-Bookmark-file-1>", "<DL><p></DL>"] {
        assert_eq!(shown(Format::Html, file.as_bytes()), [""; 0]);
    }
    for file in ["", "url,title\n", "<p>Hello</p>", "{\"a\": 1}", "\u{0}\u{1}"] {
        let error = fatal(Format::Html, file.as_bytes());
        assert!(error.starts_with("not a file of the format html"), "{error}");
    }
}

#[test]
fn the_example_of_the_documentation_is_imported_without_a_problem() {
    assert_eq!(
        shown(Format::Html, include_bytes!("../../../../docs/examples/bookmarks.html")),
        [
            "6 https://www.rust-lang.org/ [Rust Programming Language] \
             (A language empowering everyone to build reliable and efficient software.) #rust #language \
             since 2021-01-20T11:33:00Z",
            "10 https://doc.rust-lang.org/book/ [The Rust Programming Language] #Work #state/unread \
             since 2021-01-20T11:33:21Z",
            "11 https://www.rfc-editor.org/rfc/rfc9110.html [RFC 9110: HTTP Semantics] #http #Work \
             since 2022-06-07T00:00:00Z",
        ]
    );
}
