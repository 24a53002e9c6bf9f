//! Derives again what links and tags are searched by, where a lower version of the rules did it.
//!
//! In short transactions, between which others write. A row is changed only if it is still as it was read: it does no
//! harm if several processes do this at once, and the lease is there to spare them the work.

use std::thread;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use taglink_domain::model::Link;
use taglink_domain::port::Result;
use taglink_domain::search::{INDEX_VERSION, LinkIndex, SearchText};
use uuid::Uuid;

use super::{Indexed, replace_postings};
use crate::connection::{DatabaseUrl, on_own_thread};
use crate::dialect::{DbId, DbTime, Dialect, Id, SqlBuilder};
use crate::error::Table;
use crate::executor::{ReconnectingConnection, in_transaction};
use crate::lease::{Lease, REINDEXING};
use crate::row::LinkRow;
use crate::schema::{link, tag};
use crate::unit_of_work::DbUnitOfWork;

/// How many rows a transaction changes at most.
const BATCH: usize = 100;

/// After how long a transaction changes no further row: others wait for those that it has changed.
const BATCH_TIME: Duration = Duration::from_millis(500);

/// The same on SQLite, where all other writers wait,
const SQLITE_BATCH_TIME: Duration = Duration::from_millis(50);

/// and how long they have between two transactions. They look every 25 ms or more often whether it is their turn.
const SQLITE_GAP: Duration = Duration::from_millis(30);

/// How long to wait before looking again whether another process is still at it.
const LEASE_PAUSE: Duration = Duration::from_secs(1);

/// Waits for so long, and says whether to go on.
pub(super) type Wait<'a> = dyn FnMut(Duration) -> bool + 'a;

/// Indexes those of some rows that are outdated: one, and more until a moment. Returns how many it has indexed, and
/// whether none is left.
type Index = fn(&mut DbUnitOfWork, &[DbId], Instant) -> Result<(u64, bool)>;

/// A table of rows that are searched.
struct Kind {
    table: Table,
    /// Selects ids, and by which rules their rows are indexed.
    ids: &'static str,
    index: Index,
}

const KINDS: [Kind; 2] = [
    Kind {
        table: Table::Link,
        ids: "SELECT link_id, search_version FROM link WHERE link_id > ? ORDER BY link_id LIMIT 1000",
        index: index_links,
    },
    Kind {
        table: Table::Tag,
        ids: "SELECT tag_id, search_version FROM tag WHERE tag_id > ? ORDER BY tag_id LIMIT 1000",
        index: index_tags,
    },
];

/// Brings all links and tags up to date, and says how many were not. Blocks, also while another process does it.
///
/// # Errors
/// Those of the storage.
pub fn reindex(url: &DatabaseUrl) -> Result<u64> {
    let mut reindexer = Reindexer::new();
    on_own_thread(|| {
        reindexer.run(url, &mut |pause| {
            thread::sleep(pause);
            true
        })
    })?;
    Ok(reindexer.rows)
}

/// One that brings links and tags up to date.
pub(super) struct Reindexer {
    lease: Lease,
    has_begun: bool,
    /// How many rows it has indexed.
    pub(super) rows: u64,
}

impl Reindexer {
    pub(super) fn new() -> Self {
        Self { lease: Lease::new(REINDEXING), has_begun: false, rows: 0 }
    }

    /// Works until everything is up to date, or `wait`, which waits for so long, says to stop.
    pub(super) fn run(&mut self, url: &DatabaseUrl, wait: &mut Wait<'_>) -> Result<()> {
        let mut connection = ReconnectingConnection::open(url)?;
        let result = self.index_all(&mut connection, wait);
        if let Ok(uow) = connection.unit_of_work() {
            self.lease.release(uow.connection());
        }
        result
    }

    fn index_all(&mut self, connection: &mut ReconnectingConnection, wait: &mut Wait<'_>) -> Result<()> {
        for kind in KINDS {
            let mut last = DbId::of(Uuid::nil());
            loop {
                let ids = SqlBuilder::new(kind.ids).id(last).with_rows::<(Id, BigInt)>();
                let ids = connection.unit_of_work()?.load::<(DbId, i64)>(kind.table, ids)?;
                let Some((id, _)) = ids.last() else { break };
                last = *id;
                let outdated = ids.into_iter().filter(|(_, version)| *version < INDEX_VERSION);
                let outdated: Vec<DbId> = outdated.map(|(id, _)| id).collect();
                if !outdated.is_empty() && !std::mem::replace(&mut self.has_begun, true) {
                    tracing::info!("updating the index of the search");
                }
                for ids in outdated.chunks(BATCH) {
                    loop {
                        let (is_done, pause) = self.index_some(&kind, ids, connection)?;
                        if !wait(pause) {
                            return Ok(());
                        }
                        if is_done {
                            break;
                        }
                    }
                }
            }
        }
        if self.has_begun {
            tracing::info!(rows = self.rows, "the index of the search is up to date");
        }
        Ok(())
    }

    /// Indexes some of these rows; says whether none is left, and how long to leave the database to others.
    fn index_some(
        &mut self,
        kind: &Kind,
        ids: &[DbId],
        connection: &mut ReconnectingConnection,
    ) -> Result<(bool, Duration)> {
        let uow = connection.unit_of_work()?;
        let (time, gap) = match uow.dialect() {
            Dialect::Sqlite => (SQLITE_BATCH_TIME, SQLITE_GAP),
            Dialect::Postgres | Dialect::Mariadb => (BATCH_TIME, Duration::ZERO),
        };
        if !self.lease.hold(uow.connection(), Duration::ZERO)? {
            return Ok((false, LEASE_PAUSE));
        }
        let (rows, is_done) =
            in_transaction(connection, |uow| (kind.index)(uow, ids, Instant::now() + time))?;
        self.rows += rows;
        Ok((is_done, gap))
    }
}

fn index_links(uow: &mut DbUnitOfWork, ids: &[DbId], until: Instant) -> Result<(u64, bool)> {
    let outdated = link::table
        .filter(link::link_id.eq_any(ids))
        .filter(link::search_version.lt(INDEX_VERSION))
        .order(link::link_id)
        .select((LinkRow::as_select(), link::search_text, link::search_version));
    let outdated = uow.load::<(LinkRow, String, i64)>(Table::Link, outdated)?;
    let mut rows = 0;
    for (at, (row, old, version)) in outdated.into_iter().enumerate() {
        if at > 0 && Instant::now() > until {
            return Ok((rows, false));
        }
        let link = Link::from(row);
        let index = LinkIndex::of(&link.url, link.title.as_deref(), link.notes.as_deref());
        let seen = link::table
            .filter(link::account_id.eq(DbId::of(link.account_id)))
            .filter(link::created_at.eq(DbTime::of(link.created_at)))
            .filter(link::link_id.eq(DbId::of(link.id)))
            .filter(link::version.eq(link.version))
            .filter(link::search_version.eq(version));
        let update = diesel::update(seen).set((
            link::title_key.eq(index.title_key.as_str()),
            link::search_text.eq(index.text.as_str()),
            link::search_version.eq(INDEX_VERSION),
        ));
        // One that has changed since is up to date.
        if uow.execute(Table::Link, update)? > 0 {
            let row = Indexed::Link(link.account_id, link.created_at, link.id);
            replace_postings(uow, row, version, &old, index.text.as_str())?;
            rows += 1;
        }
    }
    Ok((rows, true))
}

fn index_tags(uow: &mut DbUnitOfWork, ids: &[DbId], until: Instant) -> Result<(u64, bool)> {
    let outdated = tag::table
        .filter(tag::tag_id.eq_any(ids))
        .filter(tag::search_version.lt(INDEX_VERSION))
        .order(tag::tag_id)
        .select((
            tag::account_id,
            tag::tag_id,
            tag::name,
            tag::version,
            tag::search_text,
            tag::search_version,
        ));
    let outdated = uow.load::<(DbId, DbId, String, i64, String, i64)>(Table::Tag, outdated)?;
    let mut rows = 0;
    for (at, (account, id, name, version, old, indexed_by)) in outdated.into_iter().enumerate() {
        if at > 0 && Instant::now() > until {
            return Ok((rows, false));
        }
        let text = SearchText::of_tag(&name);
        let seen = tag::table
            .find((account, id))
            .filter(tag::version.eq(version))
            .filter(tag::search_version.eq(indexed_by));
        let update = diesel::update(seen)
            .set((tag::search_text.eq(text.as_str()), tag::search_version.eq(INDEX_VERSION)));
        if uow.execute(Table::Tag, update)? > 0 {
            let row = Indexed::Tag(account.get(), id.get());
            replace_postings(uow, row, indexed_by, &old, text.as_str())?;
            rows += 1;
        }
    }
    Ok((rows, true))
}
