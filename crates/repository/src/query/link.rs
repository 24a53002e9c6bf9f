//! Links: the queries.

use diesel::sql_types::{BigInt, Text};
use taglink_domain::model::{AccountId, AccountScope, Link, LinkId, LinkUrl, NewLink, UrlHash};
use taglink_domain::port::{LinkRepository, Result};
use taglink_domain::search::{INDEX_VERSION, LinkIndex};

use super::bulk;
use crate::change_feed::{ChangeKind, PendingChanges, Row};
use crate::dialect::{Bind, DbId, DbTime, Id, RowOf, SqlBuilder, UtcTime};
use crate::error::Table;
use crate::row::LinkRow;
use crate::search::{Indexed, replace_postings};
use crate::unit_of_work::{DbUnitOfWork, expect_row};

impl LinkRepository for DbUnitOfWork {
    fn link(&mut self, scope: AccountScope, id: LinkId) -> Result<Option<Link>> {
        let by_id = match scope {
            AccountScope::All => SqlBuilder::new(LinkRow::BY_ID).id(DbId::of(id)),
            AccountScope::One(account) => {
                SqlBuilder::new(LinkRow::BY_ID_IN_ACCOUNT).id(DbId::of(id)).id(DbId::of(account))
            }
        };
        let by_id = by_id.cached().with_rows::<RowOf<LinkRow>>();
        Ok(self.one::<LinkRow>(Table::Link, by_id)?.map(Link::from))
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
        let scope = AccountScope::One(changed.account_id);
        let indexed = "SELECT search_text, search_version FROM link WHERE link_id = ?";
        let indexed = in_scope(SqlBuilder::new(indexed).id(DbId::of(changed.id)), scope).cached();
        let indexed = indexed.with_rows::<(Text, BigInt)>();
        let indexed = self.one::<(String, i64)>(Table::Link, indexed)?;
        let Some((text, version)) = indexed else { return Ok(false) };
        let index = LinkIndex::of(&changed.url, changed.title.as_deref(), changed.notes.as_deref());
        let update = SqlBuilder::new(
            "UPDATE link SET url = ?, url_hash = COALESCE(?, url_hash), title = ?, notes = ?, \
             version = version + 1, updated_at = ?, title_key = ?, search_text = ?, search_version = ? \
             WHERE version = ? AND search_version = ? AND link_id = ?",
        );
        let update = update
            .text(&*changed.url)
            .bind(Bind::NullableBytes(url.map(|url| url.hash().as_slice())))
            .bind(Bind::NullableText(changed.title.as_deref()))
            .bind(Bind::NullableText(changed.notes.as_deref()))
            .time(DbTime::of(changed.updated_at))
            .text(&*index.title_key)
            .text(index.text.as_str())
            .number(INDEX_VERSION)
            .number(changed.version)
            .number(version)
            .id(DbId::of(changed.id));
        let update = in_scope(update, scope).cached();
        let is_updated = self.execute(Table::Link, update)? > 0;
        if is_updated {
            let row = Indexed::Link(changed.account_id, changed.created_at, changed.id);
            replace_postings(self, row, version, &text, index.text.as_str())?;
            note(self, changed.account_id, ChangeKind::Stored, changed.id)?;
        }
        Ok(is_updated)
    }

    fn lock_link(&mut self, account: AccountId, id: LinkId) -> Result<bool> {
        // Changes nothing, but takes the lock of one who does.
        let lock = SqlBuilder::new("UPDATE link SET version = version WHERE link_id = ?").id(DbId::of(id));
        Ok(self.execute(Table::Link, in_scope(lock, AccountScope::One(account)).cached())? > 0)
    }

    fn delete_link(&mut self, scope: AccountScope, id: LinkId) -> Result<bool> {
        let delete = SqlBuilder::new("DELETE FROM link WHERE link_id = ?").id(DbId::of(id));
        let delete = in_scope(delete, scope).sql(" RETURNING account_id, created_at, search_text").cached();
        let delete = delete.with_rows::<(Id, UtcTime, Text)>();
        let deleted = self.one::<(DbId, DbTime, String)>(Table::Link, delete)?;
        let Some((account, created_at, text)) = deleted else { return Ok(false) };
        replace_postings(self, Indexed::Link(account.get(), created_at.get(), id), INDEX_VERSION, &text, "")?;
        note(self, account.get(), ChangeKind::Removed, id)?;
        Ok(true)
    }
}

/// The account of a link that is looked up by its id, in an expression so that no index is searched for it: while
/// PostgreSQL has no statistics, it takes any index that begins with the account for as good as that of the id, and reads
/// all links of the account.
const OF_ACCOUNT: &str = " AND COALESCE(link.account_id, link.account_id) = ?";

/// Appends the condition that links that are looked up by their ids are in the scope.
pub(crate) fn in_scope<ST>(links: SqlBuilder<'_, ST>, scope: AccountScope) -> SqlBuilder<'_, ST> {
    match scope {
        AccountScope::All => links,
        AccountScope::One(account) => links.sql(OF_ACCOUNT).id(DbId::of(account)),
    }
}

fn note(uow: &mut DbUnitOfWork, account: AccountId, kind: ChangeKind, id: LinkId) -> Result<()> {
    PendingChanges::new(account, kind, [Row::Link(id)]).store(uow)
}
