//! Removing old changes: numbered ones when later ones get their numbers, pending ones that nobody reads when others
//! are noted.

use diesel::prelude::*;
use taglink_domain::model::AccountId;
use taglink_domain::port::Result;

use super::numbering::{lock_head, set_head};
use crate::dialect::{DbId, DbTime};
use crate::error::Table;
use crate::schema::{change, change_pending};
use crate::unit_of_work::DbUnitOfWork;

/// Old changes are looked for once for so many new ones.
const INTERVAL: usize = 64;

impl DbUnitOfWork {
    /// The time before which changes need not be kept; `None` if they are kept for ever.
    fn oldest_kept(&self) -> Option<DbTime> {
        let config = &self.change_feed.config;
        config.retention.map(|retention| DbTime::of(config.clock.now().plus(-retention)))
    }
}

/// Drops pending changes of the account that nobody has numbered for longer than the retention, two for each that was
/// noted, so that they become fewer. One number is skipped, so that a client that has not read them learns of it.
pub(super) fn drop_unread(uow: &mut DbUnitOfWork, account: AccountId, noted: usize) -> Result<()> {
    uow.change_feed.noted += noted;
    let Some(oldest) = uow.oldest_kept().filter(|_| uow.change_feed.noted >= INTERVAL) else { return Ok(()) };
    let most = 2 * std::mem::take(&mut uow.change_feed.noted);
    let account = DbId::of(account);
    let of_account = change_pending::table.filter(change_pending::account_id.eq(account));
    let first = of_account.select(change_pending::changed_at).order(change_pending::id).limit(1);
    let first = uow.one::<DbTime>(Table::ChangePending, first)?;
    if first.is_none_or(|first| first >= oldest) {
        return Ok(());
    }
    let Some(head) = lock_head(uow, account)? else { return Ok(()) };
    let old = of_account
        .select((change_pending::id, change_pending::changed_at))
        .order(change_pending::id)
        .limit(i64::try_from(most).unwrap_or(i64::MAX));
    let old: Vec<(DbId, DbTime)> = uow.load(Table::ChangePending, old)?;
    let last = old.iter().take_while(|(_, changed_at)| *changed_at < oldest).last();
    let Some((last, _)) = last else { return Ok(()) };
    let unread = diesel::delete(of_account.filter(change_pending::id.le(*last)));
    uow.execute(Table::ChangePending, unread)?;
    set_head(uow, account, head + 1)
}

/// Drops the oldest numbered changes of the account, at most two for each of the `numbered` ones, or a few more.
///
/// Only the oldest, whatever the clocks of several replicas have made of the times, so that those that are left have no
/// gaps.
pub(super) fn drop_old(uow: &mut DbUnitOfWork, account: DbId, numbered: usize) -> Result<()> {
    let Some(oldest) = uow.oldest_kept() else { return Ok(()) };
    let kept = change::table.filter(change::account_id.eq(account));
    let first = kept.select((change::seq, change::changed_at)).order(change::seq).limit(1);
    let first = uow.one::<(i64, DbTime)>(Table::Change, first)?;
    let Some((first, _)) = first.filter(|(_, changed_at)| *changed_at < oldest) else { return Ok(()) };
    let most = i64::try_from(2 * numbered.max(INTERVAL)).unwrap_or(i64::MAX);
    let end = first.saturating_add(most);
    let young = kept
        .filter(change::seq.gt(first))
        .filter(change::seq.lt(end))
        .filter(change::changed_at.ge(oldest))
        .select(change::seq)
        .order(change::seq)
        .limit(1);
    let young = uow.one::<i64>(Table::Change, young)?;
    uow.execute(Table::Change, diesel::delete(kept.filter(change::seq.lt(young.unwrap_or(end))))).map(drop)
}
