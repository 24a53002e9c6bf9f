//! Changes: the queries that read them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use taglink_domain::model::{AccountId, Change, ChangeSeq, Changed, Limit};
use taglink_domain::port::{ChangeRepository, RepositoryError, Result};

use super::Session;
use super::link::LinkRow;
use super::tag::TagRow;
use super::taglink::TagLinkRow;
use super::time::from_column;
use crate::connection::DbId;
use crate::error::Table;
use crate::schema::{account, change, link, tag, taglink};

#[derive(Queryable, Selectable)]
#[diesel(table_name = change)]
struct ChangeRow {
    seq: i64,
    entity: String,
    link_id: Option<DbId>,
    tag_id: Option<DbId>,
    changed_at: NaiveDateTime,
}

/// A change, and what it is about as far as that is there.
type JoinedRow = (ChangeRow, Option<LinkRow>, Option<TagRow>, Option<TagLinkRow>);

fn to_change((row, link, tag, taglink): JoinedRow) -> Result<Change> {
    let now = match (row.entity.as_str(), row.link_id, row.tag_id) {
        ("link", Some(id), None) => {
            link.map_or_else(|| Changed::LinkGone(id.get()), |link| Changed::Link(link.into()))
        }
        ("tag", None, Some(id)) => {
            tag.map_or_else(|| Changed::TagGone(id.get()), |tag| Changed::Tag(tag.into()))
        }
        ("taglink", Some(link_id), Some(tag_id)) => taglink.map_or_else(
            || Changed::TagLinkGone(tag_id.get(), link_id.get()),
            |taglink| Changed::TagLink(taglink.into()),
        ),
        _ => return Err(RepositoryError::Corrupt(format!("change {} is about nothing", row.seq))),
    };
    Ok(Change { seq: to_seq(row.seq)?, changed_at: from_column(row.changed_at), now })
}

fn to_seq(number: i64) -> Result<ChangeSeq> {
    ChangeSeq::new(number)
        .ok_or_else(|| RepositoryError::Corrupt("the number of a change is negative".into()))
}

impl ChangeRepository for Session {
    fn latest_change(&mut self, account: AccountId) -> Result<Option<ChangeSeq>> {
        let latest =
            account::table.filter(account::account_id.eq(DbId::of(account))).select(account::change_seq);
        let latest = self.query(Table::Account, |connection| latest.first(connection).optional())?;
        latest.map(to_seq).transpose()
    }

    /// The account is part of each join as well: an id may have been taken over by another account.
    fn changes(&mut self, account: AccountId, after: ChangeSeq, limit: Limit) -> Result<Vec<Change>> {
        let its_link = link::link_id
            .nullable()
            .eq(change::link_id)
            .and(link::account_id.eq(change::account_id))
            .and(change::entity.eq("link"));
        let its_tag = tag::tag_id
            .nullable()
            .eq(change::tag_id)
            .and(tag::account_id.eq(change::account_id))
            .and(change::entity.eq("tag"));
        let its_taglink = taglink::tag_id
            .nullable()
            .eq(change::tag_id)
            .and(taglink::link_id.nullable().eq(change::link_id))
            .and(taglink::account_id.eq(change::account_id));
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
        let rows = self.query(Table::Change, |connection| query.load::<JoinedRow>(connection))?;
        rows.into_iter().map(to_change).collect()
    }
}
