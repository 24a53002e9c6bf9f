//! Our own format.

use taglink_transfer::{ExportFormat, ExportedTag, Format, ReadError, Writer};

use super::{fatal, options, rows, shown};

const FILE: &str = include_str!("../fixtures/taglink.json");

#[test]
fn unknown_members_are_ignored_and_bad_rows_told() {
    assert_eq!(
        shown(Format::Json, FILE.as_bytes()),
        [
            "tag 1 \"Rust\" since 2023-11-14T22:13:20.123456Z changed 2023-11-14T22:13:21.000000Z",
            "tag 2 \"unused, but kept\" since 2023-11-14T22:13:20.000000Z changed 2023-11-14T22:13:20.000000Z",
            "bad 3: tag: not an id: 018f3b1e7c1a7def8a1b000000000003",
            "1 https://example.com/ [] ( kept\n) \
             #018f3b1e-7c1a-7def-8a1b-000000000001 2023-11-14T22:13:22Z \
             since 2023-11-14T22:13:20.000001Z changed 2023-11-14T22:13:20Z",
            "2 https://example.com/b since 2023-11-14T22:13:20Z changed 2023-11-14T22:13:20Z",
            "bad 3: link: missing field `created_at`",
            "bad 4: link: duplicate field `link`",
            "bad 5: link: has the tag 018f3b1e-7c1a-7def-8a1b-000000000001 twice",
            "bad 6: link: invalid type: string \"not a link\", expected struct LinkRow",
        ]
    );
}

#[test]
fn another_version_is_refused() {
    for (version, found) in [("2", "2"), ("\"1\"", "\"1\""), ("1.5", "1.5"), ("null", "null")] {
        let file = FILE.replace("\"version\": 1", &format!("\"version\": {version}"));
        match rows(Some(Format::Json), &options(), file.as_bytes()) {
            Err(ReadError::Version { found: told }) => assert_eq!(told, found),
            other => panic!("{version}: {other:?}"),
        }
    }
}

#[test]
fn a_file_must_be_ours_and_in_order() {
    let not_ours = "not a file of the format json: ";
    let damaged = "the file is damaged at line 1: ";
    let cases = [
        ("[]", not_ours, "it is one of the format pinboard"),
        ("{}", not_ours, "format is missing"),
        (r#"{"a": [1, {}]}"#, not_ours, "format is missing"),
        (r#"{"format":"other"}"#, not_ours, "its format is not \"taglink\""),
        (r#"{"version":1,"format":"taglink"}"#, not_ours, "format must come before version"),
        (r#"{"format":"taglink","tags":[]}"#, not_ours, "version must come before tags"),
        (r#"{"format":"taglink","version":1,"links":[]}"#, not_ours, "tags must come before links"),
        (
            r#"{"format":"taglink","version":1,"tags":{}}"#,
            not_ours,
            "invalid type: map, expected an array of tags or links",
        ),
        (r#"{"format":"taglink","version":1,"tags":[]}"#, not_ours, "links is missing"),
        (r#"{"format":"taglink","format":"taglink"}"#, not_ours, "format is there twice"),
        (r#"{"format":"taglink","version":1,"tags":[],"links":[]"#, damaged, "the file ends too early"),
        (r#"{"format":"taglink","version":1,"tags":[],"links":[]}{"#, damaged, "trailing characters"),
        (r#"{"format":"taglink" "version":1}"#, damaged, "expected `,` or `}`"),
        (r#"{"format" "taglink"}"#, damaged, "expected `:`"),
        (r"{format:1}", damaged, "key must be a string"),
    ];
    for (file, kind, reason) in cases {
        assert_eq!(fatal(Format::Json, file.as_bytes()), format!("{kind}{reason}"), "{file}");
    }
}

#[test]
fn tags_are_not_written_after_links() {
    let mut out = Vec::new();
    let mut writer = Writer::new(ExportFormat::Json);
    writer.head(&mut out).unwrap();
    writer.link(&super::round_trip::a_link(), &mut out).unwrap();
    let time = super::round_trip::a_link().created_at;
    let tag = ExportedTag {
        tag_id: taglink_domain::model::TagId::new(),
        tag: String::new(),
        created_at: time,
        updated_at: time,
    };
    assert_eq!(writer.tag(&tag, &mut out).unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
}
