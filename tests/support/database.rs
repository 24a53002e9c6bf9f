//! A database of its own for every test, on servers that `scripts/with-databases.sh` has started.
//!
//! Shared by the integration tests of several crates.

use std::sync::atomic::{AtomicU32, Ordering};

use mysql_async::prelude::Queryable;
use taglink_repository::{Backend, DatabaseUrl};

/// A fresh, empty database; removed when dropped.
pub struct TestDatabase {
    pub url: DatabaseUrl,
    pub text: String,
    kind: Kind,
}

enum Kind {
    Sqlite { _folder: tempfile::TempDir },
    Server { backend: Backend, server: String, name: String },
}

impl TestDatabase {
    pub fn new(backend: Backend) -> Self {
        let (text, kind) = match backend {
            Backend::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let text = format!("sqlite:{}", folder.path().join("taglink.db").display());
                (text, Kind::Sqlite { _folder: folder })
            }
            Backend::Postgres | Backend::Mariadb => {
                let server = server(backend);
                let name = unique_name();
                execute(backend, &server, &format!("CREATE DATABASE {name}"));
                let (address, _) = server.rsplit_once('/').unwrap();
                (format!("{address}/{name}"), Kind::Server { backend, server, name })
            }
        };
        Self { url: DatabaseUrl::parse(&text).unwrap(), text, kind }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Kind::Server { backend, server, name } = &self.kind
            && !std::thread::panicking()
        {
            let force = if *backend == Backend::Postgres { " WITH (FORCE)" } else { "" };
            execute(*backend, server, &format!("DROP DATABASE {name}{force}"));
        }
    }
}

/// Runs SQL on a database server, on a connection of its own.
pub fn execute(backend: Backend, url: &str, sql: &str) {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                if backend == Backend::Postgres {
                    let (client, connection) =
                        tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
                    let driver = tokio::spawn(connection);
                    client.batch_execute(sql).await.unwrap();
                    drop(client);
                    driver.await.unwrap().unwrap();
                } else {
                    let url = url.replacen("mariadb://", "mysql://", 1);
                    let mut connection = mysql_async::Conn::from_url(url).await.unwrap();
                    connection.query_drop(sql).await.unwrap();
                    connection.disconnect().await.unwrap();
                }
            });
        });
    });
}

#[expect(clippy::disallowed_methods, reason = "the test servers' addresses come from the environment")]
fn server(backend: Backend) -> String {
    let variable = match backend {
        Backend::Postgres => "TAGLINK_TEST_POSTGRES_URL",
        Backend::Mariadb => "TAGLINK_TEST_MARIADB_URL",
        Backend::Sqlite => unreachable!("SQLite has no server"),
    };
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run `make test` or `scripts/with-databases.sh CMD`")
    })
}

fn unique_name() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    format!("taglink_test_{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed))
}
