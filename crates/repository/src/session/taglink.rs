//! Taglinks: the queries.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use taglink_domain::model::{
    AccountId, AccountScope, Page, PageRequest, TagId, TagLink, TagLinkPosition, Timestamp,
};
use taglink_domain::port::{RepositoryError, Result, TagLinkFilter, TagLinkRepository, TagRepository};

use super::moving::{MOVED_AT_ONCE, packed};
use super::noted::Row;
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

/// What is told of a taglink that is removed.
type RemovedRow = (DbId, DbId, DbId);
const REMOVED: (taglink::account_id, taglink::tag_id, taglink::link_id) =
    (taglink::account_id, taglink::tag_id, taglink::link_id);

/// Narrows a statement to the taglinks that match.
macro_rules! matching {
    ($statement:expr, $scope:expr, $filter:expr) => {{
        let mut statement = $statement.into_boxed();
        if let AccountScope::One(account) = $scope {
            statement = statement.filter(taglink::account_id.eq(DbId::of(account)));
        }
        if let Some(tag_id) = $filter.tag_id {
            statement = statement.filter(taglink::tag_id.eq(DbId::of(tag_id)));
        }
        if let Some(link_id) = $filter.link_id {
            statement = statement.filter(taglink::link_id.eq(DbId::of(link_id)));
        }
        statement
    }};
}

impl TagLinkRepository for Session {
    fn taglinks(
        &mut self,
        scope: AccountScope,
        filter: TagLinkFilter,
        page: &PageRequest<TagLinkPosition>,
    ) -> Result<Page<TagLink>> {
        let lookahead = i64::from(page.limit.get()) + 1;
        let is_unfiltered = filter == TagLinkFilter::default();
        let mut query = matching!(taglink::table.select(TagLinkRow::as_select()), scope, filter)
            .order((taglink::created_at, taglink::tag_id, taglink::link_id))
            .limit(lookahead);
        if let Some(after) = page.after {
            let created_at = to_column(after.created_at);
            let (tag_id, link_id) = (DbId::of(after.tag_id), DbId::of(after.link_id));
            let later_pair =
                taglink::tag_id.gt(tag_id).or(taglink::tag_id.eq(tag_id).and(taglink::link_id.gt(link_id)));
            query = query
                .filter(taglink::created_at.ge(created_at))
                .filter(taglink::created_at.gt(created_at).or(later_pair));
        }
        let rows = self.query(Table::TagLink, |connection| match (connection, scope, page.after) {
            (AnyConnection::Mariadb(inner), AccountScope::One(account), Some(after)) if is_unfiltered => {
                deep_page::taglinks(inner, account, after, lookahead)
            }
            (connection, ..) => query.load::<TagLinkRow>(connection),
        })?;
        Ok(Page::from_lookahead(rows.into_iter().map(TagLink::from).collect(), page.limit))
    }

    fn insert_taglink(&mut self, new: &TagLink) -> Result<()> {
        self.begin_change(new.account_id)?;
        let insert = diesel::insert_into(taglink::table).values(TagLinkRow::from(new));
        self.query(Table::TagLink, |connection| insert.execute(connection))?;
        self.note_stored(new.account_id, Row::TagLink(new.tag_id, new.link_id));
        Ok(())
    }

    fn ensure_taglink(&mut self, new: &TagLink) -> Result<()> {
        self.begin_change(new.account_id)?;
        let pair = taglink::table.find((DbId::of(new.tag_id), DbId::of(new.link_id))).select(taglink::tag_id);
        let insert = diesel::insert_into(taglink::table).values(TagLinkRow::from(new));
        let inserted = self.query(Table::TagLink, |connection| {
            on_backend!(
                connection,
                sqlite_or_postgres: |inner| insert
                    .on_conflict((taglink::tag_id, taglink::link_id))
                    .do_nothing()
                    .execute(inner),
                // Counts a row also where it was there, so that is asked first; other writers of the account wait.
                mariadb: |inner| match pair.first::<DbId>(inner).optional()? {
                    Some(_) => Ok(0),
                    None => insert
                        .on_conflict(diesel::dsl::DuplicatedKeys)
                        .do_update()
                        .set(taglink::tag_id.eq(taglink::tag_id))
                        .execute(inner),
                },
            )
        })?;
        if inserted > 0 {
            self.note_stored(new.account_id, Row::TagLink(new.tag_id, new.link_id));
        }
        Ok(())
    }

    fn move_taglinks(&mut self, from: &[TagId], to: TagId, at: Timestamp) -> Result<()> {
        let tag = self.tag(AccountScope::All, to)?;
        let account = Self::expect_row(tag)?.account_id;
        self.begin_change(account)?;
        let counts = self.count_links(from)?;
        for tags in packed(&counts) {
            let mut after = None;
            loop {
                let pairs = self.pairs_of(&tags, to, after)?;
                self.add_to_links(account, to, &pairs, at)?;
                self.remove_pairs(account, &pairs, after)?;
                if pairs.len() < MOVED_AT_ONCE {
                    break;
                }
                after = pairs.iter().map(|pair| pair.link).max();
            }
        }
        Ok(())
    }

    /// Tells exactly what is removed: a count would not, where others put tags on and take them off at the same time.
    fn delete_taglinks(&mut self, scope: AccountScope, filter: TagLinkFilter) -> Result<usize> {
        for account in self.accounts_of_taglinks(scope, filter)? {
            self.begin_change(account)?;
        }
        let (removed, deleted) = self.query(Table::TagLink, |connection| match connection {
            AnyConnection::Postgres(inner) => {
                let delete = matching!(diesel::delete(taglink::table), scope, filter);
                let removed: Vec<RemovedRow> = delete.returning(REMOVED).load(inner)?;
                let deleted = removed.len();
                Ok((removed, deleted))
            }
            // Nobody else removes anything of these accounts meanwhile.
            AnyConnection::Sqlite(_) | AnyConnection::Mariadb(_) => {
                let select = matching!(taglink::table.select(REMOVED), scope, filter);
                let removed: Vec<RemovedRow> = select.load(connection)?;
                let deleted = matching!(diesel::delete(taglink::table), scope, filter).execute(connection)?;
                Ok((removed, deleted))
            }
        })?;
        if deleted != removed.len() {
            return self.remember(Err(RepositoryError::Busy("a tag was put on in mid-transaction".into())));
        }
        for (account, tag, link) in removed {
            self.note_removed(account.get(), Row::TagLink(tag.get(), link.get()));
        }
        Ok(deleted)
    }
}

impl Session {
    /// Whose taglinks these would be.
    fn accounts_of_taglinks(&mut self, scope: AccountScope, filter: TagLinkFilter) -> Result<Vec<AccountId>> {
        if let AccountScope::One(account) = scope {
            return Ok(vec![account]);
        }
        let select = matching!(taglink::table.select(taglink::account_id).distinct(), scope, filter)
            .order(taglink::account_id);
        let accounts = self.query(Table::TagLink, |connection| select.load::<DbId>(connection))?;
        Ok(accounts.into_iter().map(DbId::get).collect())
    }
}
