//! A store on a fresh database, and short ways to fill it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use diesel::Connection;
use diesel::connection::SimpleConnection;
use taglink_domain::model::{
    AccountId, Limit, Link, LinkId, LinkUrl, NewLink, NewTag, PageRequest, Realm, Tag, TagId, TagLink,
    TagName, Timestamp,
};
use taglink_domain::port::{RepositoryError, Store, UnitOfWork, UseCaseError};
use taglink_repository::{Backend, DieselStore, ExecutorConfig, migration};

use crate::database::{self, TestDatabase};

pub(crate) const SHARED: AccountId = AccountId::SHARED;
pub(crate) const OURS: Realm = Realm::One(SHARED);

pub(crate) struct Fixture {
    pub(crate) store: Arc<DieselStore>,
    pub(crate) database: TestDatabase,
    clock: AtomicI64,
}

impl Fixture {
    pub(crate) fn new(backend: Backend) -> Self {
        let config = ExecutorConfig { connections: 8, queue: 1000, deadline: Duration::from_secs(30) };
        Self::with_config(backend, config)
    }

    pub(crate) fn with_config(backend: Backend, config: ExecutorConfig) -> Self {
        let database = TestDatabase::new(backend);
        migration::run(&database.url).unwrap();
        let store = Arc::new(DieselStore::open(&database.url, config).unwrap());
        Self { store, database, clock: AtomicI64::new(1_700_000_000_000_000) }
    }

    pub(crate) fn write<T, E>(
        &self,
        use_case: impl FnMut(&mut dyn UnitOfWork) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: UseCaseError,
    {
        let store: &dyn Store = self.store.as_ref();
        futures_executor::block_on(store.write(use_case))
    }

    pub(crate) fn read<T: Send + 'static>(
        &self,
        use_case: impl FnMut(&mut dyn UnitOfWork) -> Result<T, RepositoryError> + Send + 'static,
    ) -> T {
        let store: &dyn Store = self.store.as_ref();
        futures_executor::block_on(store.read(use_case)).unwrap()
    }

    /// Runs SQL past the repositories.
    pub(crate) fn sql(&self, sql: &str) {
        let backend = self.database.url.backend();
        match self.database.url.sqlite_path() {
            Some(path) => {
                let mut connection = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                connection.batch_execute(&format!("PRAGMA busy_timeout = 5000; {sql}")).unwrap();
            }
            None => database::execute(backend, &self.database.text, sql),
        }
    }

    /// A moment later than all before.
    pub(crate) fn later(&self) -> Timestamp {
        Timestamp::from_micros(self.clock.fetch_add(1, Ordering::Relaxed)).unwrap()
    }

    pub(crate) fn other_account(&self) -> AccountId {
        let id = AccountId::new();
        self.sql(&format!(
            "INSERT INTO account (account_id, epoch, change_seq, created_at, updated_at) \
             VALUES ('{id}', 0, 0, '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        ));
        id
    }

    pub(crate) fn new_link(&self, account_id: AccountId, url: &str) -> NewLink {
        let url = LinkUrl::parse(url.into()).unwrap();
        NewLink { id: LinkId::new(), account_id, url, created_at: self.later() }
    }

    pub(crate) fn new_tag(&self, account_id: AccountId, name: &str) -> NewTag {
        let name = TagName::parse(name.into()).unwrap();
        NewTag { id: TagId::new(), account_id, name, created_at: self.later() }
    }

    pub(crate) fn link(&self, account_id: AccountId, url: &str) -> Link {
        let new = self.new_link(account_id, url);
        self.write(move |uow| uow.find_or_create_link(&new)).unwrap()
    }

    pub(crate) fn tag(&self, account_id: AccountId, name: &str) -> Tag {
        let new = self.new_tag(account_id, name);
        self.write(move |uow| uow.insert_tag(&new)).unwrap()
    }

    pub(crate) fn pair(&self, tag: &Tag, link: &Link) -> TagLink {
        TagLink {
            account_id: tag.account_id,
            tag_id: tag.id,
            link_id: link.id,
            link_created_at: link.created_at,
            created_at: self.later(),
        }
    }

    pub(crate) fn taglink(&self, tag: &Tag, link: &Link) -> TagLink {
        let new = self.pair(tag, link);
        let stored = new.clone();
        self.write(move |uow| uow.insert_taglink(&new)).unwrap();
        stored
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.store.close();
    }
}

pub(crate) fn page<P>(limit: u16, after: Option<P>) -> PageRequest<P> {
    PageRequest { limit: Limit::parse(&limit.to_string()).unwrap(), after }
}
