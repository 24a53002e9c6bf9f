//! Links: the queries.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use taglink_domain::model::{AccountId, AccountScope, Link, LinkId, LinkUrl, NewLink, UrlHash};
use taglink_domain::port::{LinkRepository, Result};
use taglink_domain::search::{INDEX_VERSION, LinkIndex};

use super::bulk;
use crate::change_feed::{ChangeKind, PendingChanges, Row};
use crate::dialect::{DbId, DbTime, Id, SqlBuilder, UtcTime};
use crate::error::Table;
use crate::row::LinkRow;
use crate::schema::link;
use crate::search::{Indexed, replace_postings};
use crate::unit_of_work::{DbUnitOfWork, expect_row};

impl LinkRepository for DbUnitOfWork {
    fn link(&mut self, scope: AccountScope, id: LinkId) -> Result<Option<Link>> {
        let by_id = SqlBuilder::select::<LinkRow>().sql(" FROM link WHERE link.link_id = ").id(DbId::of(id));
        let by_id = in_scope(by_id, scope).cached();
        let row = self.query(Table::Link, |connection| by_id.get_result::<LinkRow>(connection).optional())?;
        Ok(row.map(Link::from))
    }

    /// Tries to store it first: most links are new.
    fn find_or_create_link(&mut self, new: &NewLink) -> Result<Link> {
        if !bulk::insert_links(self, &[new])?.is_empty() {
            return Ok(new.clone().into());
        }
        let found = bulk::links_with_hashes(self, new.account_id, &[new.url.hash().as_slice()])?;
        expect_row(found.into_iter().next()).map(|(_, link)| link)
    }

    fn links_by_url(&mut self, account: AccountId, urls: &[UrlHash]) -> Result<Vec<(UrlHash, Link)>> {
        let hashes: Vec<&[u8]> = urls.iter().map(UrlHash::as_slice).collect();
        bulk::links_with_hashes(self, account, &hashes)
    }

    fn update_link(&mut self, changed: &Link, url: Option<&LinkUrl>) -> Result<bool> {
        let by_id = link::table
            .filter(link::link_id.eq(DbId::of(changed.id)))
            .filter(sql::<Id>(ACCOUNT).eq(DbId::of(changed.account_id)));
        let indexed = by_id.clone().select((link::search_text, link::search_version));
        let indexed =
            self.query(Table::Link, |connection| indexed.first::<(String, i64)>(connection).optional())?;
        let Some((text, version)) = indexed else { return Ok(false) };
        let index = LinkIndex::of(&changed.url, changed.title.as_deref(), changed.notes.as_deref());
        let current =
            by_id.filter(link::version.eq(changed.version)).filter(link::search_version.eq(version));
        let new_url = url.map(|url| (link::url.eq(url.as_str()), link::url_hash.eq(url.hash().as_slice())));
        let update = diesel::update(current).set((
            new_url,
            link::title.eq(changed.title.as_deref()),
            link::notes.eq(changed.notes.as_deref()),
            link::version.eq(link::version + 1),
            link::updated_at.eq(DbTime::of(changed.updated_at)),
            link::title_key.eq(index.title_key.as_str()),
            link::search_text.eq(index.text.as_str()),
            link::search_version.eq(INDEX_VERSION),
        ));
        let is_updated = self.query(Table::Link, |connection| update.execute(connection))? > 0;
        if is_updated {
            let row = Indexed::Link(changed.account_id, changed.created_at, changed.id);
            replace_postings(self, row, &text, index.text.as_str())?;
            note(self, changed.account_id, ChangeKind::Stored, changed.id)?;
        }
        Ok(is_updated)
    }

    fn lock_link(&mut self, account: AccountId, id: LinkId) -> Result<bool> {
        // Changes nothing, but takes the lock of one who does.
        let lock = SqlBuilder::new("UPDATE link SET version = version WHERE link_id = ").id(DbId::of(id));
        let lock = in_scope(lock, AccountScope::One(account)).cached();
        Ok(self.query(Table::Link, |connection| lock.execute(connection))? > 0)
    }

    fn delete_link(&mut self, scope: AccountScope, id: LinkId) -> Result<bool> {
        let delete = SqlBuilder::new("DELETE FROM link WHERE link_id = ").id(DbId::of(id));
        let delete = in_scope(delete, scope).sql(" RETURNING account_id, created_at, search_text").cached();
        let delete = delete.with_rows::<(Id, UtcTime, Text)>();
        let deleted = self.query(Table::Link, |connection| {
            delete.get_result::<(DbId, DbTime, String)>(connection).optional()
        })?;
        let Some((account, created_at, text)) = deleted else { return Ok(false) };
        replace_postings(self, Indexed::Link(account.get(), created_at.get(), id), &text, "")?;
        note(self, account.get(), ChangeKind::Removed, id)?;
        Ok(true)
    }
}

/// The account of a link that is looked up by its id, in an expression so that no index is searched for it: while
/// PostgreSQL has no statistics, it takes any index that begins with the account for as good as that of the id, and reads
/// all links of the account.
const ACCOUNT: &str = "COALESCE(link.account_id, link.account_id)";

/// Appends the condition that links that are looked up by their ids are in the scope.
pub(crate) fn in_scope<ST>(links: SqlBuilder<'_, ST>, scope: AccountScope) -> SqlBuilder<'_, ST> {
    match scope {
        AccountScope::All => links,
        AccountScope::One(account) => links.sql(" AND ").sql(ACCOUNT).sql(" = ").id(DbId::of(account)),
    }
}

fn note(uow: &mut DbUnitOfWork, account: AccountId, kind: ChangeKind, id: LinkId) -> Result<()> {
    PendingChanges::new(account, kind, [Row::Link(id)]).store(uow)
}
