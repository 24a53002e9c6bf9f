//! The JSON of other services, and what passes for none of it.

use taglink_transfer::{Format, ReadOptions};

use super::{options, plain, rows, show};

fn read(file: &str) -> Result<Vec<String>, String> {
    read_with(&options(), file)
}

fn read_with(options: &ReadOptions, file: &str) -> Result<Vec<String>, String> {
    let rows = rows(None, options, file.as_bytes()).map_err(|error| error.to_string())?;
    Ok(rows.iter().map(show).collect())
}

#[test]
fn firefox_has_folders_tags_and_microseconds() {
    let file = r#"{"guid":"root________","title":"","index":0,"typeCode":2,"type":"text/x-moz-place-container","root":"placesRoot","children":[
      {"guid":"menu________","title":"menu","root":"bookmarksMenuFolder","type":"text/x-moz-place-container","children":[
        {"guid":"a","title":"A","dateAdded":1700000000000000,"lastModified":1700000001000000,"uri":"https://a.example/","type":"text/x-moz-place",
         "tags":"x,y z","keyword":"k","annos":[{"name":"bookmarkProperties/description","value":"about"}]},
        {"guid":"s","title":"","type":"text/x-moz-place-separator"},
        {"children":[{"uri":"https://b.example/","type":"text/x-moz-place"}],"title":"Work","type":"text/x-moz-place-container"}]},
      {"guid":"toolbar_____","title":"Lesezeichen-Symbolleiste","root":"toolbarFolder","children":[]}]}"#;
    assert_eq!(
        read(file).unwrap(),
        [
            "1 https://a.example/ [A] (about) #x #y z since 2023-11-14T22:13:20Z changed 2023-11-14T22:13:21Z",
            "2 https://b.example/ #Work",
            "note 1: from here on, the file holds what has no place here and was left out: keyword",
        ]
    );
    assert_eq!(read_with(&plain(), file).unwrap()[1], "2 https://b.example/");
    assert_eq!(read(r#"{"guid":"root________","children":[]}"#).unwrap(), [""; 0]);
}

#[test]
fn chrome_names_folders_after_what_is_in_them_and_counts_from_1601() {
    let file = r#"{"checksum":"x","roots":{"bookmark_bar":{"children":[
        {"date_added":"13344473600000000","date_last_used":"0","guid":"g","id":"5","name":"A","type":"url","url":"https://a.example/"},
        {"children":[{"children":[{"date_added":"0","name":"B","type":"url","url":"https://b.example/"}],"name":"Rust","type":"folder"}],
         "date_added":"13344473600000000","name":"Work","type":"folder"}],"name":"Lesezeichenleiste","type":"folder"},
        "other":{"children":[],"name":"Other bookmarks","type":"folder"},"synced":{"children":[]}},"sync_metadata":"x","version":1}"#;
    assert_eq!(
        read(file).unwrap(),
        ["1 https://a.example/ [A] since 2023-11-14T22:13:20Z", "2 https://b.example/ [B] #Work/Rust"]
    );
}

#[test]
fn omnivore_wallabag_and_karakeep_are_lists() {
    let omnivore = r#"[{"id":"1","slug":"a","title":"A","description":"about","author":"me","url":"https://a.example/","state":"Archived",
        "readingProgress":5,"thumbnail":"","labels":["x","y z"],"savedAt":"2023-11-14T22:13:20.000Z","updatedAt":"2023-11-14T22:13:21.000Z"}]"#;
    assert_eq!(
        read(omnivore).unwrap(),
        [
            "1 https://a.example/ [A] (about) #x #y z #state/archived since 2023-11-14T22:13:20Z changed 2023-11-14T22:13:21Z",
            "note 1: from here on, the file holds what has no place here and was left out: author",
        ]
    );
    let second = r#"[{"is_archived":1,"is_starred":1,"tags":["x"],"id":1,"title":"A","url":"https://a.example/","content":"<p>text</p>",
        "created_at":"2023-11-14T22:13:20+0000","updated_at":"2023-11-14T22:13:21+00:00","reading_time":1},
        {"is_archived":0,"is_starred":0,"tags":[],"url":"https://b.example/"}]"#;
    assert_eq!(
        read(second).unwrap(),
        [
            "1 https://a.example/ [A] #x #state/archived #state/favorite since 2023-11-14T22:13:20Z changed 2023-11-14T22:13:21Z",
            "2 https://b.example/ #state/unread",
            "note 1: from here on, the file holds what has no place here and was left out: content",
        ]
    );
    let first = r#"[{"0":"1","id":"1","1":"A","title":"A","url":"https://a.example/","is_read":"0","is_fav":"1","tags":"x,y z"}]"#;
    assert_eq!(read(first).unwrap(), ["1 https://a.example/ [A] #x #y z #state/favorite #state/unread"]);
    let karakeep = r#"{"bookmarks":[{"createdAt":1700000000,"title":null,"tags":["x"],"content":{"type":"link","url":"https://a.example/"},
        "note":"mine","archived":true},{"createdAt":1700000000,"tags":[],"content":{"type":"text","text":"no link"},"note":null}]}"#;
    assert_eq!(
        read(karakeep).unwrap(),
        [
            "1 https://a.example/ (mine) #x #state/archived since 2023-11-14T22:13:20Z",
            "bad 2: has no URL as its href, url, uri or link",
        ]
    );
    assert_eq!(read_with(&plain(), second).unwrap()[1], "2 https://b.example/");
}

#[test]
fn linkwarden_has_collections() {
    let file = r#"{"id":1,"name":"me","email":"a@example.org","collections":[{"id":1,"name":"Unorganized","links":[
        {"id":1,"name":"A","type":"url","description":"about","url":"https://a.example/","createdAt":"2023-11-14T22:13:20.000Z","tags":[{"id":1,"name":"x"}]}]},
        {"id":2,"name":"Work","description":"","links":[{"name":"B","url":"https://b.example/","tags":[]}, 7]}],"pinnedLinks":[]}"#;
    assert_eq!(
        read(file).unwrap(),
        [
            "bad 3: invalid type: integer `7`, expected an object with a URL",
            "1 https://a.example/ [A] (about) #x since 2023-11-14T22:13:20Z",
            "2 https://b.example/ [B] #Work",
        ]
    );
}

#[test]
fn readeck_has_labels_and_states_in_a_table() {
    let file = "url,title,state,created,labels\nhttps://a.example/,A,archived,2023-11-14T22:13:20Z,\"[\"\"x\"\",\"\"y z\"\"]\"\n";
    assert_eq!(
        read(file).unwrap(),
        ["2 https://a.example/ [A] #x #y z #state/archived since 2023-11-14T22:13:20Z"]
    );
}

#[test]
fn json_of_nobody_that_is_known_is_refused_as_a_whole() {
    for file in [
        r#"[{"url":"https://a.example/1","title":"t"}]"#,
        r#"[{"id":1}]"#,
        r"[1, 2]",
        r#"["https://a.example/1"]"#,
        r#"{"a":1}"#,
        r#"{"items":[{"url":"https://a.example/1"}]}"#,
        "{}",
    ] {
        let error = rows(None, &options(), file.as_bytes()).unwrap_err();
        assert!(matches!(error, taglink_transfer::ReadError::UnknownFormat(_)), "{file}: {error}");
    }
    for (format, file) in [
        (Format::Pinboard, r#"[{"id":1},{"id":2}]"#),
        (Format::Pinboard, r"[1]"),
        (Format::Pinboard, r#"{"a":1}"#),
        (Format::Chrome, r#"[{"href":"https://a.example/1"}]"#),
        (Format::Karakeep, r#"{"bookmarks":[{"content":{"type":"text"}}]}"#),
    ] {
        let error = rows(Some(format), &options(), file.as_bytes()).unwrap_err();
        assert!(matches!(error, taglink_transfer::ReadError::NotThisFormat { .. }), "{file}: {error}");
    }
    // Who says that it is such a list is believed.
    let read = rows(
        Some(Format::Pinboard),
        &options(),
        br#"[{"url":"https://a.example/1","title":"t"}]"#.as_slice(),
    );
    assert_eq!(read.unwrap().iter().map(show).collect::<Vec<_>>(), ["1 https://a.example/1 [t]"]);
}

#[test]
fn a_member_of_another_type_costs_itself_at_most() {
    let one = |members: &str| {
        read(&format!(r#"[{{"href":"https://a.example/1",{members}}}]"#)).unwrap().join(" / ")
    };
    for (members, row) in [
        (r#""tags":["a b","c"]"#, "1 https://a.example/1 #a b #c"),
        (r#""tags":"a b,c""#, "1 https://a.example/1 #a #b,c"),
        (r#""tags":[{"name":"a b"},7]"#, "1 https://a.example/1 #a b #7"),
        (r#""tags":null,"description":false,"time":null"#, "1 https://a.example/1"),
        (
            r#""tags":{"a":1}"#,
            "note 1: tags is neither a list nor a text, and was left out / 1 https://a.example/1",
        ),
        (
            r#""tags":["a",null]"#,
            "note 1: one of the tags is not a text, and was left out / 1 https://a.example/1 #a",
        ),
        (
            r#""description":["t"]"#,
            "note 1: description is not a text, and was left out / 1 https://a.example/1",
        ),
        (r#""description":7,"time":1700000000"#, "1 https://a.example/1 [7] since 2023-11-14T22:13:20Z"),
    ] {
        assert_eq!(one(members), row, "{members}");
    }
}

#[test]
fn what_is_no_text_is_refused_with_a_word_on_what_to_do() {
    for (file, word) in [
        (b"PK\x03\x04....".as_slice(), "unpack"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"mozLz40\0...", ".jsonlz4"),
        (b"SQLite format 3\0", "SQLite"),
        (b"%PDF-1.7", "PDF"),
    ] {
        for format in [None, Some(Format::Html), Some(Format::Csv)] {
            let error = rows(format, &options(), file).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
