//! Reading the numbered changes.

use diesel::prelude::*;
use diesel::result::Error;
use taglink_domain::model::{AccountId, Change, ChangeSeq, Changed, Limit};
use taglink_domain::port::{ChangeRepository, RepositoryError, Result};

use super::numbering;
use crate::dialect::{DbId, DbTime};
use crate::error::Table;
use crate::row::{LinkRow, TagLinkRow, TagRow};
use crate::schema::{change, change_head, change_pending, link, tag, taglink};
use crate::unit_of_work::DbUnitOfWork;

#[derive(Queryable, Selectable)]
#[diesel(table_name = change)]
struct ChangeRow {
    seq: i64,
    link_id: Option<DbId>,
    tag_id: Option<DbId>,
    changed_at: DbTime,
}

/// A change, and the rows that it names as far as they exist.
type JoinedRow = (ChangeRow, Option<LinkRow>, Option<TagRow>, Option<TagLinkRow>);

fn to_change((row, link, tag, taglink): JoinedRow) -> QueryResult<Change> {
    let now = match (row.link_id, row.tag_id) {
        (Some(id), None) => {
            link.map_or_else(|| Changed::LinkGone(id.get()), |link| Changed::Link(link.into()))
        }
        (None, Some(id)) => tag.map_or_else(|| Changed::TagGone(id.get()), |tag| Changed::Tag(tag.into())),
        (Some(link_id), Some(tag_id)) => taglink.map_or_else(
            || Changed::TagLinkGone(tag_id.get(), link_id.get()),
            |taglink| Changed::TagLink(taglink.into()),
        ),
        (None, None) => return Err(corrupt(format!("change {} names no row", row.seq))),
    };
    let seq = ChangeSeq::new(row.seq).ok_or_else(|| corrupt(NEGATIVE.into()))?;
    Ok(Change { seq, changed_at: row.changed_at.get(), now })
}

fn corrupt(text: String) -> Error {
    Error::DeserializationError(text.into())
}

const NEGATIVE: &str = "the number of a change is negative";

impl ChangeRepository for DbUnitOfWork {
    fn has_pending_changes(&mut self, account: AccountId) -> Result<bool> {
        let pending = change_pending::table
            .filter(change_pending::account_id.eq(DbId::of(account)))
            .select(change_pending::id)
            .order(change_pending::id)
            .limit(1);
        Ok(self.one::<DbId>(Table::ChangePending, pending)?.is_some())
    }

    fn number_changes(&mut self, account: AccountId) -> Result<bool> {
        numbering::number(self, DbId::of(account))
    }

    fn latest_change(&mut self, account: AccountId) -> Result<ChangeSeq> {
        let head =
            change_head::table.filter(change_head::account_id.eq(DbId::of(account))).select(change_head::seq);
        let head = self.one::<i64>(Table::ChangeHead, head)?;
        let to_seq = |seq| ChangeSeq::new(seq).ok_or_else(|| RepositoryError::Corrupt(NEGATIVE.into()));
        head.map_or(Ok(ChangeSeq::START), to_seq)
    }

    /// A taglink is looked up by way of its link, which knows its place in the key. The account is part of each join as
    /// well: an id may have been taken over by another account.
    fn changes(&mut self, account: AccountId, after: ChangeSeq, limit: Limit) -> Result<Vec<Change>> {
        let its_link =
            (link::link_id.nullable().eq(change::link_id)).and(link::account_id.eq(change::account_id));
        let its_tag = (tag::tag_id.nullable().eq(change::tag_id)).and(tag::account_id.eq(change::account_id));
        let its_taglink = (taglink::account_id.eq(change::account_id))
            .and(taglink::tag_id.nullable().eq(change::tag_id))
            .and(taglink::link_created_at.nullable().eq(link::created_at.nullable()))
            .and(taglink::link_id.nullable().eq(link::link_id.nullable()));
        let query = change::table
            .left_join(link::table.on(its_link))
            .left_join(tag::table.on(its_tag))
            .left_join(taglink::table.on(its_taglink))
            .filter(change::account_id.eq(DbId::of(account)))
            .filter(change::seq.gt(after.get()))
            .order(change::seq)
            .limit(limit.get().into())
            .select((
                ChangeRow::as_select(),
                Option::<LinkRow>::as_select(),
                Option::<TagRow>::as_select(),
                Option::<TagLinkRow>::as_select(),
            ));
        Ok(self.load_page(Table::Change, query, limit, to_change)?.items)
    }
}
