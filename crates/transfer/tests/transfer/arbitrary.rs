//! Readers never panic and always come to an end, whatever they are given.

use std::io::{self, Read};

use proptest::prelude::*;
use taglink_transfer::{Format, ReadOptions};

/// A file that comes in pieces of three bytes.
struct Pieces<'a>(&'a [u8]);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(3);
        self.0.read(&mut buffer[..count])
    }
}

/// Reads to the end; the rows must be the same however the chunks fall.
fn read(format: Option<Format>, file: &[u8], max_row_bytes: usize) -> Result<Vec<String>, String> {
    let options = ReadOptions { max_row_bytes, ..super::options() };
    let shown = |rows: Result<Vec<_>, taglink_transfer::ReadError>| {
        rows.map(|rows| rows.iter().map(super::show).collect()).map_err(|error| error.to_string())
    };
    let whole = shown(super::rows(format, &options, file));
    assert_eq!(whole, shown(super::rows(format, &options, Pieces(file))));
    whole
}

fn read_as_everything(file: &[u8]) {
    // Those that are not named here are read as Pinboard's.
    let formats = [Format::Html, Format::Json, Format::Csv, Format::Urls, Format::Pinboard, Format::Chrome];
    for format in formats.into_iter().map(Some).chain([None]) {
        for max_row_bytes in [0, 30, 1 << 20] {
            let _ = read(format, file, max_row_bytes);
        }
    }
}

/// Bits that the formats are made of, in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "<DL>",
        "</DL>",
        "<DT>",
        "<DD>",
        "<A HREF=\"",
        "<A HREF=",
        "TAGS='",
        "ADD_DATE=1",
        "<H3>",
        "</H3>",
        "</A>",
        "<!--",
        "-->",
        "<!DOCTYPE ",
        "&amp",
        "&#0;",
        "&#x110000;",
        "&notit;",
        "<![CDATA[",
        "<title>",
        "<script>",
        "\"",
        "'",
        ">",
        "<",
        "/",
        "=",
        "\r\n",
        "\n",
        "\r",
        "\0",
        "url,",
        "title",
        ",",
        ";",
        "|",
        "[",
        "]",
        "{",
        "}",
        ":",
        "\\",
        "\\u",
        "{\"format\":\"taglink\",\"version\":1,",
        "\"tags\":[",
        "\"links\":[",
        "{\"href\":\"a\"}",
        "1e9",
        "null",
        "-",
        "http://a/",
        " ",
        "é",
        "\u{feff}",
        "#",
        "{\"roots\":{\"other\":",
        "\"children\":[",
        "\"links\":[",
        "\"tags\":",
        "\u{feff}",
        "charset=utf-16le",
        "[linkding-notes]",
        "[/linkding-notes]",
    ]);
    let piece = prop_oneof![
        9 => piece.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_the_end(file in prop::collection::vec(any::<u8>(), 0..400)) {
        read_as_everything(&file);
    }

    #[test]
    fn any_order_of_what_formats_are_made_of_is_read_to_the_end(file in pieces()) {
        read_as_everything(&file);
    }

    #[test]
    fn a_damaged_file_is_read_to_the_end(
        file in prop::sample::select(vec![
            include_bytes!("../fixtures/firefox.html").as_slice(),
            include_bytes!("../fixtures/broken.html"),
            include_bytes!("../fixtures/raindrop.csv"),
            include_bytes!("../fixtures/pinboard.json"),
            include_bytes!("../fixtures/taglink.json"),
        ]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        length in any::<prop::sample::Index>(),
    ) {
        let mut file = file.to_vec();
        for (index, byte) in damage {
            let index = index.index(file.len());
            file[index] = byte;
        }
        file.truncate(length.index(file.len() + 1));
        read_as_everything(&file);
    }
}

#[test]
fn folders_may_be_nested_without_end() {
    let file = "<DL><DT><H3>folder</H3>".repeat(100_000) + "<DT><A HREF=\"http://a/\">a</A>";
    let rows = read(Some(Format::Html), file.as_bytes(), 1 << 20).unwrap();
    assert!(rows.len() == 2 && rows[1].contains("cut off"), "{}", rows.len());
    for file in ["[".repeat(100_000), format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000))] {
        assert!(read(Some(Format::Pinboard), file.as_bytes(), 1 << 20).is_err());
    }
    let file = "{\"roots\":{\"other\":".to_owned() + &"{\"children\":[".repeat(100_000);
    assert!(read(None, file.as_bytes(), 1 << 20).is_err());
}
