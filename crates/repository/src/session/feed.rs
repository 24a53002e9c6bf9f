//! Writing the change feed: as its last act, a transaction numbers what it has changed and stores that.
//!
//! The numbers come from the account's row, which stays locked from then to the commit: so they have no gaps and ascend
//! in the order of the commits. A transaction that changes nothing takes none.

use std::fmt;
use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use taglink_domain::model::{AccountId, Clock, SystemClock};
use taglink_domain::port::Result;

use super::noted::{Fate, Row};
use super::time::to_column;
use super::{Session, on_backend};
use crate::connection::{AnyConnection, DbId};
use crate::error::Table;
use crate::schema::{account, change};

/// How many changes are stored one by one, by a statement that the connection keeps prepared; more are stored together.
const FEW: usize = 8;

/// How many changes one statement stores at most: SQLite binds up to 32,766 values, the servers 65,535.
const MANY: usize = 1000;

/// Old changes are looked for whenever the numbers pass a multiple of this.
const INTERVAL: i64 = 64;

/// How the change feed is written.
#[derive(Clone)]
pub struct FeedConfig {
    /// Tells when something changes.
    pub clock: Arc<dyn Clock>,
    /// For how long changes are kept at least; nothing means for ever.
    pub retention: Option<TimeDelta>,
}

/// The machine's clock, and nothing is removed.
impl Default for FeedConfig {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), retention: None }
    }
}

impl fmt::Debug for FeedConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedConfig").field("retention", &self.retention).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Insertable)]
#[diesel(table_name = change, treat_none_as_default_value = false)]
struct ChangeRow {
    account_id: DbId,
    seq: i64,
    entity: &'static str,
    link_id: Option<DbId>,
    tag_id: Option<DbId>,
    changed_at: NaiveDateTime,
}

impl ChangeRow {
    fn new(account_id: DbId, seq: i64, row: Row, changed_at: NaiveDateTime) -> Self {
        let (entity, link_id, tag_id) = match row {
            Row::Link(link) => ("link", Some(DbId::of(link)), None),
            Row::Tag(tag) => ("tag", None, Some(DbId::of(tag))),
            Row::TagLink(tag, link) => ("taglink", Some(DbId::of(link)), Some(DbId::of(tag))),
        };
        Self { account_id, seq, entity, link_id, tag_id, changed_at }
    }
}

impl Session {
    /// Notes that something was stored or changed.
    pub(super) fn note_stored(&mut self, account: AccountId, row: Row) {
        self.noted.note(account, row, Fate::Stored);
    }

    /// Notes that something was removed.
    pub(super) fn note_removed(&mut self, account: AccountId, row: Row) {
        self.noted.note(account, row, Fate::Removed);
    }

    /// To be called before anything of an account is changed: keeps its other writers waiting on MariaDB.
    ///
    /// There, whoever inserts a link or a tag shares a lock on the account's row, because of the foreign key. Two who
    /// have done so could not take their numbers: each would wait for the other. `PostgreSQL` has a weaker lock for
    /// foreign keys, and SQLite has one writer.
    pub(super) fn begin_change(&mut self, account: AccountId) -> Result<()> {
        if !matches!(self.connection, AnyConnection::Mariadb(_)) || self.held.contains(&account) {
            return Ok(());
        }
        let row =
            account::table.filter(account::account_id.eq(DbId::of(account))).select(account::account_id);
        self.query(Table::Account, |connection| match connection {
            AnyConnection::Mariadb(inner) => row.for_update().load::<DbId>(inner).map(drop),
            AnyConnection::Sqlite(_) | AnyConnection::Postgres(_) => Ok(()),
        })?;
        self.held.push(account);
        Ok(())
    }

    /// Keeps what was noted; to be called after a job that is not undone.
    pub(crate) fn agree(&mut self) {
        self.agreed.append(&mut self.noted);
    }

    /// Numbers and stores what the jobs of this transaction have agreed to; to be called immediately before COMMIT.
    /// Accounts ascend, so that no two transactions wait for each other.
    pub(crate) fn store_changes(&mut self) -> Result<()> {
        for (account, rows) in self.agreed.take() {
            self.store_changes_of(account, &rows)?;
        }
        Ok(())
    }

    fn store_changes_of(&mut self, account: AccountId, rows: &[Row]) -> Result<()> {
        let account = DbId::of(account);
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let last = self.take_numbers(account, count)?;
        let (before, now) = (last - count, self.feed.clock.now());
        let numbered = (before + 1..=last).zip(rows);
        let changes: Vec<_> =
            numbered.map(|(seq, row)| ChangeRow::new(account, seq, *row, to_column(now))).collect();
        if changes.len() <= FEW {
            for row in changes {
                let insert = diesel::insert_into(change::table).values(row);
                self.query(Table::Change, |connection| insert.execute(connection))?;
            }
        } else {
            for rows in changes.chunks(MANY) {
                let insert = diesel::insert_into(change::table).values(rows);
                self.query(Table::Change, |connection| {
                    on_backend!(
                        connection,
                        sqlite_or_postgres: |inner| insert.execute(inner),
                        mariadb: |inner| insert.execute(inner),
                    )
                })?;
            }
        }
        match self.feed.retention {
            Some(retention) if before / INTERVAL < last / INTERVAL => {
                let oldest = to_column(now.plus(-retention));
                self.remove_changes(account, oldest, 2 * count.max(INTERVAL))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Takes the next `count` numbers of the account, and says which is the last of them.
    fn take_numbers(&mut self, account: DbId, count: i64) -> Result<i64> {
        let row = account::table.filter(account::account_id.eq(account));
        let update = diesel::update(row).set(account::change_seq.eq(account::change_seq + count));
        let last = self.query(Table::Account, |connection| match connection {
            AnyConnection::Postgres(inner) => {
                update.returning(account::change_seq).get_result(inner).optional()
            }
            AnyConnection::Sqlite(_) | AnyConnection::Mariadb(_) => {
                update.execute(connection)?;
                row.select(account::change_seq).first(connection).optional()
            }
        })?;
        // An account that has gone has taken what was changed along, so another try finds nothing to change.
        Self::expect_row(last)
    }

    /// Removes the oldest changes of an account, at most so many: two for each that is stored, so that they get fewer.
    ///
    /// Only the oldest, whatever the clocks of several replicas have made of the times, so that what is left has no
    /// gaps.
    fn remove_changes(&mut self, account: DbId, before: NaiveDateTime, most: i64) -> Result<()> {
        let kept = change::table.filter(change::account_id.eq(account));
        let first = kept.select((change::seq, change::changed_at)).order(change::seq);
        let first = self.query(Table::Change, |connection| first.first(connection).optional())?;
        let Some((first, _)) = first.filter(|(_, changed_at): &(i64, NaiveDateTime)| *changed_at < before)
        else {
            return Ok(());
        };
        let end = first.saturating_add(most);
        let young = kept
            .filter(change::seq.gt(first))
            .filter(change::seq.lt(end))
            .filter(change::changed_at.ge(before))
            .select(change::seq)
            .order(change::seq);
        let young = self.query(Table::Change, |connection| young.first::<i64>(connection).optional())?;
        let old = diesel::delete(kept.filter(change::seq.lt(young.unwrap_or(end))));
        self.query(Table::Change, |connection| old.execute(connection)).map(drop)
    }
}
