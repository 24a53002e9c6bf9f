//! Tags: the queries.

use chrono::NaiveDateTime;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use taglink_domain::model::{
    AccountId, AccountScope, LinkId, NewTag, Page, PageRequest, Tag, TagId, TagName, TagPosition, Timestamp,
};
use taglink_domain::port::{Result, TagRepository};
use taglink_domain::search::{INDEX_VERSION, SearchText};

use super::noted::Row;
use super::term::Indexed;
use super::time::{from_column, to_column};
use super::{Session, deep_page, on_backend, tag_lock, tags_of_links};
use crate::connection::{AnyConnection, DbId};
use crate::error::Table;
use crate::schema::{tag, taglink};

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = tag)]
pub(super) struct TagRow {
    tag_id: DbId,
    account_id: DbId,
    name: String,
    version: i64,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl From<TagRow> for Tag {
    fn from(row: TagRow) -> Self {
        Self {
            id: row.tag_id.get(),
            account_id: row.account_id.get(),
            name: row.name,
            version: row.version,
            created_at: from_column(row.created_at),
            updated_at: from_column(row.updated_at),
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
    search_text: String,
    search_version: i64,
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
            search_text: SearchText::of_tag(new.name.as_str()).as_str().to_owned(),
            search_version: INDEX_VERSION,
        }
    }
}

impl TagRepository for Session {
    fn tag(&mut self, scope: AccountScope, id: TagId) -> Result<Option<Tag>> {
        let by_id = tag::table.filter(tag::tag_id.eq(DbId::of(id))).select(TagRow::as_select());
        let row = self.query(Table::Tag, |connection| match scope {
            AccountScope::All => by_id.first(connection).optional(),
            AccountScope::One(account) => {
                by_id.filter(tag::account_id.eq(DbId::of(account))).first(connection).optional()
            }
        })?;
        Ok(row.map(Tag::from))
    }

    fn tags(
        &mut self,
        scope: AccountScope,
        name_key: Option<&str>,
        page: &PageRequest<TagPosition>,
    ) -> Result<Page<Tag>> {
        let lookahead = i64::from(page.limit.get()) + 1;
        let mut query = tag::table
            .select(TagRow::as_select())
            .order((tag::created_at, tag::tag_id))
            .limit(lookahead)
            .into_boxed();
        if let AccountScope::One(account) = scope {
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
        let rows = self.query(Table::Tag, |connection| match (connection, scope, name_key, page.after) {
            (AnyConnection::Mariadb(inner), AccountScope::One(account), None, Some(after)) => {
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
        self.index_new_tag(new)?;
        self.note_stored(new.account_id, Row::Tag(new.id));
        Ok(new.clone().into())
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
            self.index_new_tag(new)?;
            self.note_stored(new.account_id, Row::Tag(new.id));
        }
        Ok(found)
    }

    fn rename_tag(&mut self, named: &Tag, name: &TagName, at: Timestamp) -> Result<bool> {
        self.begin_change(named.account_id)?;
        let id = DbId::of(named.id);
        let Some((account, old, indexed_by)) = self.indexed_tag(id)? else { return Ok(false) };
        let text = SearchText::of_tag(name.as_str());
        let current = tag::table
            .filter(tag::tag_id.eq(id))
            .filter(tag::version.eq(named.version))
            .filter(tag::search_version.eq(indexed_by));
        let update = diesel::update(current).set((
            tag::name.eq(name.as_str()),
            tag::name_key.eq(name.key()),
            tag::version.eq(tag::version + 1),
            tag::updated_at.eq(to_column(at)),
            tag::search_text.eq(text.as_str()),
            tag::search_version.eq(INDEX_VERSION),
        ));
        let renamed = self.query(Table::Tag, |connection| update.execute(connection))? > 0;
        if renamed {
            self.replace_terms(Indexed::Tag, account, id, &old, text.as_str())?;
            self.note_stored(named.account_id, Row::Tag(named.id));
        }
        Ok(renamed)
    }

    fn tags_of_links(&mut self, links: &[LinkId]) -> Result<Vec<(LinkId, Tag)>> {
        let links: Vec<DbId> = links.iter().copied().map(DbId::of).collect();
        let rows = self.query(Table::Tag, |connection| tags_of_links::load(connection, links))?;
        Ok(rows.into_iter().map(|row| (row.of_link.get(), row.tag.into())).collect())
    }

    fn count_links(&mut self, tags: &[TagId]) -> Result<Vec<(TagId, i64)>> {
        let tags: Vec<DbId> = tags.iter().copied().map(DbId::of).collect();
        let query = taglink::table
            .filter(taglink::tag_id.eq_any(tags))
            .group_by(taglink::tag_id)
            .select((taglink::tag_id, diesel::dsl::count_star()));
        let rows = self.query(Table::Tag, |connection| query.load::<(DbId, i64)>(connection))?;
        Ok(rows.into_iter().map(|(tag, count)| (tag.get(), count)).collect())
    }

    fn lock_tags(&mut self, account: AccountId, tags: &[TagId]) -> Result<Vec<Tag>> {
        let (account, tags) = (DbId::of(account), tags.iter().copied().map(DbId::of).collect());
        let rows = self.query(Table::Tag, |connection| tag_lock::lock(connection, account, tags))?;
        Ok(rows.into_iter().map(Tag::from).collect())
    }

    fn unused_tags(&mut self, scope: AccountScope, after: Option<TagId>, most: u16) -> Result<Vec<TagId>> {
        let on_links = taglink::table.filter(taglink::tag_id.eq(tag::tag_id));
        let mut query = tag::table
            .filter(not(exists(on_links)))
            .select(tag::tag_id)
            .order(tag::tag_id)
            .limit(most.into())
            .into_boxed();
        if let AccountScope::One(account) = scope {
            query = query.filter(tag::account_id.eq(DbId::of(account)));
        }
        if let Some(after) = after {
            query = query.filter(tag::tag_id.gt(DbId::of(after)));
        }
        let rows = self.query(Table::Tag, |connection| query.load::<DbId>(connection))?;
        Ok(rows.into_iter().map(DbId::get).collect())
    }

    fn delete_tags(&mut self, scope: AccountScope, tags: &[TagId]) -> Result<()> {
        let ids: Vec<DbId> = tags.iter().copied().map(DbId::of).collect();
        let owners = self.owners_of_tags(scope, &ids)?;
        Self::expect_rows(owners.len(), tags.len())?;
        for (account, _) in &owners {
            self.begin_change(*account)?;
        }
        let delete = diesel::delete(tag::table.filter(tag::tag_id.eq_any(ids)));
        let deleted = self.query(Table::Tag, |connection| delete.execute(connection))?;
        Self::expect_rows(deleted, tags.len())?;
        for (account, tag) in owners {
            self.note_removed(account, Row::Tag(tag));
        }
        Ok(())
    }

    fn delete_tag(&mut self, scope: AccountScope, id: TagId) -> Result<bool> {
        let Some(account) = self.account_of_tag(scope, id)? else { return Ok(false) };
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
    fn index_new_tag(&mut self, new: &NewTag) -> Result<()> {
        let text = SearchText::of_tag(new.name.as_str());
        self.replace_terms(Indexed::Tag, DbId::of(new.account_id), DbId::of(new.id), "", text.as_str())
    }

    /// Those of the tags that are in the scope, and whose they are, in the order of accounts.
    fn owners_of_tags(&mut self, scope: AccountScope, tags: &[DbId]) -> Result<Vec<(AccountId, TagId)>> {
        let mut query = tag::table
            .filter(tag::tag_id.eq_any(tags.to_vec()))
            .order((tag::account_id, tag::tag_id))
            .select((tag::account_id, tag::tag_id))
            .into_boxed();
        if let AccountScope::One(account) = scope {
            query = query.filter(tag::account_id.eq(DbId::of(account)));
        }
        let rows = self.query(Table::Tag, |connection| query.load::<(DbId, DbId)>(connection))?;
        Ok(rows.into_iter().map(|(account, tag)| (account.get(), tag.get())).collect())
    }

    /// Whose tag this would be.
    fn account_of_tag(&mut self, scope: AccountScope, id: TagId) -> Result<Option<AccountId>> {
        match scope {
            AccountScope::All => Ok(self.tag(scope, id)?.map(|tag| tag.account_id)),
            AccountScope::One(account) => Ok(Some(account)),
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
