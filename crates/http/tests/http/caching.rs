//! `Cache-Control` and `ETag`: what clients may keep.

use reqwest::Method;

use crate::app::{Answer, TestApp};

async fn get(app: &TestApp, path: &str, accepted: &str, etag: &str) -> Answer {
    let request = app.request(Method::GET, path).header("accept-encoding", accepted);
    request.header("if-none-match", etag).send().await
}

#[tokio::test]
async fn personal_data_is_kept_by_the_client_alone_and_asked_for_again() {
    let app = TestApp::sqlite();
    let (link, _) = app.link("https://example.org/1", "a").await;
    let link = format!("/link/{link}");
    for path in [link.as_str(), "/link/", "/tag/", "/user/me", "/link/blah", "/export?format=csv"] {
        assert_eq!(app.get(path).await.header("cache-control"), "private, no-cache", "{path}");
    }
    let known = app.request(Method::GET, &link).bearer(app.token().await).header("if-none-match", "\"1\"");
    let known = known.send().await;
    assert_eq!((known.status, known.header("cache-control")), (304, "private, no-cache"));
}

#[tokio::test]
async fn the_documentation_is_small_at_first_and_nothing_after_that() {
    let app = TestApp::sqlite();
    let page = get(&app, "/docs/", "identity", "").await;
    let page = String::from_utf8(page.body).unwrap();
    let linked = page.split(['"']).filter(|text| text.contains('.') && !text.contains(' '));
    let mut paths: Vec<String> = linked.map(|file| format!("/docs/{file}")).collect();
    assert!(paths.len() >= 4, "{paths:?}");
    paths.extend(["/docs/".into(), "/openapi.json".into()]);
    let mut bytes = 0;
    for path in &paths {
        let (first, plain) = (get(&app, path, "gzip", "").await, get(&app, path, "identity", "").await);
        assert_eq!((first.status, first.header("content-encoding")), (200, "gzip"), "{path}");
        assert_eq!((plain.status, plain.header("content-encoding")), (200, ""), "{path}");
        bytes += first.body.len();
        let etag = first.header("etag");
        assert!(etag.starts_with("W/\"") && etag == plain.header("etag"), "{path}: {etag}");
        assert_eq!((first.header("cache-control"), first.header("vary")), ("no-cache", "accept-encoding"));
        for accepted in ["gzip", "identity"] {
            let again = get(&app, path, accepted, etag).await;
            assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, etag), "{path}");
            assert_eq!(
                (again.header("cache-control"), again.header("vary")),
                ("no-cache", "accept-encoding")
            );
        }
    }
    assert!(bytes < 500_000, "{bytes}");
    get(&app, "/docs/nothing.js", "gzip", "").await.expect_problem(404, "Not Found");
}
