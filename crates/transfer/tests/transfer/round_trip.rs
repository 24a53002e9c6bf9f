//! What is written is read as the same, but for what a format cannot carry; and that is exactly what is told here.

use proptest::prelude::*;
use taglink_domain::model::{LinkId, TagId, Timestamp};
use taglink_transfer::{
    ExportFormat, ExportedLink, ExportedTag, ExportedTagging, Format, ImportedLink, ImportedTag,
    ImportedTagging, Item, ReadOptions, Writer,
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

fn read(format: ExportFormat, file: &[u8]) -> Vec<Item> {
    let rows = rows(format.format(), ReadOptions::default(), file).unwrap();
    rows.into_iter().map(|row| row.unwrap_or_else(|bad| panic!("{bad}"))).collect()
}

/// The links that were read, without their places.
fn links(items: Vec<Item>) -> Vec<ImportedLink> {
    items
        .into_iter()
        .map(|item| match item {
            Item::Link(link) => ImportedLink { place: 0, ..link },
            Item::Tag(tag) => panic!("{tag:?}"),
        })
        .collect()
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn by_json(links: &[ExportedLink]) -> impl Iterator<Item = Item> {
    links.iter().enumerate().map(|(index, link)| {
        let taggings =
            link.tags.iter().map(|tag| ImportedTagging { tag_id: tag.tag_id, created_at: tag.created_at });
        Item::Link(ImportedLink {
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
    let html = |text: &str| text.replace('\0', "\u{fffd}").trim_ascii().to_owned();
    let title = |text: &str| {
        let mut title = html(text);
        while let Some(at) = title.find(['\r', '\n']) {
            let (before, after) = title.split_at(at);
            title = format!("{} {}", before.trim_ascii_end(), after.trim_ascii_start());
        }
        title
    };
    let seconds = |time: Timestamp| {
        Timestamp::from_micros(time.seconds() * 1_000_000).filter(|time| time.micros() != 0)
    };
    let tags = link.tags.iter().flat_map(|tag| tag.tag.split(',')).map(|tag| tag.replace('\0', "\u{fffd}"));
    ImportedLink {
        url: html(&link.url),
        title: link.title.as_deref().map(title).and_then(some),
        notes: link.notes.as_deref().map(html).and_then(some),
        tags: tags.map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect(),
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
}

/// A moment of the years 1 to 9999, more often near the beginning of Unix time.
fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![-62_135_596_800_000_000..=253_402_300_799_999_999_i64, -3_000_000..3_000_000_i64]
        .prop_map(|micros| Timestamp::from_micros(micros).unwrap())
}

fn id<T: From<Uuid> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    any::<u128>().prop_map(|id| Uuid::from_u128(id).into())
}

prop_compose! {
    fn tagging()(tag_id in id::<TagId>(), tag in text(), created_at in time()) -> ExportedTagging {
        ExportedTagging { tag_id, tag, created_at }
    }
}

prop_compose! {
    fn link()(
        link_id in id::<LinkId>(),
        // A URL may be anything here, but CSV cannot have an empty one.
        url in text().prop_filter("not blank", |url| !url.trim_ascii().is_empty()),
        title in prop::option::of(text()),
        notes in prop::option::of(text()),
        created_at in time(),
        updated_at in time(),
        tags in prop::collection::vec(tagging(), 0..4),
    ) -> ExportedLink {
        ExportedLink { link_id, url, title, notes, created_at, updated_at, tags }
    }
}

prop_compose! {
    fn tag()(tag_id in id::<TagId>(), tag in text(), created_at in time(), updated_at in time()) -> ExportedTag {
        ExportedTag { tag_id, tag, created_at, updated_at }
    }
}

proptest! {
    #[test]
    fn json_carries_everything(
        tags in prop::collection::vec(tag(), 0..4),
        links in prop::collection::vec(link(), 0..4),
    ) {
        let file = write(ExportFormat::Json, &tags, &links);
        let tags = tags.into_iter().enumerate().map(|(index, tag)| {
            let ExportedTag { tag_id, tag, created_at, updated_at } = tag;
            Item::Tag(ImportedTag { place: index + 1, tag_id, tag, created_at, updated_at })
        });
        let expected: Vec<_> = tags.chain(by_json(&links)).collect();
        prop_assert_eq!(read(ExportFormat::Json, &file), expected);
    }

    #[test]
    fn csv_carries_all_but_ids_blank_texts_and_space_around_urls(
        written in prop::collection::vec(link(), 0..4),
    ) {
        let file = write(ExportFormat::Csv, &[], &written);
        let expected: Vec<_> = written.iter().map(by_csv).collect();
        prop_assert_eq!(links(read(ExportFormat::Csv, &file)), expected);
    }

    #[test]
    fn html_carries_what_it_says_it_carries(written in prop::collection::vec(link(), 0..4)) {
        let file = write(ExportFormat::Html, &[], &written);
        let expected: Vec<_> = written.iter().map(by_html).collect();
        prop_assert_eq!(links(read(ExportFormat::Html, &file)), expected);
    }

    #[test]
    fn no_cell_of_csv_starts_a_formula(link in link()) {
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
fn html_has_no_place_for_commas_in_tags_and_marks_of_linkding_in_notes() {
    let tag = ExportedTagging { tag_id: TagId::new(), tag: "a, b".into(), created_at: a_link().created_at };
    let notes = Some("a[linkding-notes]b[/linkding-notes]".into());
    let link = ExportedLink { tags: vec![tag], notes, ..a_link() };
    let read = links(read(ExportFormat::Html, &write(ExportFormat::Html, &[], &[link])));
    assert_eq!(read[0].tags, ["a", "b"]);
    assert_eq!(read[0].notes.as_deref(), Some("a\n\nb"));
}

#[test]
fn readers_and_writers_may_be_sent_to_other_threads() {
    fn is_send<T: Send>() {}
    is_send::<taglink_transfer::Reader<&[u8]>>();
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
         LAST_MODIFIED=\"1700000000\" TAGS=\"rust,machine learning\">=1 &lt; 2, &quot;yes&quot;</A>\n    \
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
