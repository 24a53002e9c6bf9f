//! A blocking facade over the pure-Rust drivers of diesel-async, so that they fit into diesel's `MultiConnection`.
//!
//! A connection is made, used and dropped on one plain thread, whose small runtime drives its socket.

use std::any::Any;
use std::cell::OnceCell;
use std::sync::Arc;

use diesel::connection::{
    CacheSize, Connection, ConnectionSealed, Instrumentation, LoadConnection, SimpleConnection,
    TransactionManager, TransactionManagerStatus,
};
use diesel::expression::QueryMetadata;
use diesel::internal::derives::multiconnection::MultiConnectionHelper;
use diesel::migration::{CREATE_MIGRATIONS_TABLE, MigrationConnection};
use diesel::pg::{FailedToLookupTypeError, PgMetadataCacheKey, PgMetadataLookup, PgTypeMetadata};
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::sql_types::TypeMetadata;
use diesel::{ConnectionError, ConnectionResult, QueryResult};
use diesel_async::async_connection_wrapper::{AsyncConnectionWrapper, BlockOn};
use diesel_async::{AsyncConnection, AsyncMysqlConnection, AsyncPgConnection};
use tokio::runtime::{Builder, Runtime};

pub type PgConnection = Blocking<AsyncPgConnection>;
pub type MysqlConnection = Blocking<AsyncMysqlConnection>;

type Inner<C> = AsyncConnectionWrapper<C, ThreadRuntime>;
type InnerManager<C> = <Inner<C> as Connection>::TransactionManager;

thread_local! {
    static RUNTIME: OnceCell<Arc<Runtime>> = const { OnceCell::new() };
}

/// The single-threaded runtime of this thread, made at first use.
pub struct ThreadRuntime(Arc<Runtime>);

impl ThreadRuntime {
    fn current() -> std::io::Result<Self> {
        RUNTIME.with(|cell| {
            if let Some(runtime) = cell.get() {
                return Ok(Self(Arc::clone(runtime)));
            }
            let runtime = Arc::new(Builder::new_current_thread().enable_all().build()?);
            Ok(Self(Arc::clone(cell.get_or_init(|| runtime))))
        })
    }
}

impl BlockOn for ThreadRuntime {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    #[expect(
        clippy::expect_used,
        reason = "the trait cannot fail, and `Blocking::connect` has made it before"
    )]
    fn get_runtime() -> Self {
        Self::current().expect("this thread's runtime exists")
    }
}

/// A connection of diesel-async behind diesel's synchronous traits.
pub struct Blocking<C>(Inner<C>);

/// Forwards to the transaction manager of the driver.
pub struct Manager;

impl<C: AsyncConnection + 'static> Blocking<C> {
    /// Runs `connect` to its end on this thread's runtime and keeps what it yields.
    pub(super) fn connect(connect: impl Future<Output = ConnectionResult<C>>) -> ConnectionResult<Self> {
        let runtime =
            ThreadRuntime::current().map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
        runtime.block_on(connect).map(|connection| Self(Inner::from(connection)))
    }
}

impl<C> ConnectionSealed for Blocking<C> {}

impl<C: AsyncConnection> SimpleConnection for Blocking<C> {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.0.batch_execute(query)
    }
}

impl<C: AsyncConnection + 'static> Connection for Blocking<C> {
    type Backend = C::Backend;
    type TransactionManager = Manager;

    fn establish(url: &str) -> ConnectionResult<Self> {
        Self::connect(C::establish(url))
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Self::Backend> + QueryId,
    {
        Connection::execute_returning_count(&mut self.0, source)
    }

    fn transaction_state(&mut self) -> &mut <Manager as TransactionManager<Self>>::TransactionStateData {
        Connection::transaction_state(&mut self.0)
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        Connection::instrumentation(&mut self.0)
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        Connection::set_instrumentation(&mut self.0, instrumentation);
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        Connection::set_prepared_statement_cache_size(&mut self.0, size);
    }
}

impl<C: AsyncConnection + 'static> LoadConnection for Blocking<C> {
    type Cursor<'conn, 'query>
        = <Inner<C> as LoadConnection>::Cursor<'conn, 'query>
    where
        Self: 'conn;
    type Row<'conn, 'query>
        = <Inner<C> as LoadConnection>::Row<'conn, 'query>
    where
        Self: 'conn;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> QueryResult<Self::Cursor<'conn, 'query>>
    where
        T: Query + QueryFragment<Self::Backend> + QueryId + 'query,
        Self::Backend: QueryMetadata<T::SqlType>,
    {
        LoadConnection::load(&mut self.0, source)
    }
}

impl<C: AsyncConnection + 'static> TransactionManager<Blocking<C>> for Manager {
    type TransactionStateData = <InnerManager<C> as TransactionManager<Inner<C>>>::TransactionStateData;

    fn begin_transaction(connection: &mut Blocking<C>) -> QueryResult<()> {
        InnerManager::<C>::begin_transaction(&mut connection.0)
    }

    fn rollback_transaction(connection: &mut Blocking<C>) -> QueryResult<()> {
        InnerManager::<C>::rollback_transaction(&mut connection.0)
    }

    fn commit_transaction(connection: &mut Blocking<C>) -> QueryResult<()> {
        InnerManager::<C>::commit_transaction(&mut connection.0)
    }

    fn transaction_manager_status_mut(connection: &mut Blocking<C>) -> &mut TransactionManagerStatus {
        InnerManager::<C>::transaction_manager_status_mut(&mut connection.0)
    }
}

impl<C: AsyncConnection + 'static> MigrationConnection for Blocking<C> {
    fn setup(&mut self) -> QueryResult<usize> {
        self.batch_execute(CREATE_MIGRATIONS_TABLE).map(|()| 0)
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
