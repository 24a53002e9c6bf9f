//! Tags: the queries.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use taglink_domain::model::{AccountId, NewTag, Page, PageRequest, Realm, Tag, TagId, TagPosition};
use taglink_domain::port::{Result, TagRepository};

use super::noted::Row;
use super::time::{from_column, to_column};
use super::{Session, deep_page, on_backend};
use crate::connection::{AnyConnection, DbId};
use crate::error::Table;
use crate::schema::tag;

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = tag)]
pub(super) struct TagRow {
    tag_id: DbId,
    account_id: DbId,
    name: String,
    created_at: NaiveDateTime,
}

impl From<TagRow> for Tag {
    fn from(row: TagRow) -> Self {
        Self {
            id: row.tag_id.get(),
            account_id: row.account_id.get(),
            name: row.name,
            created_at: from_column(row.created_at),
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = tag)]
struct NewTagRow<'a> {
    tag_id: DbId,
    account_id: DbId,
    name: &'a str,
    name_key: &'a str,
    version: i64,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl<'a> From<&'a NewTag> for NewTagRow<'a> {
    fn from(new: &'a NewTag) -> Self {
        let created_at = to_column(new.created_at);
        Self {
            tag_id: DbId::of(new.id),
            account_id: DbId::of(new.account_id),
            name: new.name.as_str(),
            name_key: new.name.key(),
            version: 1,
            created_at,
            updated_at: created_at,
        }
    }
}

impl TagRepository for Session {
    fn tag(&mut self, realm: Realm, id: TagId) -> Result<Option<Tag>> {
        let by_id = tag::table.filter(tag::tag_id.eq(DbId::of(id))).select(TagRow::as_select());
        let row = self.query(Table::Tag, |connection| match realm {
            Realm::All => by_id.first(connection).optional(),
            Realm::One(account) => {
                by_id.filter(tag::account_id.eq(DbId::of(account))).first(connection).optional()
            }
        })?;
        Ok(row.map(Tag::from))
    }

    fn tags(
        &mut self,
        realm: Realm,
        name_key: Option<&str>,
        page: &PageRequest<TagPosition>,
    ) -> Result<Page<Tag>> {
        let lookahead = i64::from(page.limit.get()) + 1;
        let mut query = tag::table
            .select(TagRow::as_select())
            .order((tag::created_at, tag::tag_id))
            .limit(lookahead)
            .into_boxed();
        if let Realm::One(account) = realm {
            query = query.filter(tag::account_id.eq(DbId::of(account)));
        }
        if let Some(key) = name_key {
            query = query.filter(tag::name_key.eq(key));
        }
        if let Some(after) = page.after {
            let created_at = to_column(after.created_at);
            query = query
                .filter(tag::created_at.ge(created_at))
                .filter(tag::created_at.gt(created_at).or(tag::tag_id.gt(DbId::of(after.id))));
        }
        let rows = self.query(Table::Tag, |connection| match (connection, realm, name_key, page.after) {
            (AnyConnection::Mariadb(inner), Realm::One(account), None, Some(after)) => {
                deep_page::tags(inner, account, after, lookahead)
            }
            (connection, ..) => query.load::<TagRow>(connection),
        })?;
        Ok(Page::from_lookahead(rows.into_iter().map(Tag::from).collect(), page.limit))
    }

    fn insert_tag(&mut self, new: &NewTag) -> Result<Tag> {
        self.begin_change(new.account_id)?;
        let insert = diesel::insert_into(tag::table).values(NewTagRow::from(new));
        self.query(Table::Tag, |connection| insert.execute(connection))?;
        self.note_stored(new.account_id, Row::Tag(new.id));
        Ok(Tag {
            id: new.id,
            account_id: new.account_id,
            name: new.name.as_str().to_owned(),
            created_at: new.created_at,
        })
    }

    fn find_or_create_tag(&mut self, new: &NewTag) -> Result<Tag> {
        if let Some(found) = self.tag_by_name(new)? {
            return Ok(found);
        }
        self.begin_change(new.account_id)?;
        let insert = diesel::insert_into(tag::table).values(NewTagRow::from(new));
        self.query(Table::Tag, |connection| {
            on_backend!(
                connection,
                sqlite_or_postgres: |inner| insert
                    .on_conflict((tag::account_id, tag::name_key))
                    .do_nothing()
                    .execute(inner),
                mariadb: |inner| insert
                    .on_conflict(diesel::dsl::DuplicatedKeys)
                    .do_update()
                    .set(tag::tag_id.eq(tag::tag_id))
                    .execute(inner),
            )
        })?;
        let found = self.tag_by_name(new).and_then(Self::expect_row)?;
        if found.id == new.id {
            self.note_stored(new.account_id, Row::Tag(new.id));
        }
        Ok(found)
    }

    fn delete_tag(&mut self, realm: Realm, id: TagId) -> Result<bool> {
        let Some(account) = self.account_of_tag(realm, id)? else { return Ok(false) };
        self.begin_change(account)?;
        let by_id =
            tag::table.filter(tag::tag_id.eq(DbId::of(id))).filter(tag::account_id.eq(DbId::of(account)));
        let deleted = self.query(Table::Tag, |connection| diesel::delete(by_id).execute(connection))? > 0;
        if deleted {
            self.note_removed(account, Row::Tag(id));
        }
        Ok(deleted)
    }
}

impl Session {
    /// Whose tag this would be.
    fn account_of_tag(&mut self, realm: Realm, id: TagId) -> Result<Option<AccountId>> {
        match realm {
            Realm::All => Ok(self.tag(realm, id)?.map(|tag| tag.account_id)),
            Realm::One(account) => Ok(Some(account)),
        }
    }

    fn tag_by_name(&mut self, new: &NewTag) -> Result<Option<Tag>> {
        let by_name = tag::table
            .filter(tag::account_id.eq(DbId::of(new.account_id)))
            .filter(tag::name_key.eq(new.name.key()))
            .select(TagRow::as_select());
        let row = self.query(Table::Tag, |connection| by_name.first(connection).optional())?;
        Ok(row.map(Tag::from))
    }
}
