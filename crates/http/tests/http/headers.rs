//! Request ids, security headers and CORS.

use reqwest::Method;
use taglink_repository::Backend;

use crate::app::TestApp;

#[tokio::test]
async fn a_well_formed_request_id_is_taken_over_and_any_other_replaced() {
    let app = TestApp::sqlite();
    let id_of = async |sent: &str| {
        let answer = app.request(Method::GET, "/nothing").header("x-request-id", sent).send().await;
        answer.expect_problem(404, "Not Found")["request_id"].as_str().unwrap().to_owned()
    };
    let longest = "a".repeat(64);
    for good in ["abc-123", "A", &longest] {
        assert_eq!(id_of(good).await, good);
    }
    let too_long = "a".repeat(65);
    for bad in ["", "a b", "a_b", "ä", &too_long] {
        let made = id_of(bad).await;
        assert_ne!(made, bad);
        assert_eq!(made.len(), 36);
    }
}

#[tokio::test]
async fn every_answer_has_security_headers() {
    let app = TestApp::sqlite();
    for path in ["/health/live", "/nothing", "/docs/", "/openapi.json", "/tag/%00", "/token/"] {
        let answer = app.request(Method::GET, path).send().await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        assert_eq!(answer.header("server"), "", "{path}");
    }
}

fn preflight(app: &TestApp, origin: &str) -> crate::app::Request {
    app.request(Method::OPTIONS, "/link/")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
}

#[tokio::test]
async fn only_configured_origins_may_call_from_a_browser() {
    let origins = "https://links.example.org,http://localhost:3000";
    let app = TestApp::with_settings(Backend::Sqlite, &[("TAGLINK__ORIGINS", origins)]);
    for origin in ["https://links.example.org", "http://localhost:3000"] {
        let answer = preflight(&app, origin).send().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        let allowed = answer.header("access-control-allow-headers").to_lowercase();
        assert!(allowed.contains("authorization") && allowed.contains("content-type"), "{allowed}");
        let request = app.request(Method::OPTIONS, "/link/").header("origin", origin);
        let request = request.header("access-control-request-method", "HEAD");
        let answer =
            request.header("access-control-request-headers", "traceparent,x-b3-traceid").send().await;
        assert_eq!(answer.status, 200);
        let allowed = answer.header("access-control-allow-headers").to_lowercase();
        assert!(allowed.contains("traceparent") && allowed.contains("x-b3-traceid"), "{allowed}");
        let request = app.request(Method::OPTIONS, "/link/").header("origin", origin);
        let answer = request.header("access-control-request-method", "TRACE").send().await;
        answer.expect_problem(400, "Requested method is not allowed");
        let answer = app.request(Method::GET, "/link/").header("origin", origin).send().await;
        answer.expect_problem(401, "Not authenticated");
        assert_eq!(answer.header("access-control-allow-origin"), origin, "a page can read the problem");
        assert!(answer.header("access-control-expose-headers").to_lowercase().contains("link"));
        assert!(answer.header("vary").to_lowercase().contains("origin"));
    }
    for origin in [
        "https://evil.example.org",
        "https://links.example.org.evil.example",
        "null",
        "http://localhost:3001",
    ] {
        let answer = preflight(&app, origin).send().await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
        answer.expect_problem(400, "Origin is not allowed to make this request");
        let answer = app.request(Method::GET, "/health/live").header("origin", origin).send().await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
}

#[tokio::test]
async fn without_origins_no_page_of_another_origin_may_call() {
    let app = TestApp::sqlite();
    let answer = preflight(&app, "https://links.example.org").send().await;
    answer.expect_problem(405, "Method Not Allowed");
    assert_eq!(answer.header("access-control-allow-origin"), "");
}
