//! Derives anew what links and tags are searched by, where an older version did it or none: after the migration that
//! adds it, and whenever the rules of the search become others.

use diesel::dsl::min;
use diesel::prelude::*;
use taglink_domain::model::Link;
use taglink_domain::port::Result;
use taglink_domain::search::{INDEX_VERSION, SearchText};

use super::Session;
use super::link::LinkRow;
use super::term::{Indexed, LinkIndexRow, TermRow};
use crate::connection::DbId;
use crate::error::Table;
use crate::schema::{link, tag};
use crate::url::Backend;

/// How many rows become others in one transaction.
const BATCH: i64 = 500;

/// A row whose words are to be stored.
struct Words {
    account: DbId,
    id: DbId,
    old: String,
    new: String,
}

/// Brings everything up to date, in transactions of some rows each; goes on where an interrupted one has ended. To be
/// run under the migration lock; others may write meanwhile.
///
/// The lock of SQLite is a transaction: it is given back for a moment between the batches.
pub(crate) fn reindex(session: &mut Session, backend: Backend) -> Result<()> {
    while let Some(version) = session.oldest_links()? {
        let mut last = None;
        loop {
            last = batch(session, backend, |session| session.reindex_links(version, last))?;
            if last.is_none() {
                break;
            }
        }
    }
    let mut last = None;
    loop {
        last = batch(session, backend, |session| session.reindex_tags(last))?;
        if last.is_none() {
            return Ok(());
        }
    }
}

fn batch<T>(
    session: &mut Session,
    backend: Backend,
    work: impl FnOnce(&mut Session) -> Result<Option<T>>,
) -> Result<Option<T>> {
    match backend {
        Backend::Sqlite => {
            let done = work(session)?;
            if done.is_some() {
                session.execute("COMMIT")?;
                session.execute("BEGIN EXCLUSIVE")?;
            }
            Ok(done)
        }
        Backend::Postgres | Backend::Mariadb => {
            session.execute(backend.begin())?;
            let done = work(session);
            session.execute(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
            done
        }
    }
}

impl Session {
    /// The lowest version by which links are indexed, if that is not today's.
    fn oldest_links(&mut self) -> Result<Option<i64>> {
        let outdated = link::table.filter(link::search_version.lt(INDEX_VERSION));
        let oldest = outdated.select(min(link::search_version));
        self.query(Table::Link, |connection| oldest.first(connection))
    }

    /// Indexes some of the links of this version, and says which was the last.
    fn reindex_links(&mut self, version: i64, after: Option<DbId>) -> Result<Option<DbId>> {
        let mut outdated = link::table
            .filter(link::search_version.eq(version))
            .order(link::link_id)
            .limit(BATCH)
            .select((LinkRow::as_select(), link::search_text))
            .into_boxed();
        if let Some(after) = after {
            outdated = outdated.filter(link::link_id.gt(after));
        }
        let rows = self.query(Table::Link, |connection| outdated.load::<(LinkRow, String)>(connection))?;
        let last = rows.last().map(|(row, _)| row.link_id);
        let mut indexed = Vec::new();
        for (row, old) in rows {
            let (id, link) = (row.link_id, Link::from(row));
            let index = LinkIndexRow::from(&link);
            let seen = link::table
                .filter(link::link_id.eq(id))
                .filter(link::version.eq(link.version))
                .filter(link::search_version.eq(version));
            let update = diesel::update(seen).set(&index);
            // One that has become another since is either up to date or looked at again.
            if self.query(Table::Link, |connection| update.execute(connection))? > 0 {
                let new = index.text().to_owned();
                indexed.push(Words { account: DbId::of(link.account_id), id, old, new });
            }
        }
        self.store_words(Indexed::Link, &indexed)?;
        Ok(last)
    }

    /// [`Self::reindex_links`], for tags. There are few: they are found along their primary key.
    fn reindex_tags(&mut self, after: Option<DbId>) -> Result<Option<DbId>> {
        let mut outdated = tag::table
            .filter(tag::search_version.lt(INDEX_VERSION))
            .order(tag::tag_id)
            .limit(BATCH)
            .select((tag::account_id, tag::tag_id, tag::name, tag::version, tag::search_text))
            .into_boxed();
        if let Some(after) = after {
            outdated = outdated.filter(tag::tag_id.gt(after));
        }
        let rows = self
            .query(Table::Tag, |connection| outdated.load::<(DbId, DbId, String, i64, String)>(connection))?;
        let last = rows.last().map(|(_, id, ..)| *id);
        let mut indexed = Vec::new();
        for (account, id, name, version, old) in rows {
            let text = SearchText::of_tag(&name);
            let seen = tag::table.filter(tag::tag_id.eq(id)).filter(tag::version.eq(version));
            let update = diesel::update(seen)
                .set((tag::search_text.eq(text.as_str()), tag::search_version.eq(INDEX_VERSION)));
            if self.query(Table::Tag, |connection| update.execute(connection))? > 0 {
                indexed.push(Words { account, id, old, new: text.as_str().to_owned() });
            }
        }
        self.store_words(Indexed::Tag, &indexed)?;
        Ok(last)
    }

    fn store_words(&mut self, of: Indexed, indexed: &[Words]) -> Result<()> {
        for Words { account, id, old, new } in indexed {
            if !old.is_empty() {
                let kept: Vec<_> =
                    SearchText::terms_of(old).intersection(&SearchText::terms_of(new)).copied().collect();
                self.replace_terms(of, *account, *id, old, &kept.join(" "))?;
            }
        }
        let rows: Vec<TermRow<'_>> = indexed
            .iter()
            .flat_map(|Words { account, id, new, .. }| {
                let (account, id) = (*account, *id);
                SearchText::terms_of(new).into_iter().map(move |term| TermRow { account, term, id })
            })
            .collect();
        self.insert_terms(of, &rows)
    }
}
