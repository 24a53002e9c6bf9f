//! Tags: the queries.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use taglink_domain::model::{
    AccountId, AccountScope, DatedTag, LinkId, NewTag, Page, PageRequest, Tag, TagId, TagName, TagPosition,
    Timestamp,
};
use taglink_domain::port::{BulkRepository, RepositoryError, Result, TagRepository};
use taglink_domain::search::{INDEX_VERSION, SearchText};

use super::link::in_scope;
use crate::change_feed::{ChangeKind, PendingChanges, Row};
use crate::dialect::{Bind, Columns, DbId, DbTime, Dialect, Id, Index, RowOf, SqlBuilder};
use crate::error::Table;
use crate::row::{NewTagRow, TagRow};
use crate::schema::{tag, taglink};
use crate::search::{Indexed, insert_postings, replace_postings};
use crate::unit_of_work::{DbUnitOfWork, expect_row};

/// The index that has the tags of an account in their order.
const IN_ORDER: Index = Index::named("tag_account_id_created_at_tag_id_idx");

impl TagRepository for DbUnitOfWork {
    fn tag(&mut self, scope: AccountScope, id: TagId) -> Result<Option<Tag>> {
        let by_id = match scope {
            AccountScope::All => SqlBuilder::new(TagRow::BY_ID).id(DbId::of(id)),
            AccountScope::One(account) => {
                SqlBuilder::new(TagRow::BY_ID_IN_ACCOUNT).id(DbId::of(id)).id(DbId::of(account))
            }
        };
        let by_id = by_id.cached().with_rows::<RowOf<TagRow>>();
        Ok(self.one::<TagRow>(Table::Tag, by_id)?.map(Tag::from))
    }

    /// One account has at most one tag of a name.
    fn tags(
        &mut self,
        scope: AccountScope,
        name_key: Option<&str>,
        page: &PageRequest<TagPosition>,
    ) -> Result<Page<Tag>> {
        let tags = match (scope, name_key) {
            (AccountScope::One(account), Some(key)) => named(account, key),
            (AccountScope::One(account), None) => {
                let tags = SqlBuilder::select::<TagRow>(" FROM tag").then(self.dialect().along(IN_ORDER));
                tags.sql(" WHERE tag.account_id = ?").id(DbId::of(account))
            }
            (AccountScope::All, Some(key)) => {
                let accounts = SqlBuilder::select::<TagRow>(" FROM account");
                let tags = accounts.sql(self.dialect().join_in_this_order());
                tags.sql("tag ON tag.account_id = account.account_id AND tag.name_key = ?").text(key)
            }
            (AccountScope::All, None) => {
                let tags = SqlBuilder::select::<TagRow>(" FROM tag").then(self.dialect().along(IN_ORDER));
                tags.sql(" WHERE 1 = 1")
            }
        };
        let query = in_order(self.dialect(), tags, scope, page).cached();
        self.load_page(Table::Tag, query, page.limit, |row: TagRow| Ok(row.into()))
    }

    fn insert_tag(&mut self, new: &NewTag) -> Result<Tag> {
        let row = NewTagRow::new(new, new.created_at);
        self.execute(Table::Tag, SqlBuilder::new(NewTagRow::INSERT).row(row.values()).cached())?;
        insert_postings(self, [(Indexed::Tag(new.account_id, new.id), &row.text)])?;
        note(self, new.account_id, ChangeKind::Stored, [new.id])?;
        Ok(new.clone().into())
    }

    fn find_or_create_tag(&mut self, new: &NewTag) -> Result<Tag> {
        let by_name = named(new.account_id, new.name.key()).cached();
        let found = self.one::<TagRow>(Table::Tag, by_name)?;
        if let Some(row) = found {
            return Ok(row.into());
        }
        let dated = DatedTag { tag: new.clone(), updated_at: new.created_at };
        let created = self.find_or_create_tags(std::slice::from_ref(&dated))?;
        created.into_iter().next().ok_or_else(|| RepositoryError::Internal("no tag for a tag".into()))
    }

    fn rename_tag(&mut self, named: &Tag, name: &TagName, at: Timestamp) -> Result<bool> {
        let (account, id) = (DbId::of(named.account_id), DbId::of(named.id));
        let indexed = "SELECT search_text, search_version FROM tag WHERE account_id = ? AND tag_id = ?";
        let indexed = SqlBuilder::new(indexed).id(account).id(id).cached().with_rows::<(Text, BigInt)>();
        let indexed = self.one::<(String, i64)>(Table::Tag, indexed)?;
        let Some((old, indexed_by)) = indexed else { return Ok(false) };
        let text = SearchText::of_tag(name.as_str());
        let update = SqlBuilder::new(
            "UPDATE tag SET name = ?, name_key = ?, version = version + 1, updated_at = ?, search_text = ?, \
             search_version = ? WHERE version = ? AND search_version = ? AND account_id = ? AND tag_id = ?",
        );
        let update = update.text(name.as_str()).text(name.key()).time(DbTime::of(at)).text(text.as_str());
        let update = update.number(INDEX_VERSION).number(named.version).number(indexed_by);
        let update = update.id(account).id(id).cached();
        let is_renamed = self.execute(Table::Tag, update)? > 0;
        if is_renamed {
            replace_postings(
                self,
                Indexed::Tag(named.account_id, named.id),
                indexed_by,
                &old,
                text.as_str(),
            )?;
            note(self, named.account_id, ChangeKind::Stored, [named.id])?;
        }
        Ok(is_renamed)
    }

    /// By way of the links, which know their place in the index of taglinks.
    fn tags_of_links(&mut self, scope: AccountScope, links: &[LinkId]) -> Result<Vec<(LinkId, Tag)>> {
        if links.is_empty() {
            return Ok(Vec::new());
        }
        let (dialect, links) = (self.dialect(), links.iter().copied().map(DbId::of).collect::<Vec<_>>());
        let query = SqlBuilder::new("SELECT taglink.link_id, ").sql(TagRow::COLUMNS).sql(" FROM link");
        let query =
            query.then(taglinks_of_link(dialect)).then(dialect.join_each("tag", None, TAG_OF_TAGLINK));
        let query = query.sql(" WHERE link.link_id IN (");
        let query = in_scope(query.ids(&links).sql(")"), scope).sql(" ORDER BY tag.created_at, tag.tag_id");
        let query = query.cached().with_rows::<(Id, RowOf<TagRow>)>();
        Ok(self
            .load::<(DbId, TagRow)>(Table::Tag, query)?
            .into_iter()
            .map(|(link, tag)| (link.get(), tag.into()))
            .collect())
    }

    fn count_links(&mut self, scope: AccountScope, tags: &[TagId]) -> Result<Vec<(TagId, i64)>> {
        if tags.is_empty() {
            return Ok(Vec::new());
        }
        let tags: Vec<DbId> = tags.iter().copied().map(DbId::of).collect();
        let count = SqlBuilder::new("SELECT taglink.tag_id, COUNT(*) FROM tag");
        let count = count.then(self.dialect().join_each("taglink", Some(Index::PRIMARY), TAG_OF_TAGLINK));
        let count = count.sql(" WHERE tag.tag_id IN (").ids(&tags).sql(")");
        let count = match scope {
            // In an expression, as the account of a link: see `in_scope`.
            AccountScope::One(account) => {
                count.sql(" AND COALESCE(tag.account_id, tag.account_id) = ?").id(DbId::of(account))
            }
            AccountScope::All => count,
        };
        let count = count.sql(" GROUP BY taglink.tag_id").cached();
        let count = count.with_rows::<(Id, BigInt)>();
        Ok(self
            .load::<(DbId, i64)>(Table::TagLink, count)?
            .into_iter()
            .map(|(tag, count)| (tag.get(), count))
            .collect())
    }

    /// A transaction that puts a tag on a link locks the tag as well, for the foreign key: PostgreSQL its row, MariaDB
    /// the entry of the primary key.
    fn lock_tags(&mut self, account: AccountId, tags: &[TagId]) -> Result<Vec<Tag>> {
        if tags.is_empty() {
            return Ok(Vec::new());
        }
        let (dialect, tags) = (self.dialect(), tags.iter().copied().map(DbId::of).collect::<Vec<_>>());
        let query = SqlBuilder::select::<TagRow>(" FROM tag").then(dialect.along(Index::PRIMARY));
        let query =
            query.sql(" WHERE tag.account_id = ? AND tag.tag_id IN (").id(DbId::of(account)).ids(&tags);
        let query = query.sql(") ORDER BY tag.tag_id").sql(dialect.for_update()).cached();
        Ok(self.load::<TagRow>(Table::Tag, query)?.into_iter().map(Tag::from).collect())
    }

    fn unused_tags(
        &mut self,
        scope: AccountScope,
        after: Option<(AccountId, TagId)>,
        most: u16,
    ) -> Result<Vec<(AccountId, TagId)>> {
        let on_links = taglink::table
            .filter(taglink::account_id.eq(tag::account_id))
            .filter(taglink::tag_id.eq(tag::tag_id));
        let mut query = tag::table
            .filter(not(exists(on_links)))
            .select((tag::account_id, tag::tag_id))
            .order((tag::account_id, tag::tag_id))
            .limit(most.into())
            .into_boxed();
        if let AccountScope::One(account) = scope {
            query = query.filter(tag::account_id.eq(DbId::of(account)));
        }
        if let Some((account, tag)) = after {
            let account = DbId::of(account);
            query = query
                .filter(tag::account_id.ge(account))
                .filter(tag::account_id.gt(account).or(tag::tag_id.gt(DbId::of(tag))));
        }
        Ok(self
            .load::<(DbId, DbId)>(Table::Tag, query)?
            .into_iter()
            .map(|(account, tag)| (account.get(), tag.get()))
            .collect())
    }

    fn delete_tags(&mut self, tags: &[(AccountId, TagId)]) -> Result<()> {
        for tags in tags.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((account, _)) = tags.first().copied() else { continue };
            let ids: Vec<DbId> = tags.iter().map(|(_, tag)| DbId::of(*tag)).collect();
            let delete = SqlBuilder::new("DELETE FROM tag WHERE account_id = ? AND tag_id IN (");
            let delete = delete.id(DbId::of(account)).ids(&ids).sql(")");
            let deleted = self.execute(Table::Tag, delete)?;
            expect_row((deleted == tags.len()).then_some(()))?;
            note(self, account, ChangeKind::Removed, tags.iter().map(|(_, tag)| *tag))?;
        }
        Ok(())
    }

    fn delete_tag(&mut self, scope: AccountScope, id: TagId) -> Result<bool> {
        let delete = SqlBuilder::new("DELETE FROM tag WHERE tag_id = ?").id(DbId::of(id));
        let delete = match scope {
            AccountScope::All => delete,
            AccountScope::One(account) => delete.sql(" AND account_id = ?").id(DbId::of(account)),
        };
        let delete = delete.sql(" RETURNING account_id").cached().with_rows::<Id>();
        let account = self.one::<DbId>(Table::Tag, delete)?;
        let Some(account) = account else { return Ok(false) };
        note(self, account.get(), ChangeKind::Removed, [id])?;
        Ok(true)
    }
}

/// The tag of an account with the key of a name.
fn named(account: AccountId, key: &str) -> SqlBuilder<'_, RowOf<TagRow>> {
    SqlBuilder::new(TagRow::BY_NAME).id(DbId::of(account)).text(key).with_rows()
}

/// The index that has the taglinks of a link.
pub(crate) const OF_LINK: Index = Index::named("taglink_account_id_link_created_at_link_id_tag_id_idx");

/// The condition that a tag is that of a taglink.
const TAG_OF_TAGLINK: &str = "taglink.account_id = tag.account_id AND taglink.tag_id = tag.tag_id";

/// Joins the taglinks of the links before them, along their index.
pub(super) fn taglinks_of_link(dialect: Dialect) -> SqlBuilder<'static> {
    let of_link = "taglink.account_id = link.account_id AND taglink.link_created_at = link.created_at \
                   AND taglink.link_id = link.link_id";
    dialect.join_each("taglink", Some(OF_LINK), of_link)
}

/// Completes a select of tags that has a `WHERE`: a page in the order of tags.
pub(crate) fn in_order<'a, ST>(
    dialect: Dialect,
    tags: SqlBuilder<'a, ST>,
    scope: AccountScope,
    page: &PageRequest<TagPosition>,
) -> SqlBuilder<'a, ST> {
    let mut columns = vec!["tag.created_at", "tag.tag_id"];
    if scope == AccountScope::All {
        columns.insert(0, "tag.account_id");
    }
    let tags = match page.after {
        None => tags,
        Some(TagPosition { account_id, created_at, id }) => {
            let values =
                [Bind::Id(DbId::of(account_id)), Bind::Time(DbTime::of(created_at)), Bind::Id(DbId::of(id))];
            let values = values.into_iter().skip(3 - columns.len());
            let position = columns.iter().copied().zip(values).collect();
            tags.sql(" AND ").then(dialect.after(position, false))
        }
    };
    let tags = tags.sql(" ORDER BY ").list(", ", columns, SqlBuilder::sql);
    tags.sql(" LIMIT ?").number(i64::from(page.limit.get()) + 1)
}

fn note(
    uow: &mut DbUnitOfWork,
    account: AccountId,
    kind: ChangeKind,
    tags: impl IntoIterator<Item = TagId>,
) -> Result<()> {
    PendingChanges::new(account, kind, tags.into_iter().map(Row::Tag)).store(uow)
}
