//! A hot query reads as much in a large account as in a small one: it uses its index, whether the planner has statistics
//! or not.
//!
//! Plans are not compared, but what is read: see [`cost`]. Twice the links must not make a difference.
//!
//! Here and not among the contract tests, because the databases count what a connection reads for that connection.

mod access;
mod cost;
#[path = "../../../../../tests/support/database.rs"]
#[expect(dead_code, reason = "other tests use all of it")]
mod database;
mod library;
mod reading;
mod searching;
mod writing;

use taglink_domain::port::{BulkRepository, LinkRepository, TagLinkRepository, TagRepository, UnitOfWork};

use self::cost::cost_of;
use self::database::TestDatabase;
use self::library::{Library, OURS, dated_tag, new_link, pair};
use super::DbUnitOfWork;
use crate::change_feed::FeedConfig;
use crate::connection::{Backend, connect};
use crate::dialect::{Dialect, KEEPS_ALL};
use crate::error::execute;
use crate::migration;

/// A hot query by its name; it is given the number of its round, in each of which it has other values.
type Query = (&'static str, fn(&mut dyn UnitOfWork, &Library, usize));

/// Links of the small account: more than a search counts for a page. The large one has twice as many.
const LINKS: usize = 5_500;

/// How often a query runs: PostgreSQL plans a prepared statement for its values five times, and then perhaps for any.
const ROUNDS: usize = 8;

/// What may cost [`A_SMALL_TABLE`] more in the large account on PostgreSQL, and why.
const READ_SMALL_TABLES: [&str; 7] = [
    // The tags are so few that all of them are read faster than 20 are looked up.
    "which ids of tags are taken",
    "tags by their ids",
    "locked tags",
    "numbers of links of a page of tags",
    "numbers of links of a page of tags, as admin",
    // Without statistics, an account is taken for a few rows: its tags are read, or the entries of its postings.
    "changes, deep page",
    "a link removed with its taglinks",
];

/// All tags, or all pages of the index of postings, once a round.
const A_SMALL_TABLE: i64 = 6_000;

const TABLES: [&str; 15] = [
    "account",
    "api_token",
    "change",
    "change_head",
    "change_pending",
    "idempotency",
    "link",
    "link_term",
    "login_origin",
    "refresh_token",
    "session",
    "tag",
    "tag_term",
    "taglink",
    "user",
];

struct Probe {
    uow: DbUnitOfWork,
    library: Library,
    /// Goes last.
    database: TestDatabase,
}

impl Probe {
    /// A database that is never analysed unless [`Self::analyse`] does.
    fn new(backend: Backend, links: usize) -> Self {
        let (database, mut uow) = empty_database(backend);
        let library = Library::fill(&mut uow, links);
        if uow.dialect() == Dialect::Postgres {
            // Rows that are gone would be read once more.
            uow.control("VACUUM change_pending").unwrap();
        }
        // As a process that starts afterwards.
        Self { uow: open(&database), library, database }
    }

    fn analyse(&mut self) {
        match self.uow.dialect() {
            Dialect::Sqlite => self.uow.control("ANALYZE").unwrap(),
            // What autovacuum does.
            Dialect::Postgres => self.uow.control("VACUUM ANALYZE").unwrap(),
            Dialect::Mariadb => on_tables(&mut self.uow, |it| format!("ANALYZE TABLE `{it}`")),
        }
        self.uow = open(&self.database);
    }

    /// What all rounds of each query cost, one query after the other.
    fn costs(&mut self) -> Vec<(&'static str, i64)> {
        let queries = [reading::QUERIES, searching::QUERIES, access::QUERIES, writing::QUERIES].concat();
        let costs: Vec<_> = queries.into_iter().map(|(name, run)| (name, self.cost(run))).collect();
        assert!(costs.first().is_some_and(|(_, cost)| *cost > 0), "what is read is not counted");
        costs
    }

    fn cost(&mut self, run: fn(&mut dyn UnitOfWork, &Library, usize)) -> i64 {
        let Self { uow, library, .. } = self;
        uow.control(uow.dialect().begin()).unwrap();
        let cost = cost_of(uow, |uow| (0..ROUNDS).for_each(|round| run(uow, library, round)));
        uow.control("ROLLBACK").unwrap();
        cost
    }
}

/// A database whose tables the server does not analyse by itself.
fn empty_database(backend: Backend) -> (TestDatabase, DbUnitOfWork) {
    let database = TestDatabase::new(backend);
    migration::run(&database.url).unwrap();
    let mut uow = open(&database);
    match uow.dialect() {
        Dialect::Sqlite => {}
        Dialect::Postgres => {
            on_tables(&mut uow, |it| format!("ALTER TABLE \"{it}\" SET (autovacuum_enabled = off)"));
        }
        Dialect::Mariadb => on_tables(&mut uow, |it| format!("ALTER TABLE `{it}` STATS_AUTO_RECALC = 0")),
    }
    (database, uow)
}

fn open(database: &TestDatabase) -> DbUnitOfWork {
    DbUnitOfWork::new(connect(&database.url).unwrap(), FeedConfig::default())
}

fn on_tables(uow: &mut DbUnitOfWork, sql: impl Fn(&str) -> String) {
    for table in TABLES {
        execute(uow.connection(), &sql(table)).unwrap();
    }
}

/// Whether a query costs about the same in both accounts: the indexes of the large one may be a page deeper.
fn is_alike(backend: Backend, query: &str, [small, large]: [i64; 2]) -> bool {
    let [mut more_in_small, mut more_in_large] = [100; 2];
    if backend == Backend::Postgres {
        more_in_small = A_SMALL_TABLE;
        if READ_SMALL_TABLES.contains(&query) {
            more_in_large = A_SMALL_TABLE;
        }
    }
    small <= large + large / 4 + more_in_small && large <= small + small / 4 + more_in_large
}

fn hot_queries_use_their_indexes(backend: Backend) {
    KEEPS_ALL.set(backend == Backend::Sqlite);
    let [mut small, mut large] = [LINKS, 2 * LINKS].map(|links| Probe::new(backend, links));
    let mut exceeded = Vec::new();
    for state in ["without statistics", "with statistics"] {
        for ((query, small), (_, large)) in small.costs().into_iter().zip(large.costs()) {
            println!("{state}: {query}: {small} in the small account, {large} in the large one");
            if !is_alike(backend, query, [small, large]) {
                exceeded.push(format!("{state}: {query}: {small} and {large}"));
            }
        }
        small.analyse();
        large.analyse();
    }
    assert!(exceeded.is_empty(), "{exceeded:#?}");
}

/// What it costs to store links with a tag on a connection that has planned its statements for the first of them.
fn cost_of_new_links_after_growth(backend: Backend, links: usize) -> i64 {
    let (_database, mut uow) = empty_database(backend);
    let tag = uow.find_or_create_tag(&dated_tag(OURS, "grown".into(), 0).tag).unwrap();
    let store = |uow: &mut DbUnitOfWork, first: usize| {
        for number in first..first + ROUNDS {
            let link = uow.find_or_create_link(&new_link(number)).unwrap();
            uow.insert_taglink(&pair(&tag, &link)).unwrap();
        }
    };
    store(&mut uow, 0);
    uow.find_or_create_links(&(ROUNDS..links).map(new_link).collect::<Vec<_>>()).unwrap();
    uow.control(uow.dialect().begin()).unwrap();
    cost_of(&mut uow, |uow| store(uow, links))
}

fn a_growing_account_keeps_its_plans(backend: Backend) {
    KEEPS_ALL.set(backend == Backend::Sqlite);
    let costs = [LINKS / 5, 2 * LINKS].map(|links| cost_of_new_links_after_growth(backend, links));
    assert!(is_alike(backend, "new links", costs), "{costs:?}");
}

#[test]
fn a_growing_account_keeps_its_plans_on_sqlite() {
    a_growing_account_keeps_its_plans(Backend::Sqlite);
}

#[test]
fn a_growing_account_keeps_its_plans_on_postgres() {
    a_growing_account_keeps_its_plans(Backend::Postgres);
}

#[test]
fn a_growing_account_keeps_its_plans_on_mariadb() {
    a_growing_account_keeps_its_plans(Backend::Mariadb);
}

#[test]
fn hot_queries_use_their_indexes_on_sqlite() {
    hot_queries_use_their_indexes(Backend::Sqlite);
}

#[test]
fn hot_queries_use_their_indexes_on_postgres() {
    hot_queries_use_their_indexes(Backend::Postgres);
}

#[test]
fn hot_queries_use_their_indexes_on_mariadb() {
    hot_queries_use_their_indexes(Backend::Mariadb);
}
