//! Giving numbers to pending changes.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use taglink_domain::port::Result;

use super::retention;
use crate::dialect::{Bind, DbId, DbTime, SqlBuilder};
use crate::error::Table;
use crate::schema::{change_head, change_pending};
use crate::unit_of_work::DbUnitOfWork;

/// How many pending changes get their numbers in one transaction: more than a page of the feed has.
const AT_ONCE: usize = 5_000;

/// How many rows one statement stores or removes.
const CHUNK: usize = 500;

/// Statements of up to this many rows are kept prepared.
const FEW: usize = 8;

#[derive(Queryable, Selectable)]
#[diesel(table_name = change_pending)]
struct PendingRow {
    id: DbId,
    link_id: Option<DbId>,
    tag_id: Option<DbId>,
    removed: bool,
    changed_at: DbTime,
}

/// Numbers the oldest pending changes of an account, and reports whether there may be more.
pub(super) fn number(uow: &mut DbUnitOfWork, account: DbId) -> Result<bool> {
    let Some(head) = lock_head(uow, account)? else { return Ok(false) };
    let pending = change_pending::table
        .filter(change_pending::account_id.eq(account))
        .select(PendingRow::as_select())
        .order(change_pending::id)
        .limit(i64::try_from(AT_ONCE).unwrap_or(i64::MAX));
    let pending: Vec<PendingRow> = uow.load(Table::ChangePending, pending)?;
    let is_full = pending.len() == AT_ONCE;
    let ids: Vec<DbId> = pending.iter().map(|row| row.id).collect();
    let rows = in_order(pending);
    for (rows, first) in rows.chunks(CHUNK).zip((head + 1..).step_by(CHUNK)) {
        let insert = SqlBuilder::new("INSERT INTO ").sql(uow.dialect().change_table());
        let insert = insert.sql(" (account_id, seq, link_id, tag_id, changed_at) VALUES ");
        let insert = insert.list(", ", rows.iter().zip(first..), |sql, (row, seq)| {
            sql.row([
                Bind::Id(account),
                Bind::Number(seq),
                Bind::NullableId(row.link_id),
                Bind::NullableId(row.tag_id),
                Bind::Time(row.changed_at),
            ])
        });
        uow.execute(Table::Change, insert.cached_if(rows.len() <= FEW))?;
    }
    // Exactly those that were read: others may have committed rows with lower ids meanwhile.
    for ids in ids.chunks(CHUNK) {
        let read = SqlBuilder::new("DELETE FROM change_pending WHERE account_id = ? AND id IN (");
        uow.execute(Table::ChangePending, read.id(account).ids(ids).sql(")").cached())?;
    }
    let numbered = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if numbered > 0 {
        set_head(uow, account, head + numbered)?;
        retention::drop_old(uow, account, rows.len())?;
    }
    Ok(is_full)
}

/// Each row once. One that was stored keeps its first place, so that a tag comes before the taglinks that name it, even
/// if it is changed once more; one that was removed, or exists again, comes last, so that its taglinks go first.
fn in_order(pending: Vec<PendingRow>) -> Vec<PendingRow> {
    let mut order: Vec<Option<PendingRow>> = Vec::with_capacity(pending.len());
    let mut places: HashMap<(Option<DbId>, Option<DbId>), usize> = HashMap::new();
    for row in pending {
        let place = order.len();
        let key = (row.link_id, row.tag_id);
        if let Some(before) = places.get(&key).copied()
            && let Some(slot) = order.get_mut(before)
        {
            if let Some(earlier) = slot.as_mut().filter(|earlier| !earlier.removed && !row.removed) {
                earlier.changed_at = row.changed_at;
                continue;
            }
            *slot = None;
        }
        places.insert(key, place);
        order.push(Some(row));
    }
    order.into_iter().flatten().collect()
}

/// The number of the account's latest change, unless the account is gone. Until the transaction ends, nobody else gives
/// numbers.
pub(super) fn lock_head(uow: &mut DbUnitOfWork, account: DbId) -> Result<Option<i64>> {
    if let Some(head) = head(uow, account)? {
        return Ok(Some(head));
    }
    let first =
        "INSERT INTO change_head (account_id, seq) SELECT account_id, 0 FROM account WHERE account_id = ?";
    let or_keep = uow.dialect().or_keep("account_id", "change_head.account_id");
    uow.execute(Table::ChangeHead, SqlBuilder::new(first).id(account).then(or_keep).cached())?;
    head(uow, account)
}

fn head(uow: &mut DbUnitOfWork, account: DbId) -> Result<Option<i64>> {
    let head = SqlBuilder::new("SELECT seq FROM change_head WHERE account_id = ?").id(account);
    let head = head.sql(uow.dialect().for_update()).cached().with_rows::<BigInt>();
    uow.one::<i64>(Table::ChangeHead, head)
}

pub(super) fn set_head(uow: &mut DbUnitOfWork, account: DbId, seq: i64) -> Result<()> {
    let head = change_head::table.filter(change_head::account_id.eq(account));
    uow.execute(Table::ChangeHead, diesel::update(head).set(change_head::seq.eq(seq))).map(drop)
}

#[cfg(test)]
mod tests {
    use taglink_domain::model::{LinkId, TagId, Timestamp};

    use super::*;
    use crate::change_feed::Row;

    fn numbered(changes: &[(Row, bool)]) -> Vec<(Row, i64)> {
        let row = |(at, (row, removed)): (i64, &(Row, bool))| {
            let (link_id, tag_id) = row.columns();
            let changed_at = DbTime::of(Timestamp::from_micros(at).unwrap());
            PendingRow { id: DbId::of(LinkId::new()), link_id, tag_id, removed: *removed, changed_at }
        };
        let rows = in_order((0..).zip(changes).map(row).collect());
        let known = |row: &PendingRow| {
            let same = |(known, _): &&(Row, bool)| known.columns() == (row.link_id, row.tag_id);
            (changes.iter().find(same).unwrap().0, row.changed_at.get().micros())
        };
        rows.iter().map(known).collect()
    }

    #[test]
    fn each_row_gets_one_number_and_a_removed_one_comes_last() {
        let (tag, link) = (TagId::new(), LinkId::new());
        let [link, tag, taglink] = [Row::Link(link), Row::Tag(tag), Row::TagLink(tag, link)];
        let changes = [(link, false), (tag, false), (taglink, false), (link, false), (tag, true)];
        assert_eq!(numbered(&changes), [(link, 3), (taglink, 2), (tag, 4)]);
    }

    #[test]
    fn a_row_that_exists_again_comes_after_what_was_stored_before_it() {
        let (tag, link) = (TagId::new(), LinkId::new());
        let [link, taglink] = [Row::Link(link), Row::TagLink(tag, link)];
        let changes = [(taglink, true), (link, false), (taglink, false)];
        assert_eq!(numbered(&changes), [(link, 1), (taglink, 2)]);
    }
}
