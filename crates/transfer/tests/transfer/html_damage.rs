//! A file that does not escape its titles and notes, or was cut off, loses no bookmark unless that is reported.

use taglink_transfer::Format;

use super::{fatal, options, rows, show};

/// A bookmark file of these rows.
fn file(rows: &str) -> String {
    format!("<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n{rows}\n</DL><p>\n")
}

/// A bookmark.
fn a(number: usize) -> String {
    titled(number, "t")
}

fn titled(number: usize, title: &str) -> String {
    format!("<DT><A HREF=\"https://a.example/{number}\">{title}</A>")
}

/// What is read, without the places and the host.
fn shown(file: &str) -> Vec<String> {
    let rows = rows(Some(Format::Html), &options(), file.as_bytes());
    let rows = rows.unwrap_or_else(|error| panic!("{file}: {error}"));
    let text = |row| show(row).replace("https://a.example/", "");
    let place = |row: &String| if row.starts_with(char::is_numeric) { " " } else { ": " };
    rows.iter().map(text).map(|row| row.split_once(place(&row)).unwrap().1.to_owned()).collect()
}

#[test]
fn markup_in_notes_is_text_and_hides_no_bookmark() {
    let notes = [
        "if a <b",
        "close </b and",
        "a <!-- comment",
        "a <!-- comment --> b",
        "<!doctype",
        "<?php echo",
        "<script>",
        "<style> <title> <textarea>",
        "quote \" and '",
        "<a href=\"https://b.example/",
        "<a href=\"https://b.example/\">b</a> and <i>c</i>",
        "the <dl>, <dt> and <dd> elements",
        "</dl> ends it",
        "<h3> heading",
        "</dd> ends it",
        "<img src=\"x",
        "<![CDATA[ x",
        "a < b && b > c",
        "<",
        "</",
    ];
    for note in notes {
        let file = file(&format!("{}\n<DD>{note}\n{}\n{}", a(1), a(2), a(3)));
        assert_eq!(shown(&file), [format!("1 [t] ({note})"), "2 [t]".into(), "3 [t]".into()], "{note}");
        let one_line = file.replace('\n', "");
        assert_eq!(
            shown(&one_line),
            [format!("1 [t] ({note})"), "2 [t]".into(), "3 [t]".into()],
            "{one_line}"
        );
    }
}

#[test]
fn markup_in_a_title_is_text_and_hides_no_bookmark() {
    let titles = [
        "about <!-- comments",
        "about <!-- comments -->",
        "About the <script> element",
        "a <b",
        "a </b",
        "PHP <?php echo",
        "<b>bold</b>",
        "How <a> works",
        "How <a href=\"https://b.example\">links</a> work",
        "the <dl> and <dt> elements",
        "</dl> and <dd>",
        "<title> and <textarea>",
        "<![CDATA[",
        "quote \" and '",
        "1 < 2",
        "close </a> tags",
        "closes </dl>",
        "closes </dd>",
        "<a href=x>x</a>",
        "<",
    ];
    for title in titles {
        let file = file(&format!("{}\n<DD>n\n{}\n{}", titled(1, title), a(2), titled(3, "<!-- x -->")));
        assert_eq!(
            shown(&file),
            [format!("1 [{title}] (n)"), "2 [t]".into(), "3 [<!-- x -->]".into()],
            "{title}"
        );
    }
}

#[test]
fn a_tag_that_is_not_closed_is_reported_and_hides_no_bookmark() {
    let unclosed = "the tag of the bookmark is not closed";
    let quote = "a quote in the bookmark's tag is missing, or too many";
    let cases = [
        ("<DT><A HREF=\"https://a.example/1>one</A>", unclosed),
        ("<DT><A HREF='https://a.example/1>one</A>", unclosed),
        ("<DT><A HREF=\"https://a.example/1\" TAGS=\"a,b>one</A>", unclosed),
        ("<DT><A HREF=\"https://a.example/1\" ADD_DATE='1>one</A>", unclosed),
        ("<DT><A HREF=\"https://a.example/1\" ICON=\"data:>one</A>", unclosed),
        ("<DT><A HREF=\"https://a.example/1\"", unclosed),
        ("<DT><A HREF=\"https://a.example/1 ADD_DATE=\"1500000000\">one</A>", quote),
        ("<DT><A HREF=\"https://a.example/?q=\"x\"\">one</A>", quote),
        ("<DT><A HREF=\"https://a.example/\"x\"\">one</A>", quote),
        ("<DT><A HREF=\"https://a.example/1\" TAGS=\"a \"b\" c\">one</A>", quote),
    ];
    for (row, reason) in cases {
        for end in ["\n", ""] {
            let file = file(&[row, &a(2), &a(3)].join(end));
            assert_eq!(shown(&file), [reason, "2 [t]", "3 [t]"], "{file}");
        }
        let last = file(&format!("{}\n{row}", a(2)));
        assert_eq!(shown(&last), ["2 [t]", reason], "{last}");
    }
    // Without lists, the next link begins within the value of the one before.
    let file = "<p><a href=\"https://a.example/1>one</a> <a href=\"https://a.example/2\">t</a></p>";
    assert_eq!(shown(file), [unclosed, "2 [t]"]);
}

#[test]
fn a_folder_whose_name_is_lost_is_reported() {
    let folder = format!("<DT><H3 ADD_DATE=\"1>Work</H3>\n<DL><p>\n{}\n</DL><p>\n{}", a(1), a(2));
    assert_eq!(
        shown(&file(&folder)),
        ["the tag of the folder is not closed, so it has no name", "1 [t]", "2 [t]"]
    );
    let folder = format!("<DT><H3>a <b & <!-- c</H3>\n<DL><p>\n{}\n</DL><p>", a(1));
    assert_eq!(shown(&file(&folder)), ["1 [t] #a <b & <!-- c"]);
}

#[test]
fn quotes_and_brackets_that_do_no_harm_are_read() {
    let cases = [
        ("<A HREF=\"https://a.example/1\"ADD_DATE=\"1500000000\">", "1 [t] since 2017-07-14T02:40:00Z"),
        ("<A HREF = \"https://a.example/1\" >", "1 [t]"),
        ("<A PRIVATE HREF=https://a.example/1>", "1 [t]"),
        ("<A HREF=https://a.example/a/ ID=x>", "a/ [t]"),
        ("<A TITLE=\"say \"hi\" to\" HREF=\"https://a.example/1\">", "1 [t]"),
        ("<A HREF=\"javascript:alert('<a href=x>')\">", "javascript:alert('<a href=x>') [t]"),
        ("<A HREF=\"https://a.example/1\" TAGS=\"a>b,<c\">", "1 [t] #a>b #<c"),
        ("<A\n  HREF=\"https://a.example/1\"\n  TAGS=\"a\"\n>", "1 [t] #a"),
    ];
    for (tag, row) in cases {
        assert_eq!(shown(&file(&format!("<DT>{tag}t</A>\n{}", a(2)))), [row, "2 [t]"], "{tag}");
    }
}

#[test]
fn a_title_that_is_not_closed_ends_where_the_next_tag_cannot_be_text() {
    let cases = [
        "<DT><A HREF=\"https://a.example/1\">one\n<DT><A HREF=\"https://a.example/2\">t</A>",
        "<DT><A HREF=\"https://a.example/1\">one<DT><A HREF=\"https://a.example/2\">t</A>",
        "<DT><A HREF=\"https://a.example/1\">one\n<DT><H3>F</H3>\n<DL><p></DL>\n<DT><A HREF=\"https://a.example/2\">t</A>",
    ];
    for rows in cases {
        assert_eq!(shown(&file(rows)), ["1 [one]", "2 [t]"], "{rows}");
    }
}

#[test]
fn a_comment_between_bookmarks_is_none_and_bookmarks_in_it_are_reported() {
    let with = |comment: &str| shown(&file(&format!("{}\n{comment}\n{}", a(1), a(2))));
    for comment in ["<!-- <b> -->", "<!-->", "<!--->", "<!-- a --!>", "<!-- a -- b -->"] {
        assert_eq!(with(comment), ["1 [t]", "2 [t]"], "{comment}");
    }
    let hidden = format!("<!--\n{}\n-->", a(3));
    assert_eq!(with(&hidden), ["the bookmark is in a comment", "1 [t]", "2 [t]"]);
}

#[test]
fn a_file_that_ends_within_something_is_damaged() {
    let whole = file(&format!("{}\n<DD>n\n{}", a(1), titled(2, "two")));
    let head = whole.find("<DT>").unwrap();
    let tail = whole.find("\n</DL>").unwrap();
    for end in head..whole.len() {
        let cut = &whole[..end];
        let read = rows(Some(Format::Html), &options(), cut.as_bytes());
        let rows: Vec<_> = read.iter().flatten().map(show).collect();
        // What is complete ends with a tag or a text, and then misses the end of the list.
        let is_told = rows.last().is_some_and(|row| row.contains("it may have been cut off"));
        assert!(read.is_err() || is_told || end > tail + "\n</DL".len(), "{cut}: {rows:?}");
    }
    let start = file(&a(1)).replace("\n</DL><p>\n", "");
    for (end, reason) in [
        ("\n<DT><A HREF=\"https://a.exam", "the file ends within a tag"),
        ("\n<DT><A HREF='https://a.exam", "the file ends within a tag"),
        ("\n<DT><A", "the file ends within a tag"),
        ("\n<DT", "the file ends within a tag"),
        ("\n<", "the file ends within a tag"),
        ("\n</DL", "the file ends within a tag"),
        ("\n<DD>text <", "the file ends within a tag"),
        ("\n<!-- comment", "the file ends within a comment"),
        ("\n<DT><A HREF=\"https://a.example/2\">tit", "the file ends within the title of a bookmark"),
        ("\n<DT><A HREF=\"https://a.example/2\">title</", "the file ends within a tag"),
        ("\n<DT><H3>fold", "the file ends within the name of a folder"),
    ] {
        assert!(fatal(Format::Html, format!("{start}{end}").as_bytes()).ends_with(reason), "{end}");
    }
}

#[test]
fn references_in_addresses_are_decoded_only_if_they_are_closed() {
    for (href, url) in [
        ("?a&reg_id=4", "?a&reg_id=4"),
        ("?a&para-x=5", "?a&para-x=5"),
        ("?a&copy", "?a&copy"),
        ("?a&copy=1&lt=2&amp=3", "?a&copy=1&lt=2&amp=3"),
        ("?a&amp;b=1&#38;c&#x26;d", "?a&b=1&c&d"),
        ("?a&sect;", "?a§"),
        ("?a&#169", "?a&#169"),
        ("?a&notit;", "?a&notit;"),
        ("?a&sect.x&micro/&yen", "?a&sect.x&micro/&yen"),
    ] {
        let tag = format!("<DT><A HREF=\"https://a.example/{href}\">t</A>");
        assert_eq!(shown(&file(&tag)), [format!("{url} [t]")], "{href}");
        let plain = format!("<DT><A HREF=https://a.example/{href}>t</A>");
        assert_eq!(shown(&file(&plain)), [format!("{url} [t]")], "{href}");
    }
}

#[test]
fn a_date_that_cannot_be_read_is_that_of_the_import_and_is_reported() {
    let dated = |date: &str| {
        shown(&file(&format!("<DT><A HREF=\"https://a.example/1\" ADD_DATE=\"{date}\">t</A>"))).join(" / ")
    };
    for date in
        ["1700000000", "1700000000000", "1700000000000000", "13344473600000000", "2023-11-14T22:13:20Z"]
    {
        assert_eq!(dated(date), "1 [t] since 2023-11-14T22:13:20Z", "{date}");
    }
    for date in ["", "0", " "] {
        assert_eq!(dated(date), "1 [t]", "{date}");
    }
    for date in ["-11644473600", "invaliddate", "1e9", "99999999999", "1"] {
        let told =
            format!("ADD_DATE is no date from 1990 to today: {date}; the date is that of the import / 1 [t]");
        assert_eq!(dated(date), told);
    }
}

#[test]
fn a_declared_character_set_is_decoded() {
    let text = "<DL><p>\n<DT><A HREF=\"https://a.example/1\">Größe</A>\n<DT><A HREF=\"https://a.example/2\" TAGS=\"Größe\">t</A>\n\
        <DD>Größe\n</DL><p>\n";
    let meta = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; charset=windows-1252\">\n";
    let latin: Vec<u8> =
        format!("{meta}{text}").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let expected = ["3 https://a.example/1 [Größe]", "4 https://a.example/2 [t] (Größe) #Größe"];
    let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}<!DOCTYPE NETSCAPE-Bookmark-file-1>\n\n{text}")
            .encode_utf16()
            .flat_map(bytes)
            .collect()
    };
    for file in [latin, utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)] {
        let rows = |format| rows(format, &options(), file.as_slice()).unwrap();
        assert_eq!(
            rows(Some(Format::Html)).iter().map(show).map(|row| row[2..].to_owned()).collect::<Vec<_>>(),
            expected.map(|row| row[2..].to_owned())
        );
        assert_eq!(rows(None).len(), 2);
    }
    let declared = super::ReadOptions { charset: Some("shift_jis".into()), ..options() };
    let read = rows(None, &declared, b"url,title\nhttps://a.example,\x93\xfa\x96\x7b\n".as_slice()).unwrap();
    assert_eq!(read.iter().map(show).collect::<Vec<_>>(), ["2 https://a.example [日本]"]);
    for label in ["utf-7", "klingon"] {
        let declared = super::ReadOptions { charset: Some(label.into()), ..options() };
        assert!(rows(None, &declared, b"url\n".as_slice()).unwrap_err().to_string().contains(label));
    }
}
