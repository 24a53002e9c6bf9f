//! What is found: pages, numbers, tags.

use diesel::deserialize::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use taglink_domain::model::{AccountScope, Limit, Page, PageRequest, Tag, TagPosition};
use taglink_domain::port::{Result, SearchRepository};
use taglink_domain::search::{
    FoundLinks, LinkPlace, LinkSearch, SortField, SortOrder, SortValue, TagCount, TagKey,
};

use super::condition::all_hold;
use super::driver::Way;
use super::meant::is_below;
use super::{Dialect, Sql};
use crate::connection::DbId;
use crate::error::Table;
use crate::session::Session;
use crate::session::link::LinkRow;
use crate::session::tag::TagRow;
use crate::session::time::{from_column, to_column};

/// For how many links a condition may hold for a page to begin with it. More are not likely to be the slow way: then
/// every so many of the links that are read in order is one that is looked for.
const FEW_FOR_A_PAGE: i64 = 5_000;

/// The same where all links must be read anyhow.
const FEW_FOR_ALL: i64 = 50_000;

#[derive(QueryableByName)]
struct FoundRow {
    #[diesel(embed)]
    link: LinkRow,
    #[diesel(sql_type = Text)]
    title_key: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    links: i64,
}

#[derive(QueryableByName)]
struct CountedTag {
    #[diesel(embed)]
    tag: TagRow,
    #[diesel(sql_type = BigInt)]
    links: i64,
}

impl SearchRepository for Session {
    fn search_links(
        &mut self,
        scope: AccountScope,
        search: &LinkSearch,
        page: &PageRequest<LinkPlace>,
    ) -> Result<FoundLinks> {
        if page.after.as_ref().is_some_and(|place| place.value.field() != search.sort.field) {
            return Ok(FoundLinks::default());
        }
        let clauses = self.clauses(scope, search)?;
        let way = self.way(scope, &clauses, FEW_FOR_A_PAGE)?;
        let dialect = Dialect::of(self.connection());
        let index =
            index_of(search.sort.field, scope).map_or_else(Sql::default, |index| dialect.along(index));
        let Some(from) = from(dialect, way, index) else { return Ok(FoundLinks::default()) };
        let select = Sql::new(
            "SELECT link.link_id, link.account_id, link.url, link.title, link.notes, link.version, \
             link.created_at, link.updated_at, link.title_key",
        );
        let mut query = select.then(from).sql(" WHERE ").then(all_hold(dialect, scope, &clauses));
        if let Some(place) = &page.after {
            query = query.then(behind(search.sort, place));
        }
        let query = query.then(order_by(search.sort)).number(i64::from(page.limit.get()).saturating_add(1));
        let rows = self.query(Table::Link, |connection| query.load::<FoundRow>(connection))?;
        let found = Page::from_lookahead(rows, page.limit);
        let next = found.items.last().filter(|_| found.has_more).map(|last| last.place(search.sort.field));
        Ok(FoundLinks { links: found.items.into_iter().map(|row| row.link.into()).collect(), next })
    }

    fn count_found_links(&mut self, scope: AccountScope, search: &LinkSearch) -> Result<i64> {
        let clauses = self.clauses(scope, search)?;
        let way = self.way(scope, &clauses, FEW_FOR_ALL)?;
        let dialect = Dialect::of(self.connection());
        let Some(from) = from(dialect, way, Sql::default()) else { return Ok(0) };
        let query = Sql::new("SELECT COUNT(*) AS links").then(from);
        let query = query.sql(" WHERE ").then(all_hold(dialect, scope, &clauses));
        let number = self.query(Table::Link, |connection| query.get_result::<Number>(connection))?;
        Ok(number.links)
    }

    fn count_found_tags(
        &mut self,
        scope: AccountScope,
        search: &LinkSearch,
        limit: Limit,
    ) -> Result<Vec<TagCount>> {
        let clauses = self.clauses(scope, search)?;
        let way = self.way(scope, &clauses, FEW_FOR_ALL)?;
        let dialect = Dialect::of(self.connection());
        let taglinks = match from(dialect, way, Sql::default()) {
            None => return Ok(Vec::new()),
            Some(_) if clauses.is_empty() => taglinks_of(scope),
            Some(from) => {
                let joined = from.sql(dialect.join_in_this_order());
                let joined = joined
                    .sql("taglink x ON x.account_id = link.account_id AND x.link_id = link.link_id WHERE ");
                joined.then(all_hold(dialect, scope, &clauses))
            }
        };
        let query = Sql::new(
            "SELECT tag.tag_id, tag.account_id, tag.name, tag.version, tag.created_at, tag.updated_at, counted.links \
             FROM (SELECT x.tag_id, COUNT(*) AS links",
        );
        let query =
            query.then(taglinks).sql(" GROUP BY x.tag_id) counted JOIN tag ON tag.tag_id = counted.tag_id");
        let query = query.sql(" ORDER BY counted.links DESC, tag.name_key, tag.tag_id LIMIT ");
        let query = query.number(i64::from(limit.get()));
        let rows = self.query(Table::Tag, |connection| query.load::<CountedTag>(connection))?;
        Ok(rows.into_iter().map(|row| TagCount { tag: row.tag.into(), links: row.links }).collect())
    }

    fn tags_below(
        &mut self,
        scope: AccountScope,
        root: &TagKey,
        page: &PageRequest<TagPosition>,
    ) -> Result<Page<Tag>> {
        let select = Sql::new(
            "SELECT g.tag_id, g.account_id, g.name, g.version, g.created_at, g.updated_at FROM tag g WHERE ",
        );
        let mut query = select.then(is_below(root));
        if let AccountScope::One(account) = scope {
            query = query.sql(" AND g.account_id = ").id(DbId::of(account));
        }
        if let Some(after) = page.after {
            let created_at = to_column(after.created_at);
            let later = query.sql(" AND g.created_at >= ").time(created_at);
            let later = later.sql(" AND (g.created_at > ").time(created_at).sql(" OR g.tag_id > ");
            query = later.id(DbId::of(after.id)).sql(")");
        }
        let query = query.sql(" ORDER BY g.created_at, g.tag_id LIMIT ");
        let query = query.number(i64::from(page.limit.get()).saturating_add(1));
        let rows = self.query(Table::Tag, |connection| query.load::<TagRow>(connection))?;
        Ok(Page::from_lookahead(rows.into_iter().map(Tag::from).collect(), page.limit))
    }
}

impl FoundRow {
    /// The place as the database sees it, which need not be what would be derived today.
    fn place(&self, field: SortField) -> LinkPlace {
        let value = match field {
            SortField::Created => SortValue::Created(from_column(self.link.created_at)),
            SortField::Title => SortValue::Title(self.title_key.clone()),
            SortField::Updated => SortValue::Updated(from_column(self.link.updated_at)),
        };
        LinkPlace { value, id: self.link.link_id.get() }
    }
}

/// From where the links are read; nothing if there is none to be found.
fn from(dialect: Dialect, way: Way, index: Sql) -> Option<Sql> {
    match way {
        Way::Nowhere => None,
        Way::InOrder => Some(Sql::new(" FROM link").then(index)),
        Way::From(driver) => {
            let candidates = Sql::new(" FROM (").then(driver.candidates()).sql(") candidate");
            let joined = candidates.sql(dialect.join_in_this_order());
            Some(joined.sql("link ON link.link_id = candidate.link_id"))
        }
    }
}

/// All taglinks, for which nobody has to look at a link.
fn taglinks_of(scope: AccountScope) -> Sql {
    match scope {
        AccountScope::All => Sql::new(" FROM taglink x"),
        AccountScope::One(account) => Sql::new(" FROM taglink x WHERE x.account_id = ").id(DbId::of(account)),
    }
}

/// The index that has links in their order. Over all accounts there is one for the usual order only: others are for
/// operators, who may wait.
fn index_of(field: SortField, scope: AccountScope) -> Option<&'static str> {
    match (field, scope) {
        (SortField::Created, AccountScope::One(_)) => Some("link_account_id_created_at_link_id_idx"),
        (SortField::Title, AccountScope::One(_)) => Some("link_account_id_title_key_link_id_idx"),
        (SortField::Updated, AccountScope::One(_)) => Some("link_account_id_updated_at_link_id_idx"),
        (SortField::Created, AccountScope::All) => Some("link_created_at_link_id_idx"),
        (SortField::Title | SortField::Updated, AccountScope::All) => None,
    }
}

fn column_of(field: SortField) -> &'static str {
    match field {
        SortField::Created => "link.created_at",
        SortField::Title => "link.title_key",
        SortField::Updated => "link.updated_at",
    }
}

/// Up to the limit, which follows.
fn order_by(SortOrder { field, descending }: SortOrder) -> Sql {
    let sql = Sql::new(" ORDER BY ").sql(column_of(field));
    sql.sql(if descending { " DESC, link.link_id DESC LIMIT " } else { ", link.link_id LIMIT " })
}

/// Whether a row comes after a place.
fn behind(SortOrder { field, descending }: SortOrder, place: &LinkPlace) -> Sql {
    let value = |sql: Sql| match &place.value {
        SortValue::Created(time) | SortValue::Updated(time) => sql.time(to_column(*time)),
        SortValue::Title(key) => sql.text(key.as_str()),
    };
    let [not_before, after] = if descending { [" <= ", " < "] } else { [" >= ", " > "] };
    // The first condition says nothing new, but is what an index can begin at.
    let sql = value(Sql::new(" AND ").sql(column_of(field)).sql(not_before));
    let sql = value(sql.sql(" AND (").sql(column_of(field)).sql(after));
    sql.sql(" OR link.link_id").sql(after).id(DbId::of(place.id)).sql(")")
}
