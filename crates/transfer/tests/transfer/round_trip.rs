//! What is written is read as the same, but for what a format cannot carry; and that is exactly what is told here.

use std::ops::RangeInclusive;

use proptest::prelude::*;
use taglink_domain::model::{LinkId, TagId, Timestamp};
use taglink_transfer::{
    ExportFormat, ExportedLink, ExportedTag, ExportedTagging, Format, ImportedLink, ImportedTag,
    ImportedTagging, Row, Writer,
};
use uuid::Uuid;

use super::rows;

/// A link with nothing but what every link has.
pub(crate) fn a_link() -> ExportedLink {
    let time = Timestamp::from_micros(1_700_000_000_000_001).unwrap();
    ExportedLink {
        link_id: LinkId::new(),
        url: "https://example.com/".into(),
        title: None,
        notes: None,
        created_at: time,
        updated_at: time,
        tags: Vec::new(),
    }
}

fn write(format: ExportFormat, tags: &[ExportedTag], links: &[ExportedLink]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = Writer::new(format);
    writer.head(&mut out).unwrap();
    for tag in tags {
        writer.tag(tag, &mut out).unwrap();
    }
    for link in links {
        writer.link(link, &mut out).unwrap();
    }
    writer.tail(&mut out).unwrap();
    assert_eq!(Format::detect(&out), Some(format.format()));
    out
}

fn read(format: ExportFormat, file: &[u8]) -> Vec<Row> {
    rows(Some(format.format()), &super::options(), file).unwrap()
}

/// The links that were read, without their places.
fn links(items: Vec<Row>) -> Vec<ImportedLink> {
    items
        .into_iter()
        .map(|item| match item {
            Row::Link(link) => ImportedLink { place: 0, ..link },
            other => panic!("{other:?}"),
        })
        .collect()
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn by_json(links: &[ExportedLink]) -> impl Iterator<Item = Row> {
    links.iter().enumerate().map(|(index, link)| {
        let taggings =
            link.tags.iter().map(|tag| ImportedTagging { tag_id: tag.tag_id, created_at: tag.created_at });
        Row::Link(ImportedLink {
            place: index + 1,
            link_id: Some(link.link_id),
            url: link.url.clone(),
            title: link.title.clone(),
            notes: link.notes.clone(),
            tags: Vec::new(),
            taggings: taggings.collect(),
            created_at: Some(link.created_at),
            updated_at: Some(link.updated_at),
        })
    })
}

/// What CSV carries: all but white space around the URL, and empty titles and notes.
fn by_csv(link: &ExportedLink) -> ImportedLink {
    ImportedLink {
        url: link.url.trim_ascii().into(),
        title: link.title.clone().and_then(some),
        notes: link.notes.clone().and_then(some),
        tags: link.tags.iter().map(|tag| tag.tag.clone()).collect(),
        created_at: Some(link.created_at),
        updated_at: Some(link.updated_at),
        ..Default::default()
    }
}

/// What HTML carries: see the module that writes it.
fn by_html(link: &ExportedLink) -> ImportedLink {
    let seconds = |time: Timestamp| Timestamp::from_micros(time.seconds() * 1_000_000);
    ImportedLink {
        url: link.url.clone(),
        title: link.title.clone().and_then(some),
        notes: link.notes.clone().and_then(some),
        tags: link.tags.iter().map(|tag| tag.tag.clone()).collect(),
        created_at: seconds(link.created_at),
        updated_at: seconds(link.updated_at),
        ..Default::default()
    }
}

/// Any text, but more often one of what formats are made of.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "\\PC{0,20}",
        "[ \\t\\r\\n\\x00\\x0c\\x1f\\x85\\u{a0}\\u{feff}<>&#;\"',=+@\\\\|\\[\\]{}a-]{0,20}",
        "(&amp;|&#13;|&lt|<A HREF=\"x\">|</A>|<DD>|-->|</DL>|\r\n|é|📌| ){0,6}",
    ]
    // No text that is stored has one, and HTML cannot.
    .prop_map(|text| text.replace('\0', "\u{1}"))
}

/// Any moment that can be stored: only our own JSON has it exactly.
const ALL_TIME: RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// From 1990 to 2026-06-01: the dates that are believed.
const WEB_TIME: RangeInclusive<i64> = 631_152_000_000_000..=1_780_272_000_000_000;

fn time(within: RangeInclusive<i64>) -> impl Strategy<Value = Timestamp> {
    within.prop_map(|micros| Timestamp::from_micros(micros).unwrap())
}

fn id<T: From<Uuid> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    any::<u128>().prop_map(|id| Uuid::from_u128(id).into())
}

prop_compose! {
    fn tagging()(tag_id in id::<TagId>(), tag in text(), created_at in time(ALL_TIME)) -> ExportedTagging {
        ExportedTagging { tag_id, tag, created_at }
    }
}

prop_compose! {
    fn link(times: RangeInclusive<i64>)(
        link_id in id::<LinkId>(),
        // A URL may be anything here, but CSV cannot have an empty one.
        url in text().prop_filter("not blank", |url| !url.trim_ascii().is_empty()),
        title in prop::option::of(text()),
        notes in prop::option::of(text()),
        created_at in time(times.clone()),
        updated_at in time(times.clone()),
        tags in prop::collection::vec(tagging(), 0..4),
    ) -> ExportedLink {
        ExportedLink { link_id, url, title, notes, created_at, updated_at, tags }
    }
}

prop_compose! {
    fn tag()(tag_id in id::<TagId>(), tag in text(), created_at in time(ALL_TIME), updated_at in time(ALL_TIME)) -> ExportedTag {
        ExportedTag { tag_id, tag, created_at, updated_at }
    }
}

proptest! {
    #[test]
    fn json_carries_everything(
        tags in prop::collection::vec(tag(), 0..4),
        links in prop::collection::vec(link(ALL_TIME), 0..4),
    ) {
        let file = write(ExportFormat::Json, &tags, &links);
        let tags = tags.into_iter().enumerate().map(|(index, tag)| {
            let ExportedTag { tag_id, tag, created_at, updated_at } = tag;
            Row::Tag(ImportedTag { place: index + 1, tag_id, tag, created_at, updated_at })
        });
        let expected: Vec<_> = tags.chain(by_json(&links)).collect();
        prop_assert_eq!(read(ExportFormat::Json, &file), expected);
    }

    #[test]
    fn csv_carries_all_but_ids_blank_texts_and_space_around_urls(
        written in prop::collection::vec(link(WEB_TIME), 0..4),
    ) {
        let file = write(ExportFormat::Csv, &[], &written);
        let expected: Vec<_> = written.iter().map(by_csv).collect();
        prop_assert_eq!(links(read(ExportFormat::Csv, &file)), expected);
    }

    #[test]
    fn html_carries_what_it_says_it_carries(written in prop::collection::vec(link(WEB_TIME), 0..4)) {
        let file = write(ExportFormat::Html, &[], &written);
        let expected: Vec<_> = written.iter().map(by_html).collect();
        prop_assert_eq!(links(read(ExportFormat::Html, &file)), expected);
    }

    #[test]
    fn no_cell_of_csv_starts_a_formula(link in link(WEB_TIME)) {
        let file = String::from_utf8(write(ExportFormat::Csv, &[], &[link])).unwrap();
        let record = file.split_once("\r\n").unwrap().1;
        // Cells as RFC 4180 has them, split without the reader that is tested otherwise.
        let (mut quoted, mut before, mut cells) = (false, ',', vec![String::new()]);
        for c in record.strip_suffix("\r\n").unwrap().chars() {
            match c {
                '"' => {
                    if !quoted && before == '"' {
                        cells.last_mut().unwrap().push('"');
                    }
                    quoted = !quoted;
                }
                ',' if !quoted => cells.push(String::new()),
                c => cells.last_mut().unwrap().push(c),
            }
            before = c;
        }
        prop_assert_eq!(cells.len(), 6);
        prop_assert!(cells.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{:?}", cells);
    }
}

#[test]
fn what_other_programs_mean_by_a_text_comes_back_as_the_text() {
    let tag = |name: &str| ExportedTagging {
        tag_id: TagId::new(),
        tag: name.into(),
        created_at: a_link().created_at,
    };
    let tags: Vec<_> = ["a, b", "linkding:bookmarks.archived", "c"].into_iter().map(tag).collect();
    for notes in
        ["a[linkding-notes]b[/linkding-notes]", " \n<DD>\n", "if a <b\n<DT><A HREF=\"x\">", "&copy; &amp;"]
    {
        let link = ExportedLink { tags: tags.clone(), notes: Some(notes.into()), ..a_link() };
        for format in [ExportFormat::Html, ExportFormat::Csv] {
            let read = links(read(format, &write(format, &[], std::slice::from_ref(&link))));
            assert_eq!(read[0].tags, ["a, b", "linkding:bookmarks.archived", "c"]);
            assert_eq!(read[0].notes.as_deref(), Some(notes));
        }
    }
}

#[test]
fn writers_may_be_sent_to_other_threads() {
    fn is_send<T: Send>() {}
    is_send::<Writer>();
}

#[test]
fn files_look_as_other_programs_expect_them() {
    let tag = |tag: &str| ExportedTagging {
        tag_id: TagId::new(),
        tag: tag.into(),
        created_at: a_link().created_at,
    };
    let link = ExportedLink {
        url: "https://example.com/?a=1&b=\"2\"".into(),
        title: Some("=1 < 2,\n\"yes\"".into()),
        notes: Some("two\nlines".into()),
        tags: vec![tag("rust"), tag("machine learning")],
        ..a_link()
    };
    let html = String::from_utf8(write(ExportFormat::Html, &[], std::slice::from_ref(&link))).unwrap();
    assert_eq!(
        html,
        "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n\
         <META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; charset=UTF-8\">\n\
         <TITLE>Bookmarks</TITLE>\n<H1>Bookmarks</H1>\n<DL><p>\n    \
         <DT><A HREF=\"https://example.com/?a=1&amp;b=&quot;2&quot;\" ADD_DATE=\"1700000000\" \
         LAST_MODIFIED=\"1700000000\" TAGS=\"rust,machine learning\">=1 &lt; 2,&#10;&quot;yes&quot;</A>\n    \
         <DD>two\nlines\n</DL><p>\n"
    );
    let csv = String::from_utf8(write(ExportFormat::Csv, &[], std::slice::from_ref(&link))).unwrap();
    assert_eq!(
        csv,
        "url,title,notes,tags,created_at,updated_at\r\n\
         \"https://example.com/?a=1&b=\"\"2\"\"\",\"'=1 < 2,\n\"\"yes\"\"\",\"two\nlines\",\"rust,machine learning\",\
         2023-11-14T22:13:20.000001Z,2023-11-14T22:13:20.000001Z\r\n"
    );
    let json = String::from_utf8(write(ExportFormat::Json, &[], &[])).unwrap();
    assert_eq!(json, "{\"format\":\"taglink\",\"version\":1,\n\"tags\":[\n],\n\"links\":[\n]}\n");
}
