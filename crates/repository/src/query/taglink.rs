//! Taglinks: the queries.

use taglink_domain::model::{
    AccountId, AccountScope, LinkId, Page, PageRequest, TagId, TagLink, TagLinkPosition, Timestamp,
};
use taglink_domain::port::{Result, TagLinkFilter, TagLinkRepository};

use super::merge_tags;
use super::tag::OF_LINK;
use crate::change_feed::{ChangeKind, PendingChanges, Row};
use crate::dialect::{Bind, DbId, DbTime, Index, SqlBuilder};
use crate::error::Table;
use crate::row::{NewTagLinkRow, TagLinkRow};
use crate::unit_of_work::DbUnitOfWork;

impl TagLinkRepository for DbUnitOfWork {
    fn taglinks(
        &mut self,
        scope: AccountScope,
        filter: TagLinkFilter,
        page: &PageRequest<TagLinkPosition>,
    ) -> Result<Page<TagLink>> {
        let index = if filter.link_id.is_some() { OF_LINK } else { Index::PRIMARY };
        let query = SqlBuilder::select::<TagLinkRow>(" FROM taglink");
        let query = query.then(self.dialect().along(index)).then(matching(scope, filter));
        let columns = order(scope, filter);
        let query = match page.after {
            Some(after) if !columns.is_empty() => {
                let position = columns.iter().map(|(name, value)| (*name, value(&after))).collect();
                query.sql(" AND ").then(self.dialect().after(position, false))
            }
            // A taglink that has both the tag and the link is the only one.
            Some(_) => query.sql(" AND 1 = 0"),
            None => query,
        };
        let query = if columns.is_empty() { query } else { query.sql(" ORDER BY ") };
        let query = query.list(", ", columns, |sql, (name, _)| sql.sql(name));
        let query = query.sql(" LIMIT ?").number(i64::from(page.limit.get()) + 1).cached();
        self.load_page(Table::TagLink, query, page.limit, |row: TagLinkRow| Ok(row.into()))
    }

    fn insert_taglink(&mut self, new: &TagLink) -> Result<()> {
        let insert = SqlBuilder::new(NewTagLinkRow::INSERT).row(NewTagLinkRow(new).values()).cached();
        self.execute(Table::TagLink, insert)?;
        note(self, new.account_id, ChangeKind::Stored, [(new.tag_id, new.link_id)])
    }

    fn ensure_taglink(&mut self, new: &TagLink) -> Result<()> {
        insert_missing(self, std::slice::from_ref(new))
    }

    fn move_some_taglinks(&mut self, from: &[TagId], to: TagId, most: u16, at: Timestamp) -> Result<bool> {
        merge_tags::move_some(self, from, to, most, at)
    }

    fn delete_some_taglinks(&mut self, account: AccountId, tag: TagId, most: u16) -> Result<usize> {
        Ok(merge_tags::delete_some(self, account, &[tag], most)?.0.len())
    }

    fn delete_taglinks(&mut self, scope: AccountScope, filter: TagLinkFilter) -> Result<usize> {
        let delete = SqlBuilder::new("DELETE FROM taglink").then(matching(scope, filter));
        let removed = delete_returning(self, delete.cached())?;
        for removed in removed.chunk_by(|one, other| one.account_id == other.account_id) {
            let Some(first) = removed.first() else { continue };
            note(
                self,
                first.account_id,
                ChangeKind::Removed,
                removed.iter().map(|row| (row.tag_id, row.link_id)),
            )?;
        }
        Ok(removed.len())
    }
}

/// Runs a deletion, and says exactly what it has removed: a count would not, where others put tags on links and take
/// them off at the same time.
pub(super) fn delete_returning(uow: &mut DbUnitOfWork, delete: SqlBuilder<'_>) -> Result<Vec<TagLink>> {
    let delete = delete.returning::<TagLinkRow>();
    let removed = uow.load::<TagLinkRow>(Table::TagLink, delete)?;
    let mut removed: Vec<TagLink> = removed.into_iter().map(TagLink::from).collect();
    removed.sort_by_key(|taglink| TagLinkPosition::from(taglink));
    Ok(removed)
}

/// Stores those of the taglinks, all of one account, whose pairs do not exist yet, in one statement.
///
/// MariaDB returns those that exist as well: they have the time of another one.
pub(super) fn insert_missing(uow: &mut DbUnitOfWork, new: &[TagLink]) -> Result<()> {
    let Some(account) = new.first().map(|first| first.account_id) else { return Ok(()) };
    let insert = SqlBuilder::new(NewTagLinkRow::INSERT);
    let insert = insert.list(", ", new, |sql, new| sql.row(NewTagLinkRow(new).values()));
    let or_keep = uow.dialect().or_keep("account_id, tag_id, link_created_at, link_id", "taglink.tag_id");
    let insert = insert.then(or_keep).cached_if(new.len() == 1).returning::<TagLinkRow>();
    let stored = uow.load::<TagLinkRow>(Table::TagLink, insert)?;
    let stored: Vec<TagLink> =
        stored.into_iter().map(TagLink::from).filter(|row| new.contains(row)).collect();
    note(uow, account, ChangeKind::Stored, stored.iter().map(|row| (row.tag_id, row.link_id)))
}

/// `WHERE` with the condition that a taglink is in the scope and agrees with the filter. Every key begins with the
/// account, so where that is not given it is that of the tag or the link.
fn matching(scope: AccountScope, filter: TagLinkFilter) -> SqlBuilder<'static> {
    let (tag, link) = (filter.tag_id.map(DbId::of), filter.link_id.map(DbId::of));
    let sql = match (scope, tag, link) {
        (AccountScope::One(account), ..) => {
            SqlBuilder::new(" WHERE taglink.account_id = ?").id(DbId::of(account))
        }
        (AccountScope::All, Some(tag), _) => {
            let own = " WHERE taglink.account_id = (SELECT tag.account_id FROM tag WHERE tag.tag_id = ?)";
            SqlBuilder::new(own).id(tag)
        }
        (AccountScope::All, None, Some(link)) => {
            let own = " WHERE taglink.account_id = (SELECT link.account_id FROM link WHERE link.link_id = ?)";
            SqlBuilder::new(own).id(link)
        }
        (AccountScope::All, None, None) => SqlBuilder::new(" WHERE 1 = 1"),
    };
    let sql = match tag {
        Some(tag) => sql.sql(" AND taglink.tag_id = ?").id(tag),
        None => sql,
    };
    match link {
        Some(link) => {
            let created = "(SELECT link.created_at FROM link WHERE link.link_id = ?)";
            let sql = sql.sql(" AND taglink.link_created_at = ").sql(created).id(link);
            sql.sql(" AND taglink.link_id = ?").id(link)
        }
        None => sql,
    }
}

type Column = (&'static str, fn(&TagLinkPosition) -> Bind<'static>);

/// The columns by which taglinks are ordered, apart from those that are the same in all that match.
fn order(scope: AccountScope, filter: TagLinkFilter) -> Vec<Column> {
    let columns: [(bool, Column); 4] = [
        (
            scope == AccountScope::All && filter == TagLinkFilter::default(),
            ("taglink.account_id", |position| Bind::Id(DbId::of(position.account_id))),
        ),
        (filter.tag_id.is_none(), ("taglink.tag_id", |position| Bind::Id(DbId::of(position.tag_id)))),
        (
            filter.link_id.is_none(),
            ("taglink.link_created_at", |position| Bind::Time(DbTime::of(position.link_created_at))),
        ),
        (filter.link_id.is_none(), ("taglink.link_id", |position| Bind::Id(DbId::of(position.link_id)))),
    ];
    columns.into_iter().filter(|(differs, _)| *differs).map(|(_, column)| column).collect()
}

fn note(
    uow: &mut DbUnitOfWork,
    account: AccountId,
    kind: ChangeKind,
    pairs: impl IntoIterator<Item = (TagId, LinkId)>,
) -> Result<()> {
    let rows = pairs.into_iter().map(|(tag, link)| Row::TagLink(tag, link));
    PendingChanges::new(account, kind, rows).store(uow)
}
