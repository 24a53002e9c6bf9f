//! A connection as the domain's unit of work.
//!
//! The ports are implemented in `query`, `search` and `change_feed`, one file for each aggregate; here is what they
//! stand on.

#[cfg(test)]
mod plans;
mod savepoint;
#[cfg(test)]
mod tests;

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use diesel::query_dsl::LoadQuery;
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::sql_types::BigInt;
use taglink_domain::model::{Limit, Page, PageItem};
use taglink_domain::port::{RepositoryError, Result, UnitOfWork};

use crate::change_feed::{ChangeFeed, FeedConfig};
use crate::connection::AnyConnection;
use crate::dialect::{DbId, Dialect, SqlBuilder};
use crate::error::{Table, classify, classify_on, execute};
use crate::schema::account;

/// A connection, and the first failure of the job that runs on it.
///
/// The failure is remembered because PostgreSQL answers COMMIT of a failed transaction with a silent ROLLBACK: a use
/// case that met an error must not commit, on any database.
pub(crate) struct DbUnitOfWork {
    connection: AnyConnection,
    dialect: Dialect,
    failure: Option<RepositoryError>,
    /// For each savepoint, the failure before it; the last one at the end.
    savepoints: Vec<Option<RepositoryError>>,
    is_retry: bool,
    pub(crate) change_feed: ChangeFeed,
}

impl DbUnitOfWork {
    pub(crate) fn new(connection: AnyConnection, feed: FeedConfig) -> Self {
        Self {
            dialect: Dialect::of(&connection),
            connection,
            failure: None,
            savepoints: Vec::new(),
            is_retry: false,
            change_feed: ChangeFeed::new(feed),
        }
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn failure(&self) -> Option<&RepositoryError> {
        self.failure.as_ref()
    }

    /// Forgets the job before; to be called before a transaction, or a part of one that can be undone by itself, begins.
    pub(crate) fn begin_job(&mut self, is_retry: bool) {
        self.failure = None;
        self.savepoints.clear();
        self.is_retry = is_retry;
        self.change_feed.begin_job();
    }

    /// Runs SQL such as BEGIN, whose failure its caller deals with. SQLite keeps it prepared; the servers take it in
    /// their simple protocol.
    pub(crate) fn control(&mut self, sql: &'static str) -> Result<()> {
        match self.dialect {
            Dialect::Sqlite => SqlBuilder::new(sql)
                .cached()
                .execute(&mut self.connection)
                .map(drop)
                .map_err(|error| classify(&error, None)),
            Dialect::Postgres | Dialect::Mariadb => execute(&mut self.connection, sql),
        }
    }

    /// Runs what concerns `table`, and remembers a failure.
    fn query<T>(
        &mut self,
        table: Table,
        query: impl FnOnce(&mut AnyConnection) -> QueryResult<T>,
    ) -> Result<T> {
        let result = query(&mut self.connection);
        let result = result.map_err(|error| classify_on(&mut self.connection, &error, Some(table)));
        self.remember(result)
    }

    /// Runs a statement that concerns `table`, and says how many rows it has changed.
    pub(crate) fn execute<S>(&mut self, table: Table, statement: S) -> Result<usize>
    where
        S: RunQueryDsl<AnyConnection> + ExecuteDsl<AnyConnection>,
    {
        self.query(table, |connection| statement.execute(connection))
    }

    /// The rows of a query.
    pub(crate) fn load<'q, T>(
        &mut self,
        table: Table,
        query: impl LoadQuery<'q, AnyConnection, T>,
    ) -> Result<Vec<T>> {
        self.query(table, |connection| query.load(connection))
    }

    /// A page of the rows of a query that asks for one more than the limit. They are read one after the other, and no more
    /// of them than the page holds.
    pub(crate) fn load_page<'q, R, T: PageItem>(
        &mut self,
        table: Table,
        query: impl LoadQuery<'q, AnyConnection, R>,
        limit: Limit,
        to_item: impl Fn(R) -> QueryResult<T>,
    ) -> Result<Page<T>> {
        self.query(table, |connection| {
            let rows = query.load_iter::<R, DefaultLoadingMode>(connection)?;
            Page::collect(rows.map(|row| row.and_then(&to_item)), limit)
        })
    }

    /// The row of a query that has at most one.
    pub(crate) fn one<'q, T>(
        &mut self,
        table: Table,
        query: impl LoadQuery<'q, AnyConnection, T>,
    ) -> Result<Option<T>> {
        self.query(table, |connection| query.get_result(connection).optional())
    }

    fn remember<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(failure) = &result {
            self.failure.get_or_insert_with(|| failure.clone());
        }
        result
    }
}

/// For rows that must exist, because a statement before has seen or made them in this transaction: only a concurrent
/// delete can have removed them, so the transaction is worth another try.
pub(crate) fn expect_row<T>(row: Option<T>) -> Result<T> {
    row.ok_or_else(|| RepositoryError::Busy("a row vanished in mid-transaction".into()))
}

impl UnitOfWork for DbUnitOfWork {
    fn ping(&mut self) -> Result<()> {
        let any = account::table.select(account::account_id).limit(1);
        self.one::<DbId>(Table::Account, any).map(drop)
    }

    fn is_read_only(&mut self) -> Result<bool> {
        let query = SqlBuilder::new(self.dialect.is_read_only()).with_rows::<BigInt>();
        Ok(self.one::<i64>(Table::Account, query)? == Some(1))
    }

    fn is_retry(&self) -> bool {
        self.is_retry
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
