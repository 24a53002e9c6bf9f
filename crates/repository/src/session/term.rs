//! The words of links and tags: kept in step with the texts that they are searched by.

use std::collections::BTreeSet;

use diesel::prelude::*;
use taglink_domain::model::{Link, NewLink, Notes, Title};
use taglink_domain::port::Result;
use taglink_domain::search::{INDEX_VERSION, LinkIndex, SearchText};

use super::Session;
use super::search::{Dialect, Sql};
use crate::connection::DbId;
use crate::error::Table;
use crate::schema::{link, tag};

/// How many rows are inserted or deleted by one statement.
const CHUNK: usize = 500;

/// Of how many rows an insert may be to be kept prepared.
const KEPT: usize = 32;

/// Whose words are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Indexed {
    Link,
    Tag,
}

impl Indexed {
    fn table(self) -> Table {
        match self {
            Self::Link => Table::LinkTerm,
            Self::Tag => Table::TagTerm,
        }
    }

    fn insert(self) -> &'static str {
        match self {
            Self::Link => "INSERT INTO link_term (account_id, term, link_id) VALUES ",
            Self::Tag => "INSERT INTO tag_term (account_id, term, tag_id) VALUES ",
        }
    }

    fn delete(self) -> [&'static str; 3] {
        match self {
            Self::Link => ["DELETE FROM link_term WHERE account_id = ", " AND link_id = ", " AND term IN ("],
            Self::Tag => ["DELETE FROM tag_term WHERE account_id = ", " AND tag_id = ", " AND term IN ("],
        }
    }
}

/// A row of one of the tables of words.
#[derive(Clone, Copy, Debug)]
pub(super) struct TermRow<'a> {
    pub(super) account: DbId,
    pub(super) term: &'a str,
    pub(super) id: DbId,
}

impl Session {
    /// Stores words; those that are there already stay.
    pub(super) fn insert_terms(&mut self, of: Indexed, rows: &[TermRow<'_>]) -> Result<()> {
        let or_keep = Dialect::of(self.connection()).or_keep();
        for rows in rows.chunks(CHUNK) {
            let insert = Sql::new(of.insert()).list(", ", rows, |sql, row| {
                sql.sql("(").id(row.account).sql(", ").text(row.term).sql(", ").id(row.id).sql(")")
            });
            let insert = insert.sql(or_keep);
            let insert = if rows.len() <= KEPT { insert.kept() } else { insert };
            self.query(of.table(), |connection| insert.execute(connection))?;
        }
        Ok(())
    }

    /// Makes the words that are stored of `old` those of `new`.
    pub(super) fn replace_terms(
        &mut self,
        of: Indexed,
        account: DbId,
        id: DbId,
        old: &str,
        new: &str,
    ) -> Result<()> {
        let (old, new) = (SearchText::terms_of(old), SearchText::terms_of(new));
        let gone: Vec<&str> = old.difference(&new).copied().collect();
        let [by_account, by_id, by_term] = of.delete();
        for terms in gone.chunks(CHUNK) {
            let delete = Sql::new(by_account).id(account).sql(by_id).id(id).sql(by_term);
            let delete = delete.list(", ", terms, |sql, term| sql.text(*term)).sql(")");
            self.query(of.table(), |connection| delete.execute(connection))?;
        }
        let added: BTreeSet<&str> = new.difference(&old).copied().collect();
        let rows: Vec<_> = added.into_iter().map(|term| TermRow { account, term, id }).collect();
        self.insert_terms(of, &rows)
    }

    /// The text that a link is searched by, and which version made it: to be read before it becomes another one.
    pub(super) fn indexed_link(&mut self, id: DbId) -> Result<Option<IndexedRow>> {
        let by_id = link::table.filter(link::link_id.eq(id)).select((
            link::account_id,
            link::search_text,
            link::search_version,
        ));
        self.query(Table::Link, |connection| by_id.first(connection).optional())
    }

    /// [`Self::indexed_link`], for a tag.
    pub(super) fn indexed_tag(&mut self, id: DbId) -> Result<Option<IndexedRow>> {
        let by_id = tag::table.filter(tag::tag_id.eq(id)).select((
            tag::account_id,
            tag::search_text,
            tag::search_version,
        ));
        self.query(Table::Tag, |connection| by_id.first(connection).optional())
    }
}

/// Account, text and version of a row that is searched for.
pub(super) type IndexedRow = (DbId, String, i64);

/// The columns of a link that are derived from the others.
#[derive(AsChangeset, Insertable)]
#[diesel(table_name = link)]
pub(super) struct LinkIndexRow {
    search_text: String,
    title_key: String,
    host_reversed: String,
    search_version: i64,
}

impl From<LinkIndex> for LinkIndexRow {
    fn from(index: LinkIndex) -> Self {
        Self {
            search_text: index.text.as_str().to_owned(),
            title_key: index.title_key,
            host_reversed: index.reversed_host,
            search_version: INDEX_VERSION,
        }
    }
}

impl From<&Link> for LinkIndexRow {
    fn from(link: &Link) -> Self {
        LinkIndex::of(&link.url, link.title.as_deref(), link.notes.as_deref()).into()
    }
}

impl From<&NewLink> for LinkIndexRow {
    fn from(new: &NewLink) -> Self {
        let (title, notes) = (new.title.as_ref().map(Title::as_str), new.notes.as_ref().map(Notes::as_str));
        LinkIndex::of(new.url.as_str(), title, notes).into()
    }
}

impl LinkIndexRow {
    pub(super) fn text(&self) -> &str {
        &self.search_text
    }
}
