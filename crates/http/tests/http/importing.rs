//! `POST /import`: formats, reports, statuses, and that it is all or nothing.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use taglink_repository::Backend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::app::{Answer, Client, TestApp, text};
use crate::on_every_database;

on_every_database!(
    bookmarks_of_a_browser_are_imported,
    rows_are_merged_skipped_and_reported,
    a_dry_run_leaves_nothing,
    a_file_that_fails_leaves_nothing,
    twenty_thousand_links_are_imported,
);

pub(crate) async fn import(
    client: &Client<'_>,
    query: &str,
    media_type: &str,
    file: impl Into<Vec<u8>>,
) -> Answer {
    let request = client.request(Method::POST, &format!("/import{query}"));
    request.header("content-type", media_type).body(file.into()).send().await
}

async fn count(client: &Client<'_>, path: &str) -> usize {
    client.get(path).await.expect(200).as_array().unwrap().len()
}

/// Whether the account has nothing.
async fn assert_empty(client: &Client<'_>) {
    for path in ["/link/", "/tag/", "/taglink/"] {
        assert_eq!(count(client, path).await, 0, "{path}");
    }
}

async fn bookmarks_of_a_browser_are_imported(app: &TestApp) {
    let client = app.account().await;
    let file = include_str!("../../../transfer/tests/fixtures/firefox.html");
    let report = import(&client, "", "text/html; charset=utf-8", file).await.expect(200);
    let created = usize::try_from(report["created"].as_u64().unwrap()).unwrap();
    assert!(created > 0, "{report}");
    let links = client.get("/link/?include=tags").await.expect(200);
    assert_eq!(links.as_array().unwrap().len(), created);
    assert!(links.as_array().unwrap().iter().any(|link| link["title"].is_string()), "{links}");
    let again = import(&client, "?format=html", "application/octet-stream", file).await.expect(200);
    assert_eq!(
        (&again["created"], &again["merged"], &again["tags_created"]),
        (&json!(0), &json!(0), &json!(0))
    );
    assert_eq!(client.get("/link/?include=tags").await.expect(200), links);
    // The folders of a link are one tag, unless they are to be forgotten.
    let nested = "<DL><DT><H3>Work</H3><DL><DT><H3>Rust</H3><DL><DT><A HREF=\"https://a.example\">a</A></DL></DL></DL>";
    for (query, tags) in [("", &["Work/Rust"][..]), ("?folders=ignore", &[])] {
        let other = app.account().await;
        import(&other, query, "text/html", nested).await.expect(200);
        let found = other.get("/tag/").await.expect(200);
        let found: Vec<&str> =
            found.as_array().unwrap().iter().map(|tag| tag["tag"].as_str().unwrap()).collect();
        assert_eq!(found, tags, "{query}");
    }
}

async fn rows_are_merged_skipped_and_reported(app: &TestApp) {
    let client = app.account().await;
    client.link("https://a.example", "Rust", None).await;
    let file = "url,title,tags\n\
        https://A.example/,First,rust\n\
        https://b.example,,\"rust,🍣\"\n\
        javascript:alert(1),,\n\
        https://b.example,Second,\n\
        https://a.example,,RUST\n";
    let report = import(&client, "", "text/csv", file).await.expect(200);
    let expected = json!({
        "dry_run": false, "rows": 5, "created": 1, "merged": 2, "unchanged": 1, "failed": 1, "tags_created": 1,
        "problems": [{"row": 4, "message": "link must start with http:// or https://", "skipped": true}],
        "problems_left_out": 0,
    });
    assert_eq!(report, expected);
    let links = client.get("/link/?include=tags").await.expect(200);
    let shown: Vec<_> =
        links.as_array().unwrap().iter().map(|link| (&link["link"], &link["title"])).collect();
    assert_eq!(
        shown,
        [(&json!("https://a.example"), &json!("First")), (&json!("https://b.example"), &json!("Second"))]
    );
    assert_eq!(count(&client, "/taglink/").await, 3);
}

async fn a_dry_run_leaves_nothing(app: &TestApp) {
    let client = app.account().await;
    let report = import(&client, "?dry_run=true", "text/plain", "https://a.example\nnonsense\n").await;
    let report = report.expect(200);
    assert_eq!(
        (&report["dry_run"], &report["created"], &report["failed"]),
        (&json!(true), &json!(1), &json!(1))
    );
    assert_empty(&client).await;
}

async fn a_file_that_fails_leaves_nothing(app: &TestApp) {
    let client = app.account().await;
    let rows = (0..1000).map(|row| format!(r#"{{"href": "https://example.org/{row}", "tags": "a"}},"#));
    let damaged = format!("[{}", rows.collect::<String>());
    let refused = import(&client, "", "application/json", damaged).await;
    let problem = refused.expect(422);
    assert_eq!(problem["code"], "file_damaged", "{problem}");
    assert_empty(&client).await;
}

async fn twenty_thousand_links_are_imported(app: &TestApp) {
    let client = app.account().await;
    let rows = (0..20_000)
        .map(|row| format!("https://example.org/{row},Title {row},\"a{},b{}\"\n", row % 100, row % 7));
    let file = format!("url,title,tags\n{}", rows.collect::<String>());
    let report = import(&client, "", "text/csv", file.clone()).await.expect(200);
    assert_eq!((&report["created"], &report["tags_created"]), (&json!(20_000), &json!(107)), "{report}");
    let again = import(&client, "", "text/csv", file).await.expect(200);
    assert_eq!(again["unchanged"], 20_000, "{again}");
    assert_eq!(count(&client, "/link/?tag=a1&limit=1000").await, 200);
}

#[tokio::test]
async fn each_thing_that_is_wrong_has_its_status() {
    let app = TestApp::with_settings(
        Backend::Sqlite,
        &[("TAGLINK__IMPORT__MAX_BYTES", "4096"), ("TAGLINK__IMPORT__MAX_ROWS", "3")],
    );
    let client = app.account().await;
    let too_large = "x".repeat(4097);
    let too_many = "https://a.example\n".repeat(4);
    let version = r#"{"format": "taglink", "version": 2, "tags": [], "links": []}"#;
    let own = "text/uri-list";
    let cases: [(&str, &str, &str, u16, &str); 20] = [
        ("?format=pdf", own, "", 422, "validation_failed"),
        ("?dry_run=maybe", own, "", 422, "validation_failed"),
        ("?folders=keep", own, "", 422, "validation_failed"),
        ("?format=csv&format=csv", own, "", 422, "validation_failed"),
        ("?account_id=blah", own, "", 422, "account_id_not_allowed"),
        ("", "image/png", "x", 415, "unsupported_media_type"),
        ("", "application/x-www-form-urlencoded", "https://a.example", 415, "unsupported_media_type"),
        ("?format=csv", "multipart/form-data; boundary=x", "x", 422, "body_incomplete"),
        ("", "multipart/form-data", "x", 422, "body_incomplete"),
        ("?states=keep", own, "", 422, "validation_failed"),
        ("", "application/zip", "PK\x03\x04", 422, "unknown_format"),
        ("", "text/csv; charset=klingon", "url\n", 422, "unsupported_charset"),
        ("", "application/json", r#"[{"url":"https://a.example/1","title":"t"}]"#, 422, "unknown_format"),
        ("?format=pinboard", own, r#"[{"id":1}]"#, 422, "wrong_format"),
        ("", own, &too_large, 413, "body_too_large"),
        ("", own, &too_many, 413, "too_many_rows"),
        ("", "text/plain", "nonsense", 422, "unknown_format"),
        ("", "text/csv", "title\nx\n", 422, "wrong_format"),
        ("", "application/json", version, 422, "unknown_version"),
        ("?format=pinboard", own, "[", 422, "file_damaged"),
    ];
    for (query, media_type, file, status, code) in cases {
        let answer = import(&client, query, media_type, file).await;
        let problem = answer.expect(status);
        assert_eq!(problem["code"], code, "{query} {media_type} {problem}");
    }
    let gzip = client.request(Method::POST, "/import").header("content-encoding", "gzip").body("x");
    gzip.send().await.expect(415);
    assert_empty(&client).await;
    // What is wrong with the request is told before the file is read, and the connection is not kept for the rest.
    let admin = app.admin().await;
    let unnamed = import(&admin, "", own, "https://a.example").await;
    unnamed.expect_problem(422, "The account_id field is required for the admin scope");
    let missing = "018f3b1e-7c1a-7def-8a1b-0123456789ab";
    let unknown = import(&admin, &format!("?account_id={missing}"), own, "https://a.example").await;
    unknown.expect_problem(422, &format!("Account with account_id '{missing}' not found"));
    let named = import(&admin, &format!("?account_id={}", client.id), own, "https://a.example").await;
    assert_eq!(named.expect(200)["created"], 1);
    assert_eq!(text(&client.get("/link/").await.expect(200)[0]["account_id"]), client.id);
}

#[tokio::test]
async fn a_file_that_stops_arriving_is_given_up_but_a_slow_one_is_not() {
    let app = TestApp::with_settings(Backend::Sqlite, &[("TAGLINK__SERVER__BODY_TIMEOUT_MS", "1000")]);
    let client = app.account().await;
    let head = format!(
        "POST /import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: text/uri-list\r\n\
         Content-Length: 100\r\nConnection: close\r\n\r\nhttps://a.example\n",
        client.token
    );
    let answer = app.raw(head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert_empty(&client).await;
    // Four pieces of 16 KiB, 600 ms apart: longer than the time-out altogether, never longer between them.
    let piece = |number: usize| format!("https://example.org/{number}/{}\n", "a".repeat(1000)).repeat(16);
    let length: usize = (0..4).map(|number| piece(number).len()).sum();
    let mut stream = tokio::net::TcpStream::connect(app.address).await.unwrap();
    let head = head.split("\r\n\r\n").next().unwrap().replace("Length: 100", &format!("Length: {length}"));
    stream.write_all(format!("{head}\r\n\r\n").as_bytes()).await.unwrap();
    for number in 0..4 {
        stream.write_all(piece(number).as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"rows\":64,\"created\":4"), "{answer}");
}

#[tokio::test]
async fn a_large_file_goes_by_way_of_the_disk() {
    let app = TestApp::sqlite();
    let client = app.account().await;
    let rows: Vec<_> =
        (0..2000).map(|row| format!("https://example.org/{row}?{}\n", "a".repeat(1000))).collect();
    let report = import(&client, "", "text/uri-list", rows.concat()).await.expect(200);
    assert_eq!(report["created"], 2000, "{report}");
}

/// A form as pages send it.
fn form(parts: &[(&str, &str)]) -> String {
    let part = |(head, body): &(&str, &str)| {
        format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n")
    };
    parts.iter().map(part).collect::<String>() + "--x--\r\n"
}

#[tokio::test]
async fn a_form_with_one_file_is_imported_as_the_file_itself() {
    let app = TestApp::with_settings(Backend::Sqlite, &[("TAGLINK__IMPORT__MAX_BYTES", "4096")]);
    let client = app.account().await;
    let media_type = "multipart/form-data; boundary=x";
    let list = "https://a.example/1\nhttps://a.example/2\n";
    for head in [
        "name=\"file\"; filename=\"a.txt\"",
        "name=\"f\"; filename=\"a.xls\"\r\nContent-Type: application/vnd.ms-excel",
    ] {
        let report = import(&client, "?dry_run=true", media_type, form(&[(head, list)])).await.expect(200);
        assert_eq!(report["created"], 2, "{report}");
    }
    let latin = "name=\"f\"; filename=\"a.html\"\r\nContent-Type: text/html; charset=windows-1252";
    let mut file = form(&[(latin, "<DL><DT><A HREF=\"https://a.example/3\">Gr@n</A></DL>")]).into_bytes();
    let at = file.iter().position(|byte| *byte == b'@').unwrap();
    file[at] = 0xFC;
    import(&client, "", media_type, file).await.expect(200);
    assert_eq!(client.get("/link/").await.expect(200)[0]["title"], "Grün");
    let named = "name=\"file\"; filename=\"a\"";
    let too_large = "x".repeat(4097);
    for (body, status, code) in [
        (form(&[(named, list), (named, list)]), 422, "validation_failed"),
        (form(&[("name=\"dry_run\"", "true"), (named, list)]), 422, "validation_failed"),
        (form(&[]), 422, "validation_failed"),
        (form(&[(named, &too_large)]), 413, "body_too_large"),
        (form(&[(named, list)]).replace("--x--", ""), 422, "body_incomplete"),
        (form(&[(named, "nonsense")]), 422, "unknown_format"),
    ] {
        let problem = import(&client, "", media_type, body.clone()).await.expect(status);
        assert_eq!(problem["code"], code, "{body} {problem}");
    }
    assert_eq!(count(&client, "/link/").await, 1);
}

#[tokio::test]
async fn within_a_file_the_earliest_date_of_a_url_counts() {
    let app = TestApp::sqlite();
    let client = app.account().await;
    let file = "<DL><DT><A HREF=\"https://a.example/1\" ADD_DATE=\"1700000000\">t</A>\n\
        <DT><A HREF=\"https://a.example/1\" ADD_DATE=\"1500000000\">t</A></DL>";
    import(&client, "", "text/html", file).await.expect(200);
    assert_eq!(client.get("/link/").await.expect(200)[0]["created_at"], "2017-07-14T02:40:00.000000Z");
}

#[tokio::test]
async fn every_format_of_an_export_comes_back_unchanged() {
    let app = TestApp::sqlite();
    let client = app.account().await;
    let new = json!({"link": "https://a.example/?a=1&copy=2", "tag": "a, b"});
    let link = text(&client.post("/link/", &new).await.expect(200)["link_id"]);
    let notes = "if a <b\n<DD>\n<!-- x\r\n  &amp; [linkding-notes]";
    let change = json!({"title": "<i>é</i> \"=1\"", "notes": notes});
    client.patch(&format!("/link/{link}"), &change).await.expect(200);
    for format in ["html", "csv", "json"] {
        let file = client.request(Method::GET, &format!("/export?format={format}")).send().await.body;
        let same = import(&client, "", "", file.clone()).await.expect(200);
        assert_eq!(
            (&same["unchanged"], &same["tags_created"], &same["problems"]),
            (&json!(1), &json!(0), &json!([])),
            "{same}"
        );
        let other = app.account().await;
        import(&other, "", "", file).await.expect(200);
        let stored = &other.get("/link/?include=tags").await.expect(200)[0];
        assert_eq!((&stored["title"], &stored["notes"]), (&change["title"], &change["notes"]), "{format}");
        assert_eq!(stored["tags"][0]["tag"], "a, b", "{format}: {stored}");
    }
}
