//! An export is read while it is sent, and no part of it passes for the whole.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use taglink_domain::model::{Clock, LinkUrl, Notes, Owner, SystemClock};
use taglink_domain::use_case::import::{self, Import, ImportLink, ImportRows};
use taglink_repository::{DieselStore, ExecutorConfig, migration};

use crate::app::TestApp;
use crate::on_every_database;

on_every_database!(twenty_thousand_links_are_exported_as_they_are_read);

/// Links with notes of this length, in the shared account.
async fn fill(app: &TestApp, links: usize, notes: usize) {
    let row = |number: usize| ImportLink {
        row: number,
        id: None,
        url: LinkUrl::parse(format!("https://example.org/{number}")).unwrap(),
        title: None,
        notes: Notes::parse("n".repeat(notes)).unwrap(),
        names: Vec::new(),
        taggings: Vec::new(),
        created_at: None,
        updated_at: None,
    };
    let rows = ImportRows { links: (0..links).map(row).collect(), ..ImportRows::default() };
    let command = Import { owner: Owner::shared(), rows, dry_run: false, at: SystemClock.now() };
    let config = ExecutorConfig { connections: 1, queue: 9, deadline: Duration::from_secs(30) };
    let store = DieselStore::open(&app.database.url, config).unwrap();
    import::run(&store, command, &mut |_| ()).await.unwrap();
    store.close();
}

async fn response(app: &TestApp, path: &str) -> reqwest::Response {
    let url = format!("http://{}{path}", app.address);
    reqwest::Client::new().request(Method::GET, url).bearer_auth(app.token().await).send().await.unwrap()
}

async fn twenty_thousand_links_are_exported_as_they_are_read(app: &TestApp) {
    fill(app, 20_000, 10).await;
    let mut response = response(app, "/export").await;
    assert_eq!(
        (response.status().as_u16(), response.content_length()),
        (200, None),
        "its length is not known before"
    );
    let (mut file, mut largest) = (Vec::new(), 0);
    while let Some(chunk) = response.chunk().await.unwrap() {
        largest = largest.max(chunk.len());
        file.extend_from_slice(&chunk);
    }
    assert!(largest < 300_000 && file.len() > 4_000_000, "{largest} of {}", file.len());
    let file: Value = serde_json::from_slice(&file).unwrap();
    let links: Vec<&str> =
        file["links"].as_array().unwrap().iter().map(|link| link["link"].as_str().unwrap()).collect();
    assert!(links.iter().enumerate().all(|(number, link)| *link == format!("https://example.org/{number}")));
    assert_eq!(links.len(), 20_000);
}

#[tokio::test]
async fn what_is_not_fetched_is_not_read_and_a_failure_breaks_the_file() {
    let app = TestApp::sqlite();
    fill(&app, 3000, 10_000).await;
    let mut response = response(&app, "/export?format=csv").await;
    let first = response.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"url,title"));
    // The server has come as far as buffers reach, and waits; what is gone then cannot have been read.
    tokio::time::sleep(Duration::from_millis(500)).await;
    while migration::revert(&app.database.url).unwrap().is_some() {}
    let mut received = first.len();
    let broken = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => received += chunk.len(),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broken, "the file ended as if it were complete");
    assert!(received < 30_000_000, "{received}");
}

#[tokio::test]
async fn a_head_request_tells_the_name_and_reads_nothing() {
    let app = TestApp::sqlite();
    let url = format!("http://{}/export?format=html", app.address);
    let answer = reqwest::Client::new().head(url).bearer_auth(app.token().await).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert!(answer.headers()["content-disposition"].to_str().unwrap().ends_with(".html\""));
}
