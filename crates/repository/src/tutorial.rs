//! Reads the database of the tutorial that taglink comes from: on a MariaDB, in whatever state its parts have left it, and
//! whatever its character set.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder, Row, Value};
use taglink_domain::use_case::takeover::{AccountRow, LinkRow, SourceRows, TagLinkRow, TagRow, UserRow};
use thiserror::Error;
use tokio::runtime::Builder;
use tokio::time::timeout;

use crate::connection::{DatabaseUrl, Location, mariadb_options, on_own_thread, with_causes};

/// How long connecting may take, and reading a table.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
const READ_PATIENCE: Duration = Duration::from_mins(10);

/// The server turns every text into UTF-8, also of tables that are in latin1.
const SESSION: [&str; 2] = ["SET NAMES utf8mb4", "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"];

const COLUMNS: &str = "SELECT table_name, column_name FROM information_schema.columns \
    WHERE table_schema = DATABASE() AND LOWER(table_name) IN ('user', 'account', 'link', 'tag', 'taglink')";

/// Why the tutorial's database could not be read. Never holds a password.
#[derive(Debug, Error)]
pub enum TutorialError {
    #[error("the tutorial's database is one of MariaDB: mariadb://USER@HOST/apiservice")]
    NotMariadb,
    #[error("cannot connect: {0}")]
    Connect(String),
    #[error("there is no table {0}, so this is not the tutorial's database")]
    NoTable(&'static str),
    #[error("cannot read: {0}")]
    Read(String),
}

impl From<mysql_async::Error> for TutorialError {
    fn from(error: mysql_async::Error) -> Self {
        Self::Read(with_causes(&error))
    }
}

/// Whether a URL lacks the password that a server will want.
#[must_use]
pub fn lacks_password(url: &DatabaseUrl) -> bool {
    match url.location() {
        Location::Sqlite(_) => false,
        Location::Postgres(server) | Location::Mariadb(server) => {
            server.urls.iter().all(|url| url.password().is_none())
        }
    }
}

/// Reads all rows. `password` is for a URL without one. Blocks.
///
/// # Errors
/// If it cannot be reached, or is no such database.
pub fn read_tutorial(url: &DatabaseUrl, password: Option<&str>) -> Result<SourceRows, TutorialError> {
    let Location::Mariadb(server) = url.location() else { return Err(TutorialError::NotMariadb) };
    let first = server.urls.first().ok_or(TutorialError::NotMariadb)?;
    let mut options =
        mariadb_options(first, server).map_err(|error| TutorialError::Connect(error.to_string()))?;
    if let Some(password) = password.filter(|_| lacks_password(url)) {
        options = options.pass(Some(password));
    }
    on_own_thread(|| {
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| TutorialError::Connect(error.to_string()))?.block_on(read(options))
    })
}

async fn read(options: OptsBuilder) -> Result<SourceRows, TutorialError> {
    let connecting = timeout(CONNECT_PATIENCE, Conn::new(options)).await;
    let connection =
        connecting.map_err(|_| TutorialError::Connect("the server did not answer in time".into()))?;
    let mut source = Source {
        connection: connection.map_err(|error| TutorialError::Connect(with_causes(&error)))?,
        tables: BTreeMap::new(),
    };
    for statement in SESSION {
        in_time(source.connection.query_drop(statement)).await?;
    }
    source.look().await?;
    let rows = source.rows().await?;
    // All was read; how the connection ends is nobody's concern.
    drop(timeout(CONNECT_PATIENCE, source.connection.disconnect()).await);
    Ok(rows)
}

async fn in_time<T>(query: impl Future<Output = Result<T, mysql_async::Error>>) -> Result<T, TutorialError> {
    let answer = timeout(READ_PATIENCE, query).await;
    Ok(answer.map_err(|_| TutorialError::Read("the server did not answer in time".into()))??)
}

struct Source {
    connection: Conn,
    /// The tables and their columns, by their names in lower case, as they are spelt there.
    tables: BTreeMap<String, (String, BTreeMap<String, String>)>,
}

impl Source {
    async fn look(&mut self) -> Result<(), TutorialError> {
        for (table, column) in in_time(self.connection.query::<(String, String), _>(COLUMNS)).await? {
            let (_, columns) =
                self.tables.entry(table.to_lowercase()).or_insert_with(|| (table, BTreeMap::new()));
            columns.insert(column.to_lowercase(), column);
        }
        Ok(())
    }

    async fn rows(&mut self) -> Result<SourceRows, TutorialError> {
        let links = self.table("link", ["link_id", "link", "account_id"]).await?;
        let tags = self.table("tag", ["tag_id", "tag", "account_id"]).await?;
        let taglinks = self.table("taglink", ["tag_id", "link_id"]).await?;
        let users = self.table("user", ["user_id", "username", "hashed_password"]).await?;
        let accounts = self.table("account", ["account_id", "email", "hashed_password", "created"]).await?;
        Ok(SourceRows {
            users: each(users.unwrap_or_default(), |[user_id, username, hashed_password]| UserRow {
                user_id,
                username,
                hashed_password,
            }),
            accounts: accounts.map(|rows| {
                each(rows, |[account_id, email, hashed_password, created]| AccountRow {
                    account_id,
                    email,
                    hashed_password,
                    created,
                })
            }),
            links: each(links.ok_or(TutorialError::NoTable("link"))?, |[link_id, link, account_id]| {
                LinkRow { link_id, link, account_id }
            }),
            tags: each(tags.ok_or(TutorialError::NoTable("tag"))?, |[tag_id, tag, account_id]| TagRow {
                tag_id,
                tag,
                account_id,
            }),
            taglinks: each(taglinks.unwrap_or_default(), |[tag_id, link_id]| TagLinkRow { tag_id, link_id }),
        })
    }

    /// All rows of a table; a column that is not there counts as NULL. Nothing if there is no such table.
    async fn table<const N: usize>(
        &mut self,
        table: &str,
        columns: [&str; N],
    ) -> Result<Option<Vec<[Option<String>; N]>>, TutorialError> {
        let Some((table, known)) = self.tables.get(table) else { return Ok(None) };
        let as_text = |column: &str| match known.get(column) {
            Some(column) => format!("CONVERT({} USING utf8mb4)", quoted(column)),
            None => "NULL".to_owned(),
        };
        let sql = format!("SELECT {} FROM {}", columns.map(as_text).join(", "), quoted(table));
        let text = |value: Option<&Value>| match value {
            Some(Value::Bytes(bytes)) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        };
        let to_texts = |row: Row| std::array::from_fn(|place| text(row.as_ref(place)));
        in_time(self.connection.query_map(sql, to_texts)).await.map(Some)
    }
}

fn each<const N: usize, T>(rows: Vec<[Option<String>; N]>, to_row: fn([Option<String>; N]) -> T) -> Vec<T> {
    rows.into_iter().map(to_row).collect()
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
