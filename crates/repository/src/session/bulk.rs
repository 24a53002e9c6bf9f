//! Many rows at once: the queries. `MultiConnection` has no inserts of several rows, so each driver gets its own.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use taglink_domain::model::{
    AccountId, DatedTag, Link, LinkId, NewLink, Notes, Tag, TagId, TagLink, Title, UrlHash,
};
use taglink_domain::port::{BulkRepository, RepositoryError, Result};
use taglink_domain::search::{INDEX_VERSION, SearchText};
use uuid::Uuid;

use super::Session;
use super::bulk_lookup::{self, LinkWithHash};
use super::noted::Row;
use super::tag::TagRow;
use super::taglink::TagLinkRow;
use super::term::{Indexed, LinkIndexRow, TermRow};
use super::time::to_column;
use crate::connection::{AnyConnection, DbId};
use crate::error::Table;
use crate::schema::{link, tag, taglink};

/// How many rows a statement names: each has some parameters, of which SQLite takes 32,766 and the servers 65,535.
const AT_ONCE: usize = 500;

/// How many bytes of text a statement carries, or one row more: MariaDB takes 16 MiB.
const TEXT_AT_ONCE: usize = 1024 * 1024;

mod row {
    //! Apart, because the derive takes a reference to each field.
    #![expect(clippy::ref_option_ref, reason = "so does the derive")]

    use chrono::NaiveDateTime;
    use diesel::prelude::*;

    use crate::connection::DbId;
    use crate::schema::link;

    #[derive(Insertable)]
    #[diesel(table_name = link, treat_none_as_default_value = false)]
    pub(super) struct NewLinkRow<'a> {
        pub(super) link_id: DbId,
        pub(super) account_id: DbId,
        pub(super) url: &'a str,
        pub(super) url_hash: &'a [u8],
        pub(super) title: Option<&'a str>,
        pub(super) notes: Option<&'a str>,
        pub(super) version: i64,
        pub(super) created_at: NaiveDateTime,
        pub(super) updated_at: NaiveDateTime,
    }
}
use row::NewLinkRow;

impl<'a> From<&'a NewLink> for NewLinkRow<'a> {
    fn from(new: &'a NewLink) -> Self {
        Self {
            link_id: DbId::of(new.id),
            account_id: DbId::of(new.account_id),
            url: new.url.as_str(),
            url_hash: new.url.hash().as_slice(),
            title: new.title.as_ref().map(Title::as_str),
            notes: new.notes.as_ref().map(Notes::as_str),
            version: 1,
            created_at: to_column(new.created_at),
            updated_at: to_column(new.updated_at),
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = tag)]
struct DatedTagRow<'a> {
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

impl<'a> From<&'a DatedTag> for DatedTagRow<'a> {
    fn from(DatedTag { tag, updated_at }: &'a DatedTag) -> Self {
        Self {
            tag_id: DbId::of(tag.id),
            account_id: DbId::of(tag.account_id),
            name: tag.name.as_str(),
            name_key: tag.name.key(),
            version: 1,
            created_at: to_column(tag.created_at),
            updated_at: to_column(*updated_at),
            search_text: SearchText::of_tag(tag.name.as_str()).as_str().to_owned(),
            search_version: INDEX_VERSION,
        }
    }
}

/// Inserts rows except where one has the same key: row by row where that costs no round trip, else all in one statement.
macro_rules! insert_missing {
    ($session:expr, $of:expr, $rows:expr, $table:ident, ($($key:ident),+), $id:ident) => {
        $session.query($of, |connection| match connection {
            AnyConnection::Sqlite(inner) => $rows.iter().try_for_each(|row| {
                let insert = diesel::insert_into($table::table).values(row);
                insert.on_conflict(($($table::$key),+)).do_nothing().execute(inner).map(drop)
            }),
            AnyConnection::Postgres(inner) => {
                let insert = diesel::insert_into($table::table).values($rows);
                insert.on_conflict(($($table::$key),+)).do_nothing().execute(inner).map(drop)
            }
            AnyConnection::Mariadb(inner) => {
                let insert = diesel::insert_into($table::table).values($rows);
                let insert = insert.on_conflict(diesel::dsl::DuplicatedKeys);
                insert.do_update().set($table::$id.eq($table::$id)).execute(inner).map(drop)
            }
        })
    };
}

impl BulkRepository for Session {
    fn taken_link_ids(&mut self, ids: &[LinkId]) -> Result<Vec<LinkId>> {
        let mut taken = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            let ids: Vec<DbId> = ids.iter().copied().map(DbId::of).collect();
            let query = link::table.filter(link::link_id.eq_any(ids)).select(link::link_id);
            let found = self.query(Table::Link, |connection| query.load::<DbId>(connection))?;
            taken.extend(found.into_iter().map(DbId::get::<LinkId>));
        }
        Ok(taken)
    }

    fn taken_tag_ids(&mut self, ids: &[TagId]) -> Result<Vec<TagId>> {
        let mut taken = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            let ids: Vec<DbId> = ids.iter().copied().map(DbId::of).collect();
            let query = tag::table.filter(tag::tag_id.eq_any(ids)).select(tag::tag_id);
            let found = self.query(Table::Tag, |connection| query.load::<DbId>(connection))?;
            taken.extend(found.into_iter().map(DbId::get::<TagId>));
        }
        Ok(taken)
    }

    fn tags_with_ids(&mut self, ids: &[TagId]) -> Result<Vec<Tag>> {
        let mut all = Vec::with_capacity(ids.len());
        for ids in ids.chunks(AT_ONCE) {
            let ids: Vec<DbId> = ids.iter().copied().map(DbId::of).collect();
            let query = tag::table.filter(tag::tag_id.eq_any(ids)).select(TagRow::as_select());
            let rows = self.query(Table::Tag, |connection| query.load::<TagRow>(connection))?;
            all.extend(rows.into_iter().map(Tag::from));
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
            let mut found = self.links_with_urls(part)?;
            let missing: Vec<&NewLink> =
                part.iter().filter(|new| !found.contains_key(new.url.hash())).collect();
            if let Some(first) = missing.first() {
                self.begin_change(first.account_id)?;
                let rows: Vec<(LinkIndexRow, NewLinkRow<'_>)> =
                    missing.iter().map(|new| (LinkIndexRow::from(*new), NewLinkRow::from(*new))).collect();
                insert_missing!(self, Table::Link, &rows, link, (account_id, url_hash), link_id)?;
                found.extend(self.links_with_urls(missing.iter().copied())?);
                let mut terms = Vec::new();
                for (new, (index, _)) in missing.into_iter().zip(&rows) {
                    if found.get(new.url.hash()).is_some_and(|link| link.id == new.id) {
                        self.note_stored(new.account_id, Row::Link(new.id));
                        terms.extend(terms_of(new.account_id, new.id, index.text()));
                    }
                }
                self.insert_terms(Indexed::Link, &terms)?;
            }
            for new in part {
                all.push(Self::expect_row(found.remove(new.url.hash()))?);
            }
        }
        Ok(all)
    }

    fn find_or_create_tags(&mut self, tags: &[DatedTag]) -> Result<Vec<Tag>> {
        let mut all = Vec::with_capacity(tags.len());
        for part in parts(tags, |new| new.tag.name.as_str().len() + new.tag.name.key().len()) {
            let mut found = self.tags_with_names(part)?;
            let missing: Vec<&DatedTag> =
                part.iter().filter(|new| !found.contains_key(new.tag.name.key())).collect();
            if let Some(first) = missing.first() {
                self.begin_change(first.tag.account_id)?;
                let rows: Vec<DatedTagRow<'_>> = missing.iter().map(|new| DatedTagRow::from(*new)).collect();
                insert_missing!(self, Table::Tag, &rows, tag, (account_id, name_key), tag_id)?;
                found.extend(self.tags_with_names(missing.iter().copied())?);
                let mut terms = Vec::new();
                for (DatedTag { tag: new, .. }, row) in missing.into_iter().zip(&rows) {
                    if found.get(new.name.key()).is_some_and(|tag| tag.id == new.id) {
                        self.note_stored(new.account_id, Row::Tag(new.id));
                        terms.extend(terms_of(new.account_id, new.id, &row.search_text));
                    }
                }
                self.insert_terms(Indexed::Tag, &terms)?;
            }
            for new in part {
                all.push(Self::expect_row(found.remove(new.tag.name.key()))?);
            }
        }
        Ok(all)
    }

    fn taglinks_of_links(&mut self, account: AccountId, links: &[LinkId]) -> Result<Vec<TagLink>> {
        let mut all = Vec::new();
        for links in links.chunks(AT_ONCE) {
            let links: Vec<DbId> = links.iter().copied().map(DbId::of).collect();
            let rows =
                self.query(Table::TagLink, |connection| bulk_lookup::taglinks(connection, account, links))?;
            all.extend(rows.into_iter().map(TagLink::from));
        }
        Ok(all)
    }

    fn ensure_taglinks(&mut self, taglinks: &[TagLink]) -> Result<()> {
        let Some(account) = taglinks.first().map(|first| first.account_id) else { return Ok(()) };
        self.begin_change(account)?;
        for part in taglinks.chunks(AT_ONCE) {
            let links: Vec<LinkId> = part.iter().map(|taglink| taglink.link_id).collect();
            let known = self.taglinks_of_links(account, &links)?;
            let known: HashSet<_> = known.iter().map(|known| (known.tag_id, known.link_id)).collect();
            let missing: Vec<&TagLink> =
                part.iter().filter(|new| !known.contains(&(new.tag_id, new.link_id))).collect();
            if missing.is_empty() {
                continue;
            }
            let rows: Vec<TagLinkRow> = missing.iter().map(|new| TagLinkRow::from(*new)).collect();
            insert_missing!(self, Table::TagLink, &rows, taglink, (tag_id, link_id), tag_id)?;
            for new in missing {
                self.note_stored(account, Row::TagLink(new.tag_id, new.link_id));
            }
        }
        Ok(())
    }
}

impl Session {
    /// Those that are there, by the hash of their URL.
    fn links_with_urls<'a>(
        &mut self,
        wanted: impl IntoIterator<Item = &'a NewLink>,
    ) -> Result<HashMap<UrlHash, Link>> {
        let (account, hashes): (Vec<AccountId>, Vec<&[u8]>) =
            wanted.into_iter().map(|new| (new.account_id, new.url.hash().as_slice())).unzip();
        let Some(account) = account.first() else { return Ok(HashMap::new()) };
        let rows = self.query(Table::Link, |connection| bulk_lookup::links(connection, *account, hashes))?;
        let keyed = |found: LinkWithHash| Ok((url_hash(found.url_hash)?, found.row.into()));
        rows.into_iter().map(keyed).collect()
    }

    /// Those that are there, by the key of their name.
    fn tags_with_names<'a>(
        &mut self,
        wanted: impl IntoIterator<Item = &'a DatedTag>,
    ) -> Result<HashMap<String, Tag>> {
        let (account, keys): (Vec<AccountId>, Vec<&str>) =
            wanted.into_iter().map(|new| (new.tag.account_id, new.tag.name.key())).unzip();
        let Some(account) = account.first() else { return Ok(HashMap::new()) };
        let rows = self.query(Table::Tag, |connection| bulk_lookup::tags(connection, *account, keys))?;
        Ok(rows.into_iter().map(|found| (found.name_key, found.row.into())).collect())
    }
}

/// The words by which a row is found.
fn terms_of<I: Into<Uuid>>(account: AccountId, id: I, text: &str) -> impl Iterator<Item = TermRow<'_>> {
    let (account, id) = (DbId::of(account), DbId::of(id));
    SearchText::terms_of(text).into_iter().map(move |term| TermRow { account, term, id })
}

/// The hash in a column whose length the database checks.
fn url_hash(column: Vec<u8>) -> Result<UrlHash> {
    column.try_into().map_err(|_| RepositoryError::Corrupt("a hash of a URL is not 32 bytes long".into()))
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
