//! Readers never panic and always come to an end, whatever they are given.

use std::io::BufReader;

use proptest::prelude::*;
use taglink_transfer::{Folders, Format, ReadOptions, Reader};

/// Reads to the end; the rows must be the same however the chunks fall.
fn read(format: Format, file: &[u8], max_row_bytes: usize) -> Vec<String> {
    let options = ReadOptions { folders: Folders::AsTags, max_row_bytes };
    let whole: Vec<_> = Reader::new(format, options, file).map(|row| format!("{row:?}")).collect();
    let chunked = Reader::new(format, options, BufReader::with_capacity(3, file));
    let chunked: Vec<_> = chunked.map(|row| format!("{row:?}")).collect();
    assert_eq!(whole, chunked);
    whole
}

fn read_as_everything(file: &[u8]) {
    let _ = Format::detect(file);
    for format in Format::ALL {
        for max_row_bytes in [0, 1, 30, 1 << 20] {
            read(format, file, max_row_bytes);
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
    assert_eq!(read(Format::Html, file.as_bytes(), 1 << 20).len(), 1);
    let file = "[".repeat(100_000);
    assert_eq!(read(Format::Pinboard, file.as_bytes(), 1 << 20).len(), 1);
    let file = format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(read(Format::Pinboard, file.as_bytes(), 1 << 20).len(), 1);
}
