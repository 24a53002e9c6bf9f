//! The service answers while what its search goes by is brought up to date.

use std::time::{Duration, Instant};

use serde_json::Value;
use taglink_repository::Backend;
use tempfile::{TempDir, tempdir};

use crate::binary::{PASSWORD, login, post_link};
use crate::database::{TestDatabase, execute};
use crate::process::{PATIENCE, Server, taglink};
use crate::service::SECRET;

struct Service<'a> {
    folder: TempDir,
    database: &'a TestDatabase,
}

impl Service<'_> {
    fn start(&self) -> Server {
        let mut command = taglink(self.folder.path());
        command
            .env("TAGLINK__BOOTSTRAP__PASSWORD", PASSWORD)
            .env("TAGLINK__AUTHENTICATION__SECRET_KEY", SECRET)
            .env("TAGLINK__DATABASE__URL", &self.database.text);
        Server::start(&mut command)
    }

    fn sql(&self, sql: &str) {
        execute(self.database.url.backend(), &self.database.text, sql);
    }
}

async fn found(server: &Server, token: &str, query: &str) -> usize {
    let url = server.url(&format!("/link/{query}"));
    let answer = reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json::<Vec<Value>>().await.unwrap().len()
}

async fn serves_while_rows_are_outdated(backend: Backend) {
    let database = TestDatabase::new(backend);
    let service = Service { folder: tempdir().unwrap(), database: &database };
    let (client, server) = (reqwest::Client::new(), service.start());
    let token = login(&server, PASSWORD).await.unwrap();
    for number in 0..3 {
        let link = format!("https://old.example/{number}");
        assert_eq!(post_link(&client, &server.url("/link/"), &token, &link).await.unwrap(), 200);
    }
    server.signal("TERM");
    assert!(server.wait().0.success());
    service.sql("UPDATE link SET search_version = 0, search_text = ''");
    service.sql("DELETE FROM link_term");
    // Another process is at it, and never gets on.
    service.sql("UPDATE __taglink_lease SET holder = 7, expires_at = '2999-01-01' WHERE id = 2");

    let server = service.start();
    let token = login(&server, PASSWORD).await.unwrap();
    assert_eq!(found(&server, &token, "").await, 3);
    assert_eq!(found(&server, &token, "?q=old").await, 0);
    let new = "https://new.example/old";
    assert_eq!(post_link(&client, &server.url("/link/"), &token, new).await.unwrap(), 200);
    assert_eq!(found(&server, &token, "?q=old").await, 1);
    server.signal("TERM");
    let stopping = Instant::now();
    assert!(server.wait().0.success());
    assert!(stopping.elapsed() < Duration::from_secs(5), "it stops at once");

    let server = service.start();
    service.sql("UPDATE __taglink_lease SET expires_at = '2000-01-01' WHERE id = 2");
    let all = async {
        while found(&server, &token, "?q=old").await < 4 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, all).await.expect("the old links are found");
    server.signal("TERM");
    let (status, log) = server.wait();
    assert!(status.success());
    assert!(log.contains("updating the index of the search"), "{log}");
}

#[tokio::test]
async fn postgres_serves_while_rows_are_outdated() {
    serves_while_rows_are_outdated(Backend::Postgres).await;
}

#[tokio::test]
async fn mariadb_serves_while_rows_are_outdated() {
    serves_while_rows_are_outdated(Backend::Mariadb).await;
}
