//! A session: one connection seen as the domain's unit of work. One file for each aggregate.

mod account;
mod api_token;
mod bulk;
mod bulk_lookup;
mod change;
mod deep_page;
mod digest;
mod feed;
mod idempotency;
mod link;
mod login;
mod moving;
mod noted;
mod reindex;
mod savepoint;
mod search;
mod subject;
mod tag;
mod tag_lock;
mod taglink;
mod tags_of_links;
mod term;
mod time;
mod user;

use diesel::QueryResult;
use taglink_domain::model::AccountId;
use taglink_domain::port::{RepositoryError, Result, UnitOfWork};

pub use self::feed::FeedConfig;
use self::noted::Noted;
use self::savepoint::Savepoint;
use crate::connection::{AnyConnection, connect, on_own_thread};
use crate::error::{Table, classify, execute};
use crate::url::DatabaseUrl;

/// Runs the same lines on the connection inside [`AnyConnection`], for what `MultiConnection` cannot express.
macro_rules! on_backend {
    ($connection:expr, sqlite_or_postgres: |$inner:ident| $standard:expr, mariadb: |$maria:ident| $mariadb:expr $(,)?) => {
        match $connection {
            AnyConnection::Sqlite($inner) => $standard,
            AnyConnection::Postgres($inner) => $standard,
            AnyConnection::Mariadb($maria) => $mariadb,
        }
    };
}
pub(crate) use on_backend;
pub(crate) use reindex::reindex;

/// A connection, and what has happened on it: the first failure of the job that is running, and what was changed.
///
/// The failure is remembered because PostgreSQL answers COMMIT of a failed transaction with a silent ROLLBACK: a use
/// case that met an error must not commit, on any database.
pub(crate) struct Session {
    connection: AnyConnection,
    failure: Option<RepositoryError>,
    /// Those that are set, the last one at the end.
    savepoints: Vec<Savepoint>,
    /// What the job has changed since the last savepoint.
    noted: Noted,
    /// What jobs that were done have changed in the same transaction.
    agreed: Noted,
    /// The accounts whose other writers wait: see [`Session::begin_change`].
    held: Vec<AccountId>,
    feed: FeedConfig,
}

impl Session {
    pub(crate) fn new(connection: AnyConnection, feed: FeedConfig) -> Self {
        Self {
            connection,
            failure: None,
            savepoints: Vec::new(),
            noted: Noted::default(),
            agreed: Noted::default(),
            held: Vec::new(),
            feed,
        }
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }

    pub(crate) fn failure(&self) -> Option<&RepositoryError> {
        self.failure.as_ref()
    }

    /// Forgets what happened before; to be called before a transaction begins.
    pub(crate) fn begin_transaction(&mut self) {
        self.begin_job();
        self.agreed.clear();
    }

    /// Forgets the job before; to be called before a part of a transaction begins that can be undone by itself.
    pub(crate) fn begin_job(&mut self) {
        self.failure = None;
        self.savepoints.clear();
        self.noted.clear();
        self.held.clear();
    }

    /// Runs raw SQL, such as BEGIN, whose failure its caller deals with.
    pub(crate) fn execute(&mut self, sql: &str) -> Result<()> {
        execute(&mut self.connection, sql)
    }

    /// Runs a query that concerns `table`, and remembers a failure.
    fn query<T>(
        &mut self,
        table: Table,
        query: impl FnOnce(&mut AnyConnection) -> QueryResult<T>,
    ) -> Result<T> {
        let result = query(&mut self.connection).map_err(|error| classify(&error, Some(table)));
        self.remember(result)
    }

    fn remember<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(failure) = &result {
            self.failure.get_or_insert_with(|| failure.clone());
        }
        result
    }

    /// For rows that must be there, because a statement before has seen or made them in this transaction: only a
    /// concurrent delete can have removed them, so the transaction is worth another try.
    fn expect_row<T>(row: Option<T>) -> Result<T> {
        row.ok_or_else(|| RepositoryError::Busy("a row vanished in mid-transaction".into()))
    }

    /// The same for a statement that must reach as many rows as were seen before.
    fn expect_rows(reached: usize, seen: usize) -> Result<()> {
        Self::expect_row((reached == seen).then_some(()))
    }
}

impl UnitOfWork for Session {
    fn ping(&mut self) -> Result<()> {
        let result = self.execute("SELECT 1");
        self.remember(result)
    }

    fn set_savepoint(&mut self) -> Result<()> {
        self.push_savepoint()
    }

    fn roll_back_to_savepoint(&mut self) -> Result<()> {
        self.undo_savepoint()
    }

    fn release_savepoint(&mut self) -> Result<()> {
        self.drop_savepoint()
    }
}

/// Runs `work` in a write transaction on a connection of its own: for commands that end when it is done.
///
/// Blocks; not for async code.
///
/// # Errors
/// Those of `work`, and those of the storage.
pub fn with_unit_of_work<T: Send, E: From<RepositoryError> + Send>(
    url: &DatabaseUrl,
    work: impl FnOnce(&mut dyn UnitOfWork) -> std::result::Result<T, E> + Send,
) -> std::result::Result<T, E> {
    on_own_thread(|| {
        let mut session = Session::new(connect(url).map_err(RepositoryError::from)?, FeedConfig::default());
        in_transaction(&mut session, url.backend().begin(), work)
    })
}

/// Runs `work` between `begin` and COMMIT, or ROLLBACK if it fails.
pub(crate) fn in_transaction<T, E: From<RepositoryError>>(
    session: &mut Session,
    begin: &str,
    work: impl FnOnce(&mut dyn UnitOfWork) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    session.begin_transaction();
    session.execute(begin)?;
    let worked = work(session).and_then(|value| {
        session.agree();
        session.store_changes()?;
        Ok(value)
    });
    session.execute(if worked.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    worked
}
