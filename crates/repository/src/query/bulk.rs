//! Many rows at once: the queries.

use std::collections::{HashMap, HashSet};

use diesel::sql_types::{Binary, Text};
use taglink_domain::model::{
    AccountId, AccountScope, DatedTag, Link, LinkId, NewLink, Tag, TagId, TagLink, UrlHash,
};
use taglink_domain::port::{BulkRepository, Result};
use uuid::Uuid;

use super::link::in_scope;
use super::taglink::insert_missing;
use crate::change_feed::{ChangeKind, PendingChanges, Row};
use crate::dialect::{Bind, Columns, DbId, Dialect, Digest, Id, RowOf, SqlBuilder};
use crate::error::Table;
use crate::row::{LinkRow, NewLinkRow, NewTagRow, TagLinkRow, TagRow};
use crate::search::{Indexed, insert_postings};
use crate::unit_of_work::{DbUnitOfWork, expect_row};

/// How many rows a statement names: each has some parameters, of which SQLite takes 32,766 and the servers 65,535.
const AT_ONCE: usize = 500;

/// How many bytes of text a statement carries, or one row more: MariaDB takes 16 MiB.
const TEXT_AT_ONCE: usize = 1024 * 1024;

impl BulkRepository for DbUnitOfWork {
    fn taken_link_ids(&mut self, ids: &[LinkId]) -> Result<Vec<LinkId>> {
        taken(self, Table::Link, "SELECT link_id FROM link WHERE link_id IN (", ids)
    }

    fn taken_tag_ids(&mut self, ids: &[TagId]) -> Result<Vec<TagId>> {
        taken(self, Table::Tag, "SELECT tag_id FROM tag WHERE tag_id IN (", ids)
    }

    fn tags_with_ids(&mut self, account: AccountId, ids: &[TagId]) -> Result<Vec<Tag>> {
        let mut all = Vec::with_capacity(ids.len());
        for ids in ids.chunks(AT_ONCE) {
            let ids: Vec<DbId> = ids.iter().copied().map(DbId::of).collect();
            let query =
                SqlBuilder::select::<TagRow>(" FROM tag WHERE tag.account_id = ? AND tag.tag_id IN (");
            let query = query.id(DbId::of(account)).ids(&ids).sql(")").cached();
            let rows = self.load::<TagRow>(Table::Tag, query)?;
            all.extend(rows.into_iter().map(Tag::from));
        }
        Ok(all)
    }

    fn tags_by_name(&mut self, account: AccountId, keys: &[&str]) -> Result<Vec<(String, Tag)>> {
        let mut all = Vec::with_capacity(keys.len());
        for keys in keys.chunks(AT_ONCE) {
            all.extend(tags_with_keys(self, account, keys)?);
        }
        Ok(all)
    }

    fn find_or_create_links(&mut self, links: &[NewLink]) -> Result<Vec<Link>> {
        let text = |new: &NewLink| {
            let title = new.title.as_ref().map_or(0, |title| title.as_str().len());
            let notes = new.notes.as_ref().map_or(0, |notes| notes.as_str().len());
            new.url.as_str().len() + title + notes
        };
        let mut all = Vec::with_capacity(links.len());
        for part in parts(links, text) {
            let mut found = links_with_urls(self, part)?;
            let missing: Vec<&NewLink> =
                part.iter().filter(|new| !found.contains_key(new.url.hash())).collect();
            let stored = insert_links(self, &missing)?;
            let (stored, raced): (Vec<_>, Vec<_>) =
                missing.into_iter().partition(|new| stored.contains(&new.id));
            found.extend(stored.into_iter().map(|new| (*new.url.hash(), Link::from(new.clone()))));
            found.extend(links_with_urls(self, raced)?);
            for new in part {
                all.push(expect_row(found.remove(new.url.hash()))?);
            }
        }
        Ok(all)
    }

    fn find_or_create_tags(&mut self, tags: &[DatedTag]) -> Result<Vec<Tag>> {
        let mut all = Vec::with_capacity(tags.len());
        for part in parts(tags, |new| new.tag.name.as_str().len() + new.tag.name.key().len()) {
            let mut found = tags_with_names(self, part)?;
            let missing: Vec<&DatedTag> =
                part.iter().filter(|new| !found.contains_key(new.tag.name.key())).collect();
            insert_tags(self, &missing)?;
            found.extend(tags_with_names(self, missing)?);
            for new in part {
                all.push(expect_row(found.remove(new.tag.name.key()))?);
            }
        }
        Ok(all)
    }

    /// By way of the links, which know their place in the index of taglinks.
    fn taglinks_of_links(&mut self, account: AccountId, links: &[LinkId]) -> Result<Vec<TagLink>> {
        let mut all = Vec::new();
        for links in links.chunks(AT_ONCE) {
            let links: Vec<DbId> = links.iter().copied().map(DbId::of).collect();
            let query = SqlBuilder::select::<TagLinkRow>(" FROM link");
            let query = query.then(super::tag::taglinks_of_link(self.dialect()));
            let query = query.sql(" WHERE link.link_id IN (").ids(&links);
            let query = in_scope(query.sql(")"), AccountScope::One(account)).cached();
            let rows = self.load::<TagLinkRow>(Table::TagLink, query)?;
            all.extend(rows.into_iter().map(TagLink::from));
        }
        Ok(all)
    }

    fn ensure_taglinks(&mut self, taglinks: &[TagLink]) -> Result<()> {
        let Some(account) = taglinks.first().map(|first| first.account_id) else { return Ok(()) };
        for part in taglinks.chunks(AT_ONCE) {
            let links: Vec<LinkId> = part.iter().map(|taglink| taglink.link_id).collect();
            let known = self.taglinks_of_links(account, &links)?;
            let known: HashSet<_> = known.iter().map(|known| (known.tag_id, known.link_id)).collect();
            let missing = part.iter().filter(|new| !known.contains(&(new.tag_id, new.link_id)));
            insert_missing(self, &missing.cloned().collect::<Vec<_>>())?;
        }
        Ok(())
    }
}

/// Those of the ids that rows have, of whatever account; `select` ends before the ids.
fn taken<T: Copy + Into<Uuid> + From<Uuid>>(
    uow: &mut DbUnitOfWork,
    table: Table,
    select: &'static str,
    ids: &[T],
) -> Result<Vec<T>> {
    let mut taken = Vec::new();
    for ids in ids.chunks(AT_ONCE) {
        let ids: Vec<DbId> = ids.iter().copied().map(DbId::of).collect();
        let query = SqlBuilder::new(select).ids(&ids).sql(")").cached().with_rows::<Id>();
        taken.extend(uow.load::<DbId>(table, query)?.into_iter().map(DbId::get::<T>));
    }
    Ok(taken)
}

/// Stores those of the links, all of one account, whose URLs it does not have, with their terms, and says which those
/// are. MariaDB returns the rows that exist as well, with ids or URLs of their own.
pub(super) fn insert_links(uow: &mut DbUnitOfWork, new: &[&NewLink]) -> Result<HashSet<LinkId>> {
    let Some(account) = new.first().map(|first| first.account_id) else { return Ok(HashSet::new()) };
    let rows: Vec<NewLinkRow<'_>> = new.iter().map(|new| NewLinkRow::from(*new)).collect();
    let insert = SqlBuilder::new(NewLinkRow::INSERT).list(", ", &rows, |sql, row| sql.row(row.values()));
    let insert = insert.then(uow.dialect().or_keep("account_id, url_hash", "link.link_id"));
    let insert = insert.cached_if(rows.len() == 1);
    let insert = insert.sql(" RETURNING account_id, link_id, url_hash").with_rows::<(Id, Id, Binary)>();
    let returned = uow.load::<(DbId, DbId, Digest)>(Table::Link, insert)?;
    let returned: HashSet<(AccountId, LinkId, UrlHash)> =
        returned.into_iter().map(|(account, id, hash)| (account.get(), id.get(), hash.get())).collect();
    let is_stored = |row: &&NewLinkRow<'_>| returned.contains(&(account, row.new.id, *row.new.url.hash()));
    let stored: Vec<&NewLinkRow<'_>> = rows.iter().filter(is_stored).collect();
    let indexed = |row: &&NewLinkRow<'_>| Indexed::Link(account, row.new.created_at, row.new.id);
    insert_postings(uow, stored.iter().map(|row| (indexed(row), &row.index.text)))?;
    let ids: HashSet<LinkId> = stored.iter().map(|row| row.new.id).collect();
    let changes = stored.iter().map(|row| Row::Link(row.new.id));
    PendingChanges::new(account, ChangeKind::Stored, changes).store(uow)?;
    Ok(ids)
}

/// Stores those of the tags, all of one account, whose names it does not have, with their words. MariaDB returns the
/// rows that exist as well, with ids or names of their own.
fn insert_tags(uow: &mut DbUnitOfWork, new: &[&DatedTag]) -> Result<()> {
    let Some(account) = new.first().map(|first| first.tag.account_id) else { return Ok(()) };
    let rows: Vec<NewTagRow<'_>> = new.iter().map(|new| NewTagRow::new(&new.tag, new.updated_at)).collect();
    let insert = SqlBuilder::new(NewTagRow::INSERT).list(", ", &rows, |sql, row| sql.row(row.values()));
    let insert = insert.then(uow.dialect().or_keep("account_id, name_key", "tag.tag_id"));
    let insert = insert.cached_if(rows.len() == 1).sql(" RETURNING account_id, tag_id, name_key");
    let insert = insert.with_rows::<(Id, Id, Text)>();
    let returned = uow.load::<(DbId, DbId, String)>(Table::Tag, insert)?;
    let returned: HashSet<(AccountId, TagId, String)> =
        returned.into_iter().map(|(account, id, key)| (account.get(), id.get(), key)).collect();
    let is_stored =
        |row: &&NewTagRow<'_>| returned.contains(&(account, row.new.id, row.new.name.key().to_owned()));
    let stored: Vec<&NewTagRow<'_>> = rows.iter().filter(is_stored).collect();
    insert_postings(uow, stored.iter().map(|row| (Indexed::Tag(account, row.new.id), &row.text)))?;
    let changes = stored.iter().map(|row| Row::Tag(row.new.id));
    PendingChanges::new(account, ChangeKind::Stored, changes).store(uow)
}

/// The links of an account with these hashes of URLs.
pub(super) fn links_with_hashes(
    uow: &mut DbUnitOfWork,
    account: AccountId,
    hashes: &[&[u8]],
) -> Result<Vec<(UrlHash, Link)>> {
    if hashes.is_empty() {
        return Ok(Vec::new());
    }
    let query = SqlBuilder::new("SELECT link.url_hash, ").sql(LinkRow::COLUMNS);
    let is_one = hashes.len() == 1;
    let hashes: Vec<Bind<'_>> = hashes.iter().copied().map(Bind::Bytes).collect();
    let query = query.then(each_of(uow.dialect(), &LINKS_BY_HASH, account, hashes));
    let query = query.cached_if(is_one).with_rows::<(Binary, RowOf<LinkRow>)>();
    Ok(uow
        .load::<(Digest, LinkRow)>(Table::Link, query)?
        .into_iter()
        .map(|(hash, row)| (hash.get(), row.into()))
        .collect())
}

/// Those of the links that exist, by the hash of their URL.
fn links_with_urls<'a>(
    uow: &mut DbUnitOfWork,
    wanted: impl IntoIterator<Item = &'a NewLink>,
) -> Result<HashMap<UrlHash, Link>> {
    let (account, hashes): (Vec<AccountId>, Vec<&[u8]>) =
        wanted.into_iter().map(|new| (new.account_id, new.url.hash().as_slice())).unzip();
    let Some(account) = account.first() else { return Ok(HashMap::new()) };
    Ok(links_with_hashes(uow, *account, &hashes)?.into_iter().collect())
}

/// Those of the tags that exist, by the key of their name.
fn tags_with_names<'a>(
    uow: &mut DbUnitOfWork,
    wanted: impl IntoIterator<Item = &'a DatedTag>,
) -> Result<HashMap<String, Tag>> {
    let (account, keys): (Vec<AccountId>, Vec<&str>) =
        wanted.into_iter().map(|new| (new.tag.account_id, new.tag.name.key())).unzip();
    let Some(account) = account.first() else { return Ok(HashMap::new()) };
    Ok(tags_with_keys(uow, *account, &keys)?.into_iter().collect())
}

fn tags_with_keys(uow: &mut DbUnitOfWork, account: AccountId, keys: &[&str]) -> Result<Vec<(String, Tag)>> {
    let is_one = keys.len() == 1;
    let keys: Vec<Bind<'_>> = keys.iter().map(|key| Bind::Text((*key).into())).collect();
    let query = SqlBuilder::new("SELECT tag.name_key, ").sql(TagRow::COLUMNS);
    let query = query.then(each_of(uow.dialect(), &TAGS_BY_KEY, account, keys));
    let query = query.cached_if(is_one).with_rows::<(Text, RowOf<TagRow>)>();
    Ok(uow
        .load::<(String, TagRow)>(Table::Tag, query)?
        .into_iter()
        .map(|(key, row)| (key, row.into()))
        .collect())
}

/// A table, and the column of one of its unique keys beside the account.
struct Lookup {
    /// ` FROM table WHERE table.account_id = ? AND table.column IN (`
    is_one_of: &'static str,
    /// On PostgreSQL: the same table, in which the index is searched for each value.
    lateral: [&'static str; 2],
}

const LINKS_BY_HASH: Lookup = Lookup {
    is_one_of: " FROM link WHERE link.account_id = ? AND link.url_hash IN (",
    lateral: [
        " FROM (VALUES (",
        ")) AS wanted (value) CROSS JOIN LATERAL (SELECT * FROM link WHERE link.account_id = ? \
         AND link.url_hash = wanted.value OFFSET 0) AS link",
    ],
};

const TAGS_BY_KEY: Lookup = Lookup {
    is_one_of: " FROM tag WHERE tag.account_id = ? AND tag.name_key IN (",
    lateral: [
        " FROM (VALUES (",
        ")) AS wanted (value) CROSS JOIN LATERAL (SELECT * FROM tag WHERE tag.account_id = ? \
         AND tag.name_key = wanted.value OFFSET 0) AS tag",
    ],
};

/// `FROM` and `WHERE` of a look-up of many rows by a unique key. Left to itself, PostgreSQL may read all rows of the
/// account for every statement, by another index, while it does not know how many there are, such as in the middle of
/// an import (measured with 20,000 links: 150 ms for 250 URLs, against less than 20 ms).
fn each_of<'a>(
    dialect: Dialect,
    lookup: &Lookup,
    account: AccountId,
    values: Vec<Bind<'a>>,
) -> SqlBuilder<'a> {
    let account = DbId::of(account);
    match dialect {
        Dialect::Postgres => {
            let [first, second] = lookup.lateral;
            let wanted = SqlBuilder::new(first).list("), (", values, |sql, value| sql.sql("?").bind(value));
            wanted.sql(second).id(account)
        }
        Dialect::Sqlite | Dialect::Mariadb => {
            SqlBuilder::new(lookup.is_one_of).id(account).values(values).sql(")")
        }
    }
}

/// The rows in parts, each of which fits into a statement.
fn parts<'a, T>(mut rows: &'a [T], text: impl Fn(&T) -> usize + 'a) -> impl Iterator<Item = &'a [T]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |row: &&T| {
            let has_room = bytes < TEXT_AT_ONCE;
            bytes += text(row);
            has_room
        };
        let count = rows.iter().take(AT_ONCE).take_while(fits).count();
        let (part, rest) = rows.split_at_checked(count)?;
        rows = rest;
        (!part.is_empty()).then_some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_bounded_in_rows_and_in_text() {
        let sizes = |rows: &[usize]| parts(rows, |row| *row).map(<[usize]>::len).collect::<Vec<_>>();
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&[1; 1001]), [500, 500, 1]);
        assert_eq!(sizes(&[TEXT_AT_ONCE - 1, 1, 1, 5 * TEXT_AT_ONCE, 7]), [2, 2, 1]);
        assert_eq!(sizes(&[9 * TEXT_AT_ONCE, 9 * TEXT_AT_ONCE]), [1, 1], "a row is never too large");
    }
}
