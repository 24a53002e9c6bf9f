//! The port: pages, numbers, tags.

use std::cmp::Ordering;

use diesel::sql_types::{BigInt, Text};
use taglink_domain::model::{AccountScope, Limit, Link, Page, PageRequest, Tag, TagPosition};
use taglink_domain::port::{Result, SearchRepository};
use taglink_domain::search::{
    FoundLinks, LinkPlace, LinkSearch, SortField, SortValue, TagCount, TagKey, title_key,
};

use super::access_path::{AccessPath, LINK_OF_CANDIDATE, LinkOf};
use super::condition::all_hold;
use super::resolved_tags::{ResolvedTag, conditions, is_below};
use crate::dialect::{Bind, DbId, DbTime, Dialect, Index, RowOf, SqlBuilder};
use crate::error::Table;
use crate::query::{in_scope, tags_in_order};
use crate::row::{LinkRow, TagRow};
use crate::unit_of_work::DbUnitOfWork;

/// For how many links a condition may hold for a page to begin with it. More are not likely to be the slow way: then
/// every so many of the links that are read in order is one that is looked for.
const FEW_FOR_A_PAGE: i64 = 5_000;

/// The same where all links must be read anyhow.
const FEW_FOR_ALL: i64 = 50_000;

impl SearchRepository for DbUnitOfWork {
    fn search_links(
        &mut self,
        scope: AccountScope,
        search: &LinkSearch,
        page: &PageRequest<LinkPlace>,
    ) -> Result<FoundLinks> {
        if page.after.as_ref().is_some_and(|place| place.value.field() != search.sort.field) {
            return Ok(FoundLinks::default());
        }
        let (dialect, sort) = (self.dialect(), search.sort);
        let conditions = conditions(self, scope, search)?;
        let path = AccessPath::for_page(self, scope, &conditions, sort, FEW_FOR_A_PAGE)?;
        let limit = i64::from(page.limit.get()) + 1;
        let selected = SqlBuilder::select::<LinkRow>("");
        let query = match path {
            AccessPath::Tags(tags) => {
                let links = along_tags(dialect, &tags, sort.descending, page.after.as_ref(), limit);
                selected.then(links).cached_if(tags.len() <= 2)
            }
            path => {
                let index = dialect.along(index_of(sort.field));
                let order = columns(&path, scope, sort.field);
                // Postings are those of the account already.
                let scope =
                    if matches!(path, AccessPath::Postings { .. }) { AccountScope::All } else { scope };
                let Some(links) = path.links(dialect, index) else { return Ok(FoundLinks::default()) };
                let links = selected.then(links).then(all_hold(dialect, scope, &conditions));
                let links = match &page.after {
                    Some(place) => {
                        links.sql(" AND ").then(dialect.after(position(&order, place), sort.descending))
                    }
                    None => links,
                };
                links
                    .then(order_by(order, sort.descending))
                    .sql(" LIMIT ?")
                    .number(limit)
                    .cached_if(conditions.is_empty())
            }
        };
        let found = self.load_page(Table::Link, query, page.limit, |row: LinkRow| Ok(Link::from(row)))?;
        let last = found.items.last().filter(|_| found.has_more);
        let next = last.map(|last| place_of(self, last, sort.field)).transpose()?;
        Ok(FoundLinks { links: found.items, next })
    }

    fn count_found_links(&mut self, scope: AccountScope, search: &LinkSearch) -> Result<i64> {
        let conditions = conditions(self, scope, search)?;
        let dialect = self.dialect();
        let count = SqlBuilder::new("SELECT COUNT(*)");
        let count =
            if let Some(AccessPath::Postings { account, term }) = AccessPath::sole_term(scope, &conditions) {
                count.sql(" FROM link_term WHERE account_id = ? AND term = ?").id(account).text(term).cached()
            } else {
                let path = AccessPath::for_all(self, scope, &conditions, FEW_FOR_ALL)?;
                let Some(links) = path.links(dialect, SqlBuilder::empty()) else { return Ok(0) };
                count.then(links).then(all_hold(dialect, scope, &conditions))
            };
        Ok(self.one(Table::Link, count.with_rows::<BigInt>())?.unwrap_or_default())
    }

    fn count_found_tags(
        &mut self,
        scope: AccountScope,
        search: &LinkSearch,
        limit: Limit,
    ) -> Result<Vec<TagCount>> {
        let conditions = conditions(self, scope, search)?;
        let dialect = self.dialect();
        let taglinks = if conditions.is_empty() {
            taglinks_of(scope)
        } else if let Some(AccessPath::Postings { account, term }) = AccessPath::sole_term(scope, &conditions)
        {
            let joined = SqlBuilder::new(" FROM link_term").sql(dialect.join_in_this_order());
            let joined = joined.sql(
                "taglink x ON x.account_id = link_term.account_id \
                 AND x.link_created_at = link_term.link_created_at AND x.link_id = link_term.link_id",
            );
            joined.sql(" WHERE link_term.account_id = ? AND link_term.term = ?").id(account).text(term)
        } else {
            let path = AccessPath::for_all(self, scope, &conditions, FEW_FOR_ALL)?;
            let Some(links) = path.links(dialect, SqlBuilder::empty()) else { return Ok(Vec::new()) };
            let joined = links.sql(dialect.join_in_this_order());
            let joined = joined.sql(
                "taglink x ON x.account_id = link.account_id AND x.link_created_at = link.created_at \
                 AND x.link_id = link.link_id",
            );
            joined.then(all_hold(dialect, scope, &conditions))
        };
        let counted = ", counted.links FROM (SELECT x.account_id, x.tag_id, COUNT(*) AS links";
        let query = SqlBuilder::select::<TagRow>(counted).then(taglinks).sql(
            " GROUP BY x.account_id, x.tag_id) counted JOIN tag \
             ON tag.account_id = counted.account_id AND tag.tag_id = counted.tag_id \
             ORDER BY counted.links DESC, tag.name_key, tag.tag_id LIMIT ?",
        );
        let query = query.number(i64::from(limit.get())).with_rows::<(RowOf<TagRow>, BigInt)>();
        Ok(self
            .load::<(TagRow, i64)>(Table::Tag, query)?
            .into_iter()
            .map(|(tag, links)| TagCount { tag: tag.into(), links })
            .collect())
    }

    fn tags_below(
        &mut self,
        scope: AccountScope,
        root: &TagKey,
        page: &PageRequest<TagPosition>,
    ) -> Result<Page<Tag>> {
        let tags = SqlBuilder::select::<TagRow>(" FROM tag WHERE ").then(is_below("tag.name_key", root));
        let tags = match scope {
            AccountScope::All => tags,
            AccountScope::One(account) => tags.sql(" AND tag.account_id = ?").id(DbId::of(account)),
        };
        let query = tags_in_order(self.dialect(), tags, scope, page).cached();
        self.load_page(Table::Tag, query, page.limit, |row: TagRow| Ok(row.into()))
    }
}

/// The link of a taglink.
const LINK_OF_TAGLINK: LinkOf = LinkOf {
    by_key: "link.account_id = taglink.account_id AND link.created_at = taglink.link_created_at \
        AND link.link_id = taglink.link_id",
    by_id: "link.link_id = taglink.link_id AND +link.account_id = taglink.account_id",
};

/// `FROM` to the end: the first links of these tags after a place. Each tag has its links in the usual order, so at most
/// `limit` of each are read, however many there are.
fn along_tags(
    dialect: Dialect,
    tags: &[ResolvedTag],
    is_descending: bool,
    after: Option<&LinkPlace>,
    limit: i64,
) -> SqlBuilder<'static> {
    let [in_order, of_tag] = if is_descending {
        [
            " ORDER BY link.account_id DESC, link.created_at DESC, link.link_id DESC LIMIT ?",
            " ORDER BY taglink.link_created_at DESC, taglink.link_id DESC LIMIT ?",
        ]
    } else {
        [
            " ORDER BY link.account_id, link.created_at, link.link_id LIMIT ?",
            " ORDER BY taglink.link_created_at, taglink.link_id LIMIT ?",
        ]
    };
    let taglinks = || SqlBuilder::new(" FROM taglink").then(dialect.along(Index::PRIMARY));
    if let [tag] = tags {
        let links = taglinks().then(LINK_OF_TAGLINK.join(dialect));
        return links.then(carries(dialect, *tag, is_descending, after)).sql(of_tag).number(limit);
    }
    let candidates = SqlBuilder::new(" FROM (").list(" UNION ", tags, |sql, tag| {
        let links = sql.sql("SELECT account_id, link_id FROM (SELECT taglink.account_id, taglink.link_id");
        let links = links.then(taglinks());
        links.then(carries(dialect, *tag, is_descending, after)).sql(of_tag).number(limit).sql(") of_tag")
    });
    let links = candidates.sql(") candidate").then(dialect.join_each("link", None, LINK_OF_CANDIDATE));
    links.sql(in_order).number(limit)
}

/// ` WHERE` with the condition that a taglink is one of the tag, after a place in the order of links.
fn carries(
    dialect: Dialect,
    tag: ResolvedTag,
    is_descending: bool,
    after: Option<&LinkPlace>,
) -> SqlBuilder<'static> {
    let taglinks = SqlBuilder::new(" WHERE taglink.account_id = ? AND taglink.tag_id = ?");
    let taglinks = taglinks.id(tag.account_id).id(tag.tag_id);
    let Some(LinkPlace { account_id, value: SortValue::Created(created_at), id }) = after else {
        return taglinks;
    };
    match DbId::of(*account_id).cmp(&tag.account_id) {
        Ordering::Equal => {
            let created_at = ("taglink.link_created_at", Bind::Time(DbTime::of(*created_at)));
            let position = vec![created_at, ("taglink.link_id", Bind::Id(DbId::of(*id)))];
            taglinks.sql(" AND ").then(dialect.after(position, is_descending))
        }
        order if order.is_lt() != is_descending => taglinks,
        _ => taglinks.sql(" AND 1 = 0"),
    }
}

/// The place of a link. Its title key is the one in the database, which need not be what would be derived today.
fn place_of(uow: &mut DbUnitOfWork, link: &Link, field: SortField) -> Result<LinkPlace> {
    let value = match field {
        SortField::Created => SortValue::Created(link.created_at),
        SortField::Updated => SortValue::Updated(link.updated_at),
        SortField::Title => {
            let key = SqlBuilder::new("SELECT title_key FROM link WHERE link_id = ?").id(DbId::of(link.id));
            let key = in_scope(key, AccountScope::One(link.account_id)).cached().with_rows::<Text>();
            let key = uow.one::<String>(Table::Link, key)?;
            SortValue::Title(key.unwrap_or_else(|| title_key(link.title.as_deref())))
        }
    };
    Ok(LinkPlace { account_id: link.account_id, value, id: link.id })
}

/// All taglinks, for which no link needs to be looked at.
fn taglinks_of(scope: AccountScope) -> SqlBuilder<'static> {
    match scope {
        AccountScope::All => SqlBuilder::new(" FROM taglink x"),
        AccountScope::One(account) => {
            SqlBuilder::new(" FROM taglink x WHERE x.account_id = ?").id(DbId::of(account))
        }
    }
}

/// The index that has links in their order.
fn index_of(field: SortField) -> Index {
    match field {
        SortField::Created => Index::PRIMARY,
        SortField::Title => Index::named("link_account_id_title_key_link_id_idx"),
        SortField::Updated => Index::named("link_account_id_updated_at_link_id_idx"),
    }
}

/// The columns by which links are ordered: over all accounts, first by the account.
fn columns(path: &AccessPath, scope: AccountScope, field: SortField) -> Vec<&'static str> {
    let columns = match (path, field) {
        (AccessPath::Postings { .. }, _) => ["link_term.link_created_at", "link_term.link_id"],
        (_, SortField::Created) => ["link.created_at", "link.link_id"],
        (_, SortField::Title) => ["link.title_key", "link.link_id"],
        (_, SortField::Updated) => ["link.updated_at", "link.link_id"],
    };
    let account = (scope == AccountScope::All).then_some("link.account_id");
    account.into_iter().chain(columns).collect()
}

fn order_by(columns: Vec<&'static str>, is_descending: bool) -> SqlBuilder<'static> {
    SqlBuilder::new(" ORDER BY ").list(", ", columns, |sql, column| {
        let sql = sql.sql(column);
        if is_descending { sql.sql(" DESC") } else { sql }
    })
}

/// A place, as values of the columns by which links are ordered.
fn position(columns: &[&'static str], place: &LinkPlace) -> Vec<(&'static str, Bind<'static>)> {
    let value = match &place.value {
        SortValue::Created(time) | SortValue::Updated(time) => Bind::Time(DbTime::of(*time)),
        SortValue::Title(key) => Bind::Text(key.clone().into()),
    };
    let values = [Bind::Id(DbId::of(place.account_id)), value, Bind::Id(DbId::of(place.id))];
    let skipped = values.len() - columns.len();
    columns.iter().copied().zip(values.into_iter().skip(skipped)).collect()
}
