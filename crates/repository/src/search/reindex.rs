//! Derives again what links and tags are searched by, where a lower version of the rules did it.

use diesel::prelude::*;
use taglink_domain::model::Link;
use taglink_domain::port::Result;
use taglink_domain::search::{INDEX_VERSION, LinkIndex, SearchText};

use super::{Indexed, replace_postings};
use crate::dialect::{DbId, DbTime, Dialect};
use crate::error::Table;
use crate::row::LinkRow;
use crate::schema::{link, tag};
use crate::unit_of_work::{DbUnitOfWork, in_transaction};

/// How many rows are changed in one transaction.
const BATCH: i64 = 500;

/// Brings everything up to date, in transactions of some rows each; goes on where an interrupted one has ended. To be
/// run under the migration lock; others may write meanwhile.
///
/// The lock of SQLite is a transaction: it is given back for a moment between the batches.
pub(crate) fn reindex(uow: &mut DbUnitOfWork) -> Result<()> {
    let mut last = None;
    loop {
        last = batch(uow, |uow| reindex_links(uow, last))?;
        if last.is_none() {
            break;
        }
    }
    let mut last = None;
    loop {
        last = batch(uow, |uow| reindex_tags(uow, last))?;
        if last.is_none() {
            return Ok(());
        }
    }
}

fn batch<T>(
    uow: &mut DbUnitOfWork,
    work: impl FnOnce(&mut DbUnitOfWork) -> Result<Option<T>>,
) -> Result<Option<T>> {
    match uow.dialect() {
        Dialect::Sqlite => {
            let done = work(uow)?;
            if done.is_some() {
                uow.control("COMMIT")?;
                uow.control("BEGIN EXCLUSIVE")?;
            }
            Ok(done)
        }
        Dialect::Postgres | Dialect::Mariadb => in_transaction(uow, work),
    }
}

/// Indexes some of the outdated links after this id, and says which was the last.
fn reindex_links(uow: &mut DbUnitOfWork, after: Option<DbId>) -> Result<Option<DbId>> {
    let mut outdated = link::table
        .filter(link::search_version.lt(INDEX_VERSION))
        .order(link::link_id)
        .limit(BATCH)
        .select((LinkRow::as_select(), link::search_text, link::search_version))
        .into_boxed();
    if let Some(after) = after {
        outdated = outdated.filter(link::link_id.gt(after));
    }
    let rows = uow.load::<(LinkRow, String, i64)>(Table::Link, outdated)?;
    let last = rows.last().map(|(row, ..)| row.link_id);
    for (row, old, version) in rows {
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
            // Even those that seem to be there: what an interrupted batch has left is not known.
            replace_postings(uow, row, &old, "")?;
            replace_postings(uow, row, "", index.text.as_str())?;
        }
    }
    Ok(last)
}

/// [`reindex_links`], for tags.
fn reindex_tags(uow: &mut DbUnitOfWork, after: Option<DbId>) -> Result<Option<DbId>> {
    let mut outdated = tag::table
        .filter(tag::search_version.lt(INDEX_VERSION))
        .order(tag::tag_id)
        .limit(BATCH)
        .select((tag::account_id, tag::tag_id, tag::name, tag::version, tag::search_text))
        .into_boxed();
    if let Some(after) = after {
        outdated = outdated.filter(tag::tag_id.gt(after));
    }
    let rows = uow.load::<(DbId, DbId, String, i64, String)>(Table::Tag, outdated)?;
    let last = rows.last().map(|(_, id, ..)| *id);
    for (account, id, name, version, old) in rows {
        let text = SearchText::of_tag(&name);
        let seen = tag::table.find((account, id)).filter(tag::version.eq(version));
        let update = diesel::update(seen)
            .set((tag::search_text.eq(text.as_str()), tag::search_version.eq(INDEX_VERSION)));
        if uow.execute(Table::Tag, update)? > 0 {
            let row = Indexed::Tag(account.get(), id.get());
            replace_postings(uow, row, &old, "")?;
            replace_postings(uow, row, "", text.as_str())?;
        }
    }
    Ok(last)
}
