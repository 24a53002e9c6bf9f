//! Links: the queries.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use taglink_domain::model::{
    AccountId, AccountScope, Link, LinkId, LinkPosition, LinkUrl, NewLink, Notes, Page, PageRequest, Title,
    UrlHash,
};
use taglink_domain::port::{LinkFilter, LinkRepository, RepositoryError, Result, TagSelector};

use super::noted::Row;
use super::term::{Indexed, LinkIndexRow};
use super::time::{from_column, to_column};
use super::{Session, deep_page, on_backend};
use crate::connection::{AnyConnection, DbId};
use crate::error::Table;
use crate::schema::{link, tag, taglink};

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = link)]
pub(super) struct LinkRow {
    pub(super) link_id: DbId,
    account_id: DbId,
    url: String,
    title: Option<String>,
    notes: Option<String>,
    version: i64,
    pub(super) created_at: NaiveDateTime,
    pub(super) updated_at: NaiveDateTime,
}

impl From<LinkRow> for Link {
    fn from(row: LinkRow) -> Self {
        Self {
            id: row.link_id.get(),
            account_id: row.account_id.get(),
            url: row.url,
            title: row.title,
            notes: row.notes,
            version: row.version,
            created_at: from_column(row.created_at),
            updated_at: from_column(row.updated_at),
        }
    }
}

impl LinkRepository for Session {
    fn link(&mut self, scope: AccountScope, id: LinkId) -> Result<Option<Link>> {
        let by_id = link::table.filter(link::link_id.eq(DbId::of(id))).select(LinkRow::as_select());
        let row = self.query(Table::Link, |connection| match scope {
            AccountScope::All => by_id.first(connection).optional(),
            AccountScope::One(account) => {
                by_id.filter(link::account_id.eq(DbId::of(account))).first(connection).optional()
            }
        })?;
        Ok(row.map(Link::from))
    }

    fn links(
        &mut self,
        scope: AccountScope,
        filter: &LinkFilter,
        page: &PageRequest<LinkPosition>,
    ) -> Result<Page<Link>> {
        let lookahead = i64::from(page.limit.get()) + 1;
        let rows = match filter {
            LinkFilter::All => self.all_links(scope, page.after, lookahead),
            LinkFilter::Tagged(tag) => self.tagged_links(scope, tag, page.after, lookahead),
        }?;
        Ok(Page::from_lookahead(rows.into_iter().map(Link::from).collect(), page.limit))
    }

    fn find_or_create_link(&mut self, new: &NewLink) -> Result<Link> {
        if let Some(found) = self.link_by_url(new)? {
            return Ok(found);
        }
        self.begin_change(new.account_id)?;
        let index = LinkIndexRow::from(new);
        let row = (
            &index,
            link::link_id.eq(DbId::of(new.id)),
            link::account_id.eq(DbId::of(new.account_id)),
            link::url.eq(new.url.as_str()),
            link::url_hash.eq(new.url.hash().as_slice()),
            link::title.eq(new.title.as_ref().map(Title::as_str)),
            link::notes.eq(new.notes.as_ref().map(Notes::as_str)),
            link::version.eq(1),
            link::created_at.eq(to_column(new.created_at)),
            link::updated_at.eq(to_column(new.updated_at)),
        );
        let insert = diesel::insert_into(link::table).values(row);
        self.query(Table::Link, |connection| {
            on_backend!(
                connection,
                sqlite_or_postgres: |inner| insert
                    .on_conflict((link::account_id, link::url_hash))
                    .do_nothing()
                    .execute(inner),
                mariadb: |inner| insert
                    .on_conflict(diesel::dsl::DuplicatedKeys)
                    .do_update()
                    .set(link::link_id.eq(link::link_id))
                    .execute(inner),
            )
        })?;
        let found = self.link_by_url(new).and_then(Self::expect_row)?;
        if found.id == new.id {
            self.replace_terms(Indexed::Link, DbId::of(new.account_id), DbId::of(new.id), "", index.text())?;
            self.note_stored(new.account_id, Row::Link(new.id));
        }
        Ok(found)
    }

    fn links_by_url(&mut self, account: AccountId, urls: &[UrlHash]) -> Result<Vec<(UrlHash, Link)>> {
        let urls: Vec<&[u8]> = urls.iter().map(UrlHash::as_slice).collect();
        let query = link::table
            .filter(link::account_id.eq(DbId::of(account)))
            .filter(link::url_hash.eq_any(urls))
            .select((link::url_hash, LinkRow::as_select()));
        let rows = self.query(Table::Link, |connection| query.load::<(Vec<u8>, LinkRow)>(connection))?;
        rows.into_iter().map(|(hash, row)| Ok((url_hash(hash)?, row.into()))).collect()
    }

    fn update_link(&mut self, changed: &Link, url: Option<&LinkUrl>) -> Result<bool> {
        self.begin_change(changed.account_id)?;
        let id = DbId::of(changed.id);
        let Some((account, text, version)) = self.indexed_link(id)? else { return Ok(false) };
        let index = LinkIndexRow::from(changed);
        let current = link::table
            .filter(link::link_id.eq(id))
            .filter(link::version.eq(changed.version))
            .filter(link::search_version.eq(version));
        let new_url = url.map(|url| (link::url.eq(url.as_str()), link::url_hash.eq(url.hash().as_slice())));
        let update = diesel::update(current).set((
            &index,
            new_url,
            link::title.eq(changed.title.as_deref()),
            link::notes.eq(changed.notes.as_deref()),
            link::version.eq(link::version + 1),
            link::updated_at.eq(to_column(changed.updated_at)),
        ));
        let updated = self.query(Table::Link, |connection| update.execute(connection))? > 0;
        if updated {
            self.replace_terms(Indexed::Link, account, id, &text, index.text())?;
            self.note_stored(changed.account_id, Row::Link(changed.id));
        }
        Ok(updated)
    }

    fn lock_link(&mut self, id: LinkId) -> Result<bool> {
        // Changes nothing, but takes the lock of one who does.
        let lock = diesel::update(link::table.filter(link::link_id.eq(DbId::of(id))))
            .set(link::version.eq(link::version + 0));
        let by_id = link::table.filter(link::link_id.eq(DbId::of(id))).select(link::link_id);
        self.query(Table::Link, |connection| lock.execute(connection))?;
        let found = self.query(Table::Link, |connection| by_id.first::<DbId>(connection).optional())?;
        Ok(found.is_some())
    }

    fn delete_link(&mut self, scope: AccountScope, id: LinkId) -> Result<bool> {
        let Some(account) = self.account_of_link(scope, id)? else { return Ok(false) };
        self.begin_change(account)?;
        let indexed = self.indexed_link(DbId::of(id))?;
        let by_id =
            link::table.filter(link::link_id.eq(DbId::of(id))).filter(link::account_id.eq(DbId::of(account)));
        let deleted = self.query(Table::Link, |connection| diesel::delete(by_id).execute(connection))? > 0;
        if let Some((owner, text, _)) = indexed.filter(|_| deleted) {
            self.replace_terms(Indexed::Link, owner, DbId::of(id), &text, "")?;
            self.note_removed(account, Row::Link(id));
        }
        Ok(deleted)
    }
}

/// The hash in a column whose length the database checks.
fn url_hash(column: Vec<u8>) -> Result<UrlHash> {
    column.try_into().map_err(|_| RepositoryError::Corrupt("a hash of a URL is not 32 bytes long".into()))
}

impl Session {
    /// Whose link this would be.
    fn account_of_link(&mut self, scope: AccountScope, id: LinkId) -> Result<Option<AccountId>> {
        match scope {
            AccountScope::All => Ok(self.link(scope, id)?.map(|link| link.account_id)),
            AccountScope::One(account) => Ok(Some(account)),
        }
    }

    fn link_by_url(&mut self, new: &NewLink) -> Result<Option<Link>> {
        let hash: &UrlHash = new.url.hash();
        let by_url = link::table
            .filter(link::account_id.eq(DbId::of(new.account_id)))
            .filter(link::url_hash.eq(hash.as_slice()))
            .select(LinkRow::as_select());
        let row = self.query(Table::Link, |connection| by_url.first(connection).optional())?;
        Ok(row.map(Link::from))
    }

    fn all_links(
        &mut self,
        scope: AccountScope,
        after: Option<LinkPosition>,
        limit: i64,
    ) -> Result<Vec<LinkRow>> {
        let mut query = link::table
            .select(LinkRow::as_select())
            .order((link::created_at, link::link_id))
            .limit(limit)
            .into_boxed();
        if let AccountScope::One(account) = scope {
            query = query.filter(link::account_id.eq(DbId::of(account)));
        }
        if let Some(after) = after {
            let created_at = to_column(after.created_at);
            query = query
                .filter(link::created_at.ge(created_at))
                .filter(link::created_at.gt(created_at).or(link::link_id.gt(DbId::of(after.id))));
        }
        self.query(Table::Link, |connection| match (connection, scope, after) {
            (AnyConnection::Mariadb(inner), AccountScope::One(account), Some(after)) => {
                deep_page::links(inner, account, after, limit)
            }
            (connection, ..) => query.load(connection),
        })
    }

    /// Reads along the index of a tag's links, which has them in their own order.
    fn tagged_links(
        &mut self,
        scope: AccountScope,
        tag: &TagSelector,
        after: Option<LinkPosition>,
        limit: i64,
    ) -> Result<Vec<LinkRow>> {
        let mut query = taglink::table
            .inner_join(link::table.on(link::link_id.eq(taglink::link_id)))
            .select(LinkRow::as_select())
            .order((taglink::link_created_at, taglink::link_id))
            .limit(limit)
            .into_boxed();
        if let AccountScope::One(account) = scope {
            query = query.filter(taglink::account_id.eq(DbId::of(account)));
        }
        query = match tag {
            TagSelector::Id(id) => query.filter(taglink::tag_id.eq(DbId::of(*id))),
            TagSelector::NameKey(key) => {
                let named = tag::table.filter(tag::name_key.eq(key)).select(tag::tag_id);
                query.filter(taglink::tag_id.eq_any(named))
            }
        };
        if let Some(after) = after {
            let created_at = to_column(after.created_at);
            query = query
                .filter(taglink::link_created_at.ge(created_at))
                .filter(taglink::link_created_at.gt(created_at).or(taglink::link_id.gt(DbId::of(after.id))));
        }
        self.query(Table::Link, |connection| query.load(connection))
    }
}
