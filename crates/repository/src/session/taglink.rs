//! Taglinks: the queries.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use taglink_domain::model::{Page, PageRequest, Realm, TagLink, TagLinkPosition};
use taglink_domain::port::{Result, TagLinkFilter, TagLinkRepository};

use super::time::{from_column, to_column};
use super::{Session, deep_page, on_backend};
use crate::connection::{AnyConnection, DbId};
use crate::error::Table;
use crate::schema::taglink;

#[derive(Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = taglink)]
pub(super) struct TagLinkRow {
    account_id: DbId,
    tag_id: DbId,
    link_id: DbId,
    link_created_at: NaiveDateTime,
    created_at: NaiveDateTime,
}

impl From<TagLinkRow> for TagLink {
    fn from(row: TagLinkRow) -> Self {
        Self {
            account_id: row.account_id.get(),
            tag_id: row.tag_id.get(),
            link_id: row.link_id.get(),
            link_created_at: from_column(row.link_created_at),
            created_at: from_column(row.created_at),
        }
    }
}

impl From<&TagLink> for TagLinkRow {
    fn from(taglink: &TagLink) -> Self {
        Self {
            account_id: DbId::of(taglink.account_id),
            tag_id: DbId::of(taglink.tag_id),
            link_id: DbId::of(taglink.link_id),
            link_created_at: to_column(taglink.link_created_at),
            created_at: to_column(taglink.created_at),
        }
    }
}

impl TagLinkRepository for Session {
    fn taglinks(
        &mut self,
        realm: Realm,
        filter: TagLinkFilter,
        page: &PageRequest<TagLinkPosition>,
    ) -> Result<Page<TagLink>> {
        let lookahead = i64::from(page.limit.get()) + 1;
        let is_unfiltered = filter == TagLinkFilter::default();
        let mut query = taglink::table
            .select(TagLinkRow::as_select())
            .order((taglink::created_at, taglink::tag_id, taglink::link_id))
            .limit(lookahead)
            .into_boxed();
        if let Realm::One(account) = realm {
            query = query.filter(taglink::account_id.eq(DbId::of(account)));
        }
        if let Some(tag_id) = filter.tag_id {
            query = query.filter(taglink::tag_id.eq(DbId::of(tag_id)));
        }
        if let Some(link_id) = filter.link_id {
            query = query.filter(taglink::link_id.eq(DbId::of(link_id)));
        }
        if let Some(after) = page.after {
            let created_at = to_column(after.created_at);
            let (tag_id, link_id) = (DbId::of(after.tag_id), DbId::of(after.link_id));
            let later_pair =
                taglink::tag_id.gt(tag_id).or(taglink::tag_id.eq(tag_id).and(taglink::link_id.gt(link_id)));
            query = query
                .filter(taglink::created_at.ge(created_at))
                .filter(taglink::created_at.gt(created_at).or(later_pair));
        }
        let rows = self.query(Table::TagLink, |connection| match (connection, realm, page.after) {
            (AnyConnection::Mariadb(inner), Realm::One(account), Some(after)) if is_unfiltered => {
                deep_page::taglinks(inner, account, after, lookahead)
            }
            (connection, ..) => query.load::<TagLinkRow>(connection),
        })?;
        Ok(Page::from_lookahead(rows.into_iter().map(TagLink::from).collect(), page.limit))
    }

    fn insert_taglink(&mut self, new: &TagLink) -> Result<()> {
        let insert = diesel::insert_into(taglink::table).values(TagLinkRow::from(new));
        self.query(Table::TagLink, |connection| insert.execute(connection)).map(drop)
    }

    fn ensure_taglink(&mut self, new: &TagLink) -> Result<()> {
        let insert = diesel::insert_into(taglink::table).values(TagLinkRow::from(new));
        self.query(Table::TagLink, |connection| {
            on_backend!(
                connection,
                sqlite_or_postgres: |inner| insert
                    .on_conflict((taglink::tag_id, taglink::link_id))
                    .do_nothing()
                    .execute(inner),
                mariadb: |inner| insert
                    .on_conflict(diesel::dsl::DuplicatedKeys)
                    .do_update()
                    .set(taglink::tag_id.eq(taglink::tag_id))
                    .execute(inner),
            )
        })
        .map(drop)
    }

    fn delete_taglinks(&mut self, realm: Realm, filter: TagLinkFilter) -> Result<usize> {
        let mut query = diesel::delete(taglink::table).into_boxed();
        if let Realm::One(account) = realm {
            query = query.filter(taglink::account_id.eq(DbId::of(account)));
        }
        if let Some(tag_id) = filter.tag_id {
            query = query.filter(taglink::tag_id.eq(DbId::of(tag_id)));
        }
        if let Some(link_id) = filter.link_id {
            query = query.filter(taglink::link_id.eq(DbId::of(link_id)));
        }
        self.query(Table::TagLink, |connection| query.execute(connection))
    }
}
