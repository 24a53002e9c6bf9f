//! A blocking facade over the pure-Rust drivers of diesel-async, so that they fit into diesel's `MultiConnection`.
//!
//! A connection is made, used and dropped on one plain thread. It owns a small runtime that drives its socket, and it
//! waits for an answer only so long: the servers' own time-outs do not help where a server, or the network before it,
//! has gone silent.

use std::any::Any;
use std::pin::Pin;
use std::time::Duration;

use diesel::connection::{
    CacheSize, Connection, ConnectionSealed, Instrumentation, LoadConnection, SimpleConnection,
    TransactionManager, TransactionManagerStatus,
};
use diesel::expression::QueryMetadata;
use diesel::internal::derives::multiconnection::MultiConnectionHelper;
use diesel::migration::{CREATE_MIGRATIONS_TABLE, MigrationConnection};
use diesel::pg::{FailedToLookupTypeError, PgMetadataCacheKey, PgMetadataLookup, PgTypeMetadata};
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::TypeMetadata;
use diesel::{ConnectionError, ConnectionResult, QueryResult};
use diesel_async::{
    AsyncConnection, AsyncMysqlConnection, AsyncPgConnection, TransactionManager as AsyncManager,
};
use futures_util::{Stream, StreamExt};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::sqlstate::LatestError;

pub type PgConnection = Blocking<AsyncPgConnection>;
pub type MysqlConnection = Blocking<AsyncMysqlConnection>;

/// How long an answer may take: a little longer than the servers let a statement run.
const PATIENCE: Duration = Duration::from_secs(12);

/// How long the whole of a connection's making may take: reaching the server, logging in, preparing the session.
const CONNECT_PATIENCE: Duration = Duration::from_secs(4);

/// A connection of diesel-async behind diesel's synchronous traits.
pub struct Blocking<C> {
    // Dropped before the runtime that it lives on.
    connection: C,
    waiter: Waiter,
}

/// Forwards to the transaction manager of the driver.
pub struct Manager;

/// Waits for futures, but not for ever.
struct Waiter {
    runtime: Runtime,
    patience: Duration,
    latest_error: LatestError,
}

impl Waiter {
    fn wait<T>(&self, future: impl Future<Output = QueryResult<T>>) -> QueryResult<T> {
        self.runtime
            .block_on(async { timeout(self.patience, future).await })
            .unwrap_or_else(|_| {
                let reason = Box::new("the server did not answer in time".to_owned());
                Err(Error::DatabaseError(DatabaseErrorKind::ClosedConnection, reason))
            })
            .map_err(|error| self.latest_error.with_code(error))
    }
}

impl<C: AsyncConnection + 'static> Blocking<C> {
    /// Runs `connect` to its end on a runtime of its own, and keeps both.
    pub(super) fn connect(
        connect: impl Future<Output = ConnectionResult<C>>,
        latest_error: LatestError,
    ) -> ConnectionResult<Self> {
        let bad = |reason: String| ConnectionError::BadConnection(reason);
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(|error| bad(error.to_string()))?;
        let connection = runtime
            .block_on(async { timeout(CONNECT_PATIENCE, connect).await })
            .map_err(|_| bad("the server did not answer in time".to_owned()))??;
        Ok(Self { connection, waiter: Waiter { runtime, patience: PATIENCE, latest_error } })
    }

    /// Waits longer for answers from now on: migrations take as long as they take.
    pub(crate) fn be_patient(&mut self, patience: Duration) {
        self.waiter.patience = patience;
    }
}

impl<C> ConnectionSealed for Blocking<C> {}

impl<C: AsyncConnection> SimpleConnection for Blocking<C> {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.waiter.wait(self.connection.batch_execute(query))
    }
}

impl<C: AsyncConnection + 'static> Connection for Blocking<C> {
    type Backend = C::Backend;
    type TransactionManager = Manager;

    fn establish(url: &str) -> ConnectionResult<Self> {
        Self::connect(C::establish(url), LatestError::default())
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Self::Backend> + QueryId,
    {
        self.waiter.wait(self.connection.execute_returning_count(source))
    }

    fn transaction_state(&mut self) -> &mut <Manager as TransactionManager<Self>>::TransactionStateData {
        self.connection.transaction_state()
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        self.connection.instrumentation()
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.connection.set_instrumentation(instrumentation);
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.connection.set_prepared_statement_cache_size(size);
    }
}

impl<C: AsyncConnection + 'static> LoadConnection for Blocking<C> {
    type Cursor<'conn, 'query>
        = Cursor<'conn, C::Stream<'conn, 'query>>
    where
        Self: 'conn;
    type Row<'conn, 'query>
        = C::Row<'conn, 'query>
    where
        Self: 'conn;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> QueryResult<Self::Cursor<'conn, 'query>>
    where
        T: Query + QueryFragment<Self::Backend> + QueryId + 'query,
        Self::Backend: QueryMetadata<T::SqlType>,
    {
        let stream = self.waiter.wait(self.connection.load(source))?;
        Ok(Cursor { stream: Box::pin(stream), waiter: &self.waiter })
    }
}

/// The rows of an answer, each waited for.
pub struct Cursor<'conn, S> {
    stream: Pin<Box<S>>,
    waiter: &'conn Waiter,
}

impl<T, S: Stream<Item = QueryResult<T>>> Iterator for Cursor<'_, S> {
    type Item = QueryResult<T>;

    fn next(&mut self) -> Option<QueryResult<T>> {
        let next = self.stream.next();
        self.waiter.wait(async { next.await.transpose() }).transpose()
    }
}

impl<C: AsyncConnection + 'static> TransactionManager<Blocking<C>> for Manager {
    type TransactionStateData = <C::TransactionManager as AsyncManager<C>>::TransactionStateData;

    fn begin_transaction(blocking: &mut Blocking<C>) -> QueryResult<()> {
        blocking.waiter.wait(C::TransactionManager::begin_transaction(&mut blocking.connection))
    }

    fn rollback_transaction(blocking: &mut Blocking<C>) -> QueryResult<()> {
        blocking.waiter.wait(C::TransactionManager::rollback_transaction(&mut blocking.connection))
    }

    fn commit_transaction(blocking: &mut Blocking<C>) -> QueryResult<()> {
        blocking.waiter.wait(C::TransactionManager::commit_transaction(&mut blocking.connection))
    }

    fn transaction_manager_status_mut(blocking: &mut Blocking<C>) -> &mut TransactionManagerStatus {
        C::TransactionManager::transaction_manager_status_mut(&mut blocking.connection)
    }
}

impl<C: AsyncConnection + 'static> MigrationConnection for Blocking<C> {
    /// A standby, which refuses this, has the table from its primary.
    fn setup(&mut self) -> QueryResult<usize> {
        let look = "SELECT 1 FROM __diesel_schema_migrations LIMIT 1";
        let created = self.batch_execute(CREATE_MIGRATIONS_TABLE);
        created.or_else(|refused| self.batch_execute(look).map_err(|_| refused)).map(|()| 0)
    }
}

type Lookup<C> = <<C as Connection>::Backend as TypeMetadata>::MetadataLookup;

impl MultiConnectionHelper for MysqlConnection {
    fn to_any<'a>(lookup: &mut Lookup<Self>) -> &mut (dyn Any + 'a) {
        lookup
    }

    fn from_any(lookup: &mut dyn Any) -> Option<&mut Lookup<Self>> {
        lookup.downcast_mut()
    }
}

/// Refuses look-ups in PostgreSQL's catalogue: every type of this schema has an OID known at compile time.
struct StaticOids;

impl PgMetadataLookup for StaticOids {
    fn lookup_type(&mut self, name: &str, schema: Option<&str>) -> PgTypeMetadata {
        let key =
            PgMetadataCacheKey::new(schema.map(|schema| schema.to_owned().into()), name.to_owned().into());
        PgTypeMetadata::from_result(Err(FailedToLookupTypeError::new(key)))
    }

    fn as_any<'a>(&mut self) -> &mut (dyn Any + 'a)
    where
        Self: 'a,
    {
        self
    }
}

impl MultiConnectionHelper for PgConnection {
    fn to_any<'a>(_: &mut Lookup<Self>) -> &mut (dyn Any + 'a) {
        // A zero-sized value: nothing is allocated, so nothing leaks.
        Box::leak(Box::new(StaticOids))
    }

    fn from_any(lookup: &mut dyn Any) -> Option<&mut Lookup<Self>> {
        match lookup.downcast_mut::<StaticOids>() {
            Some(lookup) => Some(lookup),
            None => None,
        }
    }
}
