//! Postings: for each term the links that have it, in the order of lists; and for each word the tags that have it.

use taglink_domain::model::{AccountId, LinkId, TagId, Timestamp};
use taglink_domain::port::Result;
use taglink_domain::search::{INDEX_VERSION, SearchText};

use crate::dialect::{Bind, DbId, DbTime, SqlBuilder};
use crate::error::Table;
use crate::unit_of_work::DbUnitOfWork;

/// How many rows one statement stores or removes at most.
const CHUNK: usize = 500;

/// Statements of up to this many rows are kept prepared.
const FEW: usize = 32;

/// The row that has the terms of a text.
#[derive(Clone, Copy)]
pub(crate) enum Indexed {
    Link(AccountId, Timestamp, LinkId),
    /// Its postings go with it.
    Tag(AccountId, TagId),
}

impl Indexed {
    fn table(self) -> Table {
        match self {
            Self::Link(..) => Table::LinkTerm,
            Self::Tag(..) => Table::TagTerm,
        }
    }

    /// The beginnings of an insert and of a deletion, and the primary key. MariaDB finds no index for a deletion that
    /// compares `(a, b) = (?, ?)`, and reads the whole table.
    fn sql(self) -> [&'static str; 3] {
        match self {
            Self::Link(..) => [
                "INSERT INTO link_term (account_id, term, link_created_at, link_id) VALUES ",
                "DELETE FROM link_term WHERE account_id = ? AND link_created_at = ? AND link_id = ? AND term IN (",
                "account_id, term, link_created_at, link_id",
            ],
            Self::Tag(..) => [
                "INSERT INTO tag_term (account_id, term, tag_id) VALUES ",
                "DELETE FROM tag_term WHERE account_id = ? AND tag_id = ? AND term IN (",
                "account_id, term, tag_id",
            ],
        }
    }

    /// Its posting for a term, or without one its key.
    fn posting(self, term: Option<&str>) -> Vec<Bind<'_>> {
        let term = term.map(|term| Bind::Text(term.into()));
        let (account, rest) = match self {
            Self::Link(account, created_at, link) => {
                (account, vec![Bind::Time(DbTime::of(created_at)), Bind::Id(DbId::of(link))])
            }
            Self::Tag(account, tag) => (account, vec![Bind::Id(DbId::of(tag))]),
        };
        std::iter::once(Bind::Id(DbId::of(account))).chain(term).chain(rest).collect()
    }
}

/// Stores the postings of new rows, all of them links or all of them tags, each with its text.
pub(crate) fn insert_postings<'a>(
    uow: &mut DbUnitOfWork,
    new: impl IntoIterator<Item = (Indexed, &'a SearchText)>,
) -> Result<()> {
    let terms_of = |(row, text): (Indexed, &'a SearchText)| {
        SearchText::terms_of(text.as_str()).into_iter().map(move |term| (row, term))
    };
    insert(uow, &new.into_iter().flat_map(terms_of).collect::<Vec<_>>())
}

/// Makes the postings of a row, which are those of the text `old` by the rules of a version, those of `new` by the present
/// rules. What other rules have left is not known for sure: then all of them are stored anew.
pub(crate) fn replace_postings(
    uow: &mut DbUnitOfWork,
    row: Indexed,
    version: i64,
    old: &str,
    new: &str,
) -> Result<()> {
    let (old, new) = (SearchText::terms_of(old), SearchText::terms_of(new));
    let is_known = version == INDEX_VERSION;
    let gone: Vec<&str> = old.iter().copied().filter(|term| !is_known || !new.contains(term)).collect();
    let [_, delete, _] = row.sql();
    for terms in gone.chunks(CHUNK) {
        let delete = row.posting(None).into_iter().fold(SqlBuilder::new(delete), SqlBuilder::bind);
        let delete = delete.values(terms.iter().map(|term| Bind::Text((*term).into()))).sql(")");
        let delete = delete.cached_if(terms.len() <= FEW);
        uow.execute(row.table(), delete)?;
    }
    let added = new.into_iter().filter(|term| !is_known || !old.contains(term));
    insert(uow, &added.map(|term| (row, term)).collect::<Vec<_>>())
}

/// Stores postings; those that exist already stay.
fn insert(uow: &mut DbUnitOfWork, postings: &[(Indexed, &str)]) -> Result<()> {
    for postings in postings.chunks(CHUNK) {
        let Some((first, _)) = postings.first() else { continue };
        let [insert, _, key] = first.sql();
        let insert = SqlBuilder::new(insert)
            .list(", ", postings, |sql, (row, term)| sql.row(row.posting(Some(term))))
            .then(uow.dialect().or_keep(key, "term"))
            .cached_if(postings.len() <= FEW || postings.len() == CHUNK);
        uow.execute(first.table(), insert)?;
    }
    Ok(())
}
