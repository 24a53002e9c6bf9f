//! `GET /.well-known/oauth-authorization-server` (RFC 8414).

use reqwest::Method;
use serde_json::json;
use taglink_repository::Backend;

use crate::app::TestApp;

const PATH: &str = "/.well-known/oauth-authorization-server";

#[tokio::test]
async fn without_a_public_url_there_is_no_metadata() {
    let app = TestApp::sqlite();
    for host in ["links.example.org", "evil.example.org:80"] {
        let answer = app.request(Method::GET, PATH).header("host", host).send().await;
        assert_eq!(answer.expect_problem(404, "Not Found")["code"], "not_found");
    }
}

#[tokio::test]
async fn the_metadata_is_that_of_the_public_url_whatever_the_host_header() {
    for url in ["https://links.example.org", "https://example.org:8443/links"] {
        let app = TestApp::with_settings(Backend::Sqlite, &[("TAGLINK__SERVER__PUBLIC_URL", url)]);
        let expected = json!({
            "issuer": url,
            "token_endpoint": format!("{url}/oauth/token"),
            "revocation_endpoint": format!("{url}/oauth/revoke"),
            "response_types_supported": [],
            "grant_types_supported": ["password", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "scopes_supported": ["admin", "account", "read"],
            "service_documentation": format!("{url}/docs/"),
        });
        let headers = [
            ("host", "evil.example.org"),
            ("x-forwarded-host", "evil.example.org"),
            ("forwarded", "host=evil.example.org;proto=http"),
            ("x-forwarded-proto", "http"),
        ];
        for (name, value) in headers {
            let answer = app.request(Method::GET, PATH).header(name, value).send().await;
            assert_eq!(answer.expect(200), expected, "{name}");
            assert_eq!(answer.header("content-type"), "application/json");
        }
        app.request(Method::POST, PATH).send().await.expect_problem(405, "Method Not Allowed");
    }
}

#[tokio::test]
async fn the_public_url_is_the_issuer_of_tokens_and_each_service_takes_only_its_own() {
    let url = "https://links.example.org";
    let app = TestApp::with_settings(Backend::Sqlite, &[("TAGLINK__SERVER__PUBLIC_URL", url)]);
    let elsewhere = app.another_service(&[]);
    let here = app.user().await;
    assert_eq!(crate::client::claims(&here.token)["iss"], url);
    here.is_accepted().await;
    here.at(&elsewhere).is_refused().await;
    let there = crate::app::Client::login(&elsewhere, &here.name, "").await;
    there.is_accepted().await;
    there.at(&app).is_refused().await;
}
