//! Postings: for each term the links that have it, in the order of lists; and for each word the tags that have it.

use std::collections::BTreeSet;

use diesel::prelude::*;
use taglink_domain::model::{AccountId, LinkId, TagId, Timestamp};
use taglink_domain::port::Result;
use taglink_domain::search::SearchText;

use crate::dialect::{Bind, DbId, DbTime, SqlBuilder};
use crate::error::Table;
use crate::row::{NewLinkRow, NewTagRow};
use crate::unit_of_work::DbUnitOfWork;

/// How many rows one statement stores or removes at most.
const CHUNK: usize = 500;

/// Statements of up to this many rows are kept prepared.
const FEW: usize = 32;

/// The different terms of a text.
#[derive(Debug, Default)]
pub(crate) struct Terms<'a>(BTreeSet<&'a str>);

impl<'a> Terms<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self(SearchText::terms_of(text))
    }
}

/// The postings of a link.
#[derive(Clone, Copy)]
pub(crate) struct LinkPostings {
    account: DbId,
    created_at: DbTime,
    link: DbId,
}

impl LinkPostings {
    pub(crate) fn new(account: AccountId, created_at: Timestamp, link: LinkId) -> Self {
        Self { account: DbId::of(account), created_at: DbTime::of(created_at), link: DbId::of(link) }
    }

    /// Stores the postings of new links.
    pub(crate) fn insert(uow: &mut DbUnitOfWork, links: &[&NewLinkRow<'_>]) -> Result<()> {
        let rows = links.iter().flat_map(|row| {
            let postings = Self::new(row.new.account_id, row.new.created_at, row.new.id);
            postings.rows(Terms::of(row.index.text.as_str()).0)
        });
        Self::insert_rows(uow, &rows.collect::<Vec<_>>())
    }

    /// Makes the postings of the terms `old` those of `new`.
    pub(crate) fn replace(self, uow: &mut DbUnitOfWork, old: &Terms<'_>, new: &Terms<'_>) -> Result<()> {
        let gone: Vec<&str> = old.0.difference(&new.0).copied().collect();
        for terms in gone.chunks(CHUNK) {
            let delete = SqlBuilder::new("DELETE FROM link_term WHERE account_id = ").id(self.account);
            let delete = delete.sql(" AND link_created_at = ").time(self.created_at);
            let delete = delete.sql(" AND link_id = ").id(self.link).sql(" AND term IN (");
            let delete = delete.list(", ", terms, |sql, term| sql.text(*term)).sql(")");
            let delete = delete.cached_if(terms.len() <= FEW);
            uow.query(Table::LinkTerm, |connection| delete.execute(connection))?;
        }
        let added = new.0.difference(&old.0).copied();
        Self::insert_rows(uow, &self.rows(added).collect::<Vec<_>>())
    }

    fn rows<'a>(self, terms: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = [Bind<'a>; 4]> {
        terms.into_iter().map(move |term| {
            let (time, link) = (Bind::Time(self.created_at), Bind::Id(self.link));
            [Bind::Id(self.account), Bind::Text(term.into()), time, link]
        })
    }

    fn insert_rows(uow: &mut DbUnitOfWork, rows: &[[Bind<'_>; 4]]) -> Result<()> {
        const INSERT: &str = "INSERT INTO link_term (account_id, term, link_created_at, link_id) VALUES ";
        const KEY: &str = "account_id, term, link_created_at, link_id";
        insert(uow, Table::LinkTerm, [INSERT, KEY], rows)
    }
}

/// The postings of a tag. They go with their tag.
#[derive(Clone, Copy)]
pub(crate) struct TagPostings {
    account: DbId,
    tag: DbId,
}

impl TagPostings {
    pub(crate) fn new(account: AccountId, tag: TagId) -> Self {
        Self { account: DbId::of(account), tag: DbId::of(tag) }
    }

    /// Stores the postings of new tags.
    pub(crate) fn insert(uow: &mut DbUnitOfWork, tags: &[&NewTagRow<'_>]) -> Result<()> {
        let rows = tags
            .iter()
            .flat_map(|row| Self::new(row.new.account_id, row.new.id).rows(Terms::of(row.text.as_str()).0));
        Self::insert_rows(uow, &rows.collect::<Vec<_>>())
    }

    /// Makes the postings of the terms `old` those of `new`.
    pub(crate) fn replace(self, uow: &mut DbUnitOfWork, old: &Terms<'_>, new: &Terms<'_>) -> Result<()> {
        let gone: Vec<&str> = old.0.difference(&new.0).copied().collect();
        for terms in gone.chunks(CHUNK) {
            let delete = SqlBuilder::new("DELETE FROM tag_term WHERE account_id = ").id(self.account);
            let delete = delete.sql(" AND tag_id = ").id(self.tag).sql(" AND term IN (");
            let delete = delete.list(", ", terms, |sql, term| sql.text(*term)).sql(")");
            uow.query(Table::TagTerm, |connection| delete.execute(connection))?;
        }
        let added = new.0.difference(&old.0).copied();
        Self::insert_rows(uow, &self.rows(added).collect::<Vec<_>>())
    }

    fn rows<'a>(self, terms: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = [Bind<'a>; 3]> {
        terms
            .into_iter()
            .map(move |term| [Bind::Id(self.account), Bind::Text(term.into()), Bind::Id(self.tag)])
    }

    fn insert_rows(uow: &mut DbUnitOfWork, rows: &[[Bind<'_>; 3]]) -> Result<()> {
        const INSERT: &str = "INSERT INTO tag_term (account_id, term, tag_id) VALUES ";
        insert(uow, Table::TagTerm, [INSERT, "account_id, term, tag_id"], rows)
    }
}

/// Stores rows; those that exist already stay.
fn insert<const N: usize>(
    uow: &mut DbUnitOfWork,
    table: Table,
    [insert, key]: [&'static str; 2],
    rows: &[[Bind<'_>; N]],
) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        let insert = SqlBuilder::new(insert).list(", ", rows, |sql, row| sql.row(row.iter().cloned()));
        let insert = insert.then(uow.dialect().or_keep(key, "term"));
        let insert = insert.cached_if(rows.len() <= FEW || rows.len() == CHUNK);
        uow.query(table, |connection| insert.execute(connection))?;
    }
    Ok(())
}
