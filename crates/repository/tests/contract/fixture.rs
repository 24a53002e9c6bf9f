//! A store on a fresh database, and short ways to fill it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use diesel::Connection;
use diesel::connection::SimpleConnection;
use taglink_domain::model::{
    Account, AccountId, AccountScope, Email, Limit, Link, LinkId, LinkUrl, NewAccount, NewLink, NewTag,
    NewUser, Owner, PageRequest, Tag, TagId, TagLink, TagName, Timestamp, User, UserId, Username,
};
use taglink_domain::port::{RepositoryError, Store, TagLinkFilter, UnitOfWork, UseCaseError};
use taglink_domain::search::{FoundLinks, LinkPlace, LinkSearch};
use taglink_domain::use_case::accounts;
use taglink_domain::use_case::import::{self, Import, ImportError, ImportReport, ImportRows};
use taglink_repository::{Backend, DieselStore, ExecutorConfig, migration};

use crate::database::{self, TestDatabase};

pub(crate) const SHARED: AccountId = AccountId::SHARED;
pub(crate) const OURS: AccountScope = AccountScope::One(SHARED);

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

    pub(crate) fn delete_account(&self, scope: AccountScope, id: AccountId) -> bool {
        let at = self.later();
        let begun = self.write(move |uow| accounts::begin_deletion(uow, scope, &id.into(), at)).unwrap();
        if begun {
            futures_executor::block_on(accounts::finish_deletion(self.store.as_ref(), id)).unwrap();
        }
        begun
    }

    pub(crate) fn import(
        &self,
        owner: Owner,
        rows: ImportRows,
        dry_run: bool,
    ) -> Result<ImportReport, ImportError> {
        let import = Import { owner, rows, dry_run, at: self.later() };
        futures_executor::block_on(import::run(self.store.as_ref(), import, &mut |_| ()))
    }

    /// Imports into the shared account, and calls `progress` after each part with the number of links that are done.
    pub(crate) fn import_in_parts(
        &self,
        rows: ImportRows,
        progress: &mut (dyn FnMut(usize) + Send),
    ) -> Result<ImportReport, ImportError> {
        let import = Import { owner: Owner::shared(), rows, dry_run: false, at: self.later() };
        futures_executor::block_on(import::run(self.store.as_ref(), import, progress))
    }

    pub(crate) fn read<T: Send + 'static>(
        &self,
        use_case: impl FnMut(&mut dyn UnitOfWork) -> Result<T, RepositoryError> + Send + 'static,
    ) -> T {
        let store: &dyn Store = self.store.as_ref();
        futures_executor::block_on(store.read(use_case)).unwrap()
    }

    /// Reads what needs several statements.
    pub(crate) fn snapshot<T: Send + 'static>(
        &self,
        use_case: impl FnMut(&mut dyn UnitOfWork) -> Result<T, RepositoryError> + Send + 'static,
    ) -> T {
        let store: &dyn Store = self.store.as_ref();
        futures_executor::block_on(store.read_snapshot(use_case)).unwrap()
    }

    pub(crate) fn page_of_links(
        &self,
        scope: AccountScope,
        search: &LinkSearch,
        limit: u16,
        after: Option<LinkPlace>,
    ) -> FoundLinks {
        page_of_links(self.store.as_ref(), scope, search, limit, after)
    }

    /// All links in the usual order.
    pub(crate) fn all_links(&self, scope: AccountScope) -> Vec<Link> {
        links_by_pages(self.store.as_ref(), scope, &LinkSearch::default(), 1000)
    }

    /// Runs SQL past the repositories.
    pub(crate) fn sql(&self, sql: &str) {
        execute(&self.database, sql);
    }

    pub(crate) fn backend(&self) -> Backend {
        self.database.url.backend()
    }

    /// A moment later than all before.
    pub(crate) fn later(&self) -> Timestamp {
        Timestamp::from_micros(self.clock.fetch_add(1, Ordering::Relaxed)).unwrap()
    }

    pub(crate) fn new_account(&self, email: &str) -> NewAccount {
        NewAccount {
            id: AccountId::new(),
            email: Email::parse(email.into()).unwrap(),
            hashed_password: "old".into(),
            created_at: self.later(),
        }
    }

    pub(crate) fn account(&self, email: &str) -> Account {
        let new = self.new_account(email);
        let stored = new.clone().into();
        self.write(move |uow| uow.insert_account(&new)).unwrap();
        stored
    }

    pub(crate) fn other_account(&self) -> AccountId {
        self.account(&format!("{}@example.org", AccountId::new())).id
    }

    /// How many links, tags and taglinks the account has.
    pub(crate) fn rows_of(&self, account: AccountId) -> [usize; 3] {
        let scope = AccountScope::One(account);
        let links = self.page_of_links(scope, &LinkSearch::default(), 9, None).links;
        let tags = self.read(move |uow| uow.tags(scope, None, &page(9, None)));
        let taglinks = self.read(move |uow| uow.taglinks(scope, TagLinkFilter::default(), &page(9, None)));
        [links.len(), tags.items.len(), taglinks.items.len()]
    }

    pub(crate) fn new_user(&self, name: &str) -> NewUser {
        NewUser {
            id: UserId::new(),
            username: Username::parse(name).unwrap(),
            hashed_password: "old".into(),
            is_admin: true,
            created_at: self.later(),
        }
    }

    /// A user who is an admin.
    pub(crate) fn user(&self, name: &str) -> User {
        let new = self.new_user(name);
        let stored = new.clone().into();
        self.write(move |uow| uow.insert_user(&new)).unwrap();
        stored
    }

    pub(crate) fn new_link(&self, account_id: AccountId, url: &str) -> NewLink {
        let url = LinkUrl::parse(url.into()).unwrap();
        let created_at = self.later();
        NewLink {
            id: LinkId::new(),
            account_id,
            url,
            title: None,
            notes: None,
            created_at,
            updated_at: created_at,
        }
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

/// Runs SQL on a database, on a connection of its own.
pub(crate) fn execute(database: &TestDatabase, sql: &str) {
    match database.url.sqlite_path() {
        Some(path) => {
            let mut connection = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            connection.batch_execute(&format!("PRAGMA busy_timeout = 5000; {sql}")).unwrap();
        }
        None => database::execute(database.url.backend(), &database.text, sql),
    }
}

/// What a use case meets before it is tried again: a store turns some failures into "busy" after its retries, so the use
/// case itself keeps what it met.
pub(crate) fn failure_of(
    store: &dyn Store,
    mut write: impl FnMut(&mut dyn UnitOfWork) -> Result<(), RepositoryError> + Send + 'static,
) -> RepositoryError {
    #[derive(Debug)]
    enum Met {
        Failure(RepositoryError),
        Nothing,
    }
    impl From<RepositoryError> for Met {
        fn from(error: RepositoryError) -> Self {
            Self::Failure(error)
        }
    }
    impl UseCaseError for Met {
        fn repository(&self) -> Option<&RepositoryError> {
            None
        }
    }
    let met = futures_executor::block_on(store.write(move |uow| -> Result<(), Met> {
        write(uow)?;
        Err(Met::Nothing)
    }));
    match met {
        Err(Met::Failure(error)) => error,
        other => panic!("nothing failed: {other:?}"),
    }
}

/// Runs `client` on many threads at the same time and collects what they got.
pub(crate) fn at_once<T: Send>(clients: usize, client: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(clients);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|number| {
                let (start, client) = (&start, &client);
                scope.spawn(move || {
                    start.wait();
                    client(number)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

pub(crate) fn page_of_links(
    store: &dyn Store,
    scope: AccountScope,
    search: &LinkSearch,
    limit: u16,
    after: Option<LinkPlace>,
) -> FoundLinks {
    let (search, page) = (search.clone(), page(limit, after));
    let found = store.read_snapshot(move |uow| uow.search_links(scope, &search, &page));
    futures_executor::block_on(found).unwrap()
}

/// Everything that is found, page by page, each in a transaction of its own.
pub(crate) fn links_by_pages(
    store: &dyn Store,
    scope: AccountScope,
    search: &LinkSearch,
    limit: u16,
) -> Vec<Link> {
    let (mut links, mut after) = (Vec::new(), None);
    loop {
        let found = page_of_links(store, scope, search, limit, after);
        assert!(found.links.len() <= usize::from(limit));
        assert!(found.next.is_none() || found.links.len() == usize::from(limit));
        links.extend(found.links);
        after = found.next;
        if after.is_none() {
            return links;
        }
    }
}

pub(crate) fn page<P>(limit: u16, after: Option<P>) -> PageRequest<P> {
    PageRequest { limit: Limit::parse(&limit.to_string()).unwrap(), after }
}
