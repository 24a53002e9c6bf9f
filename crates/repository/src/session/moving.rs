//! Moving taglinks from some tags to another, in statements of bounded size, and so that each pair that comes or goes is
//! known.
//!
//! The tags are locked, so no pair of theirs can be added by others; but others may remove some. Hence each statement
//! must reach exactly the pairs that were read before it, or the transaction is tried again.

use std::collections::HashSet;

use diesel::IntoSql;
use diesel::prelude::*;
use diesel::sql_types;
use taglink_domain::model::{AccountId, LinkId, TagId, Timestamp};
use taglink_domain::port::Result;

use super::Session;
use super::time::to_column;
use crate::connection::{DbId, Id};
use crate::error::Table;
use crate::schema::{link, taglink};

/// How many taglinks one statement moves at most.
pub(super) const MOVED_AT_ONCE: usize = 1000;

/// Puts tags together whose links can be moved at once; a tag with more links stays alone.
pub(super) fn packed(counts: &[(TagId, i64)]) -> Vec<Vec<TagId>> {
    let mut packs: Vec<Vec<TagId>> = Vec::new();
    let mut room = 0;
    for (tag, count) in counts {
        let count = usize::try_from(*count).unwrap_or(usize::MAX);
        match packs.last_mut() {
            Some(pack) if count <= room => {
                pack.push(*tag);
                room -= count;
            }
            _ => {
                packs.push(vec![*tag]);
                room = MOVED_AT_ONCE.saturating_sub(count);
            }
        }
    }
    packs
}

impl Session {
    /// The next taglinks of these tags: all that they have, or those of a single tag behind the link `after`.
    pub(super) fn pairs_of(
        &mut self,
        account: AccountId,
        tags: &[TagId],
        after: Option<LinkId>,
    ) -> Result<Vec<(TagId, LinkId)>> {
        let tags: Vec<DbId> = tags.iter().copied().map(DbId::of).collect();
        let mut query = taglink::table
            .filter(taglink::account_id.eq(DbId::of(account)))
            .filter(taglink::tag_id.eq_any(tags))
            .select((taglink::tag_id, taglink::link_id))
            .order((taglink::tag_id, taglink::link_id))
            .limit(i64::try_from(MOVED_AT_ONCE).unwrap_or(i64::MAX))
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(taglink::link_id.gt(DbId::of(after)));
        }
        let rows = self.query(Table::TagLink, |connection| query.load::<(DbId, DbId)>(connection))?;
        Ok(rows.into_iter().map(|(tag, link)| (tag.get(), link.get())).collect())
    }

    /// Puts a tag on those of the links in `pairs` that do not carry it yet.
    pub(super) fn add_to_links(
        &mut self,
        account: AccountId,
        tag: TagId,
        pairs: &[(TagId, LinkId)],
        at: Timestamp,
    ) -> Result<()> {
        let (account, tag) = (DbId::of(account), DbId::of(tag));
        let of_links: HashSet<LinkId> = pairs.iter().map(|pair| pair.1).collect();
        let wanted: Vec<DbId> = of_links.iter().copied().map(DbId::of).collect();
        let carrying = taglink::table
            .filter(taglink::account_id.eq(account))
            .filter(taglink::tag_id.eq(tag))
            .filter(taglink::link_id.eq_any(wanted))
            .select(taglink::link_id);
        let carrying = self.query(Table::TagLink, |connection| carrying.load::<DbId>(connection))?;
        let carrying: HashSet<LinkId> = carrying.into_iter().map(DbId::get).collect();
        let added: Vec<DbId> = of_links.difference(&carrying).copied().map(DbId::of).collect();
        if added.is_empty() {
            return Ok(());
        }
        let number = added.len();
        let rows =
            link::table.filter(link::account_id.eq(account)).filter(link::link_id.eq_any(added)).select((
                link::account_id,
                tag.into_sql::<Id>(),
                link::link_id,
                link::created_at,
                to_column(at).into_sql::<sql_types::Timestamp>(),
            ));
        let insert = diesel::insert_into(taglink::table).values(rows).into_columns((
            taglink::account_id,
            taglink::tag_id,
            taglink::link_id,
            taglink::link_created_at,
            taglink::created_at,
        ));
        let inserted = self.query(Table::TagLink, |connection| insert.execute(connection))?;
        Self::expect_rows(inserted, number)
    }

    /// Removes what [`Session::pairs_of`] has read: the `number` taglinks of these tags behind the link `after`, up to
    /// the link `last`.
    pub(super) fn remove_pairs(
        &mut self,
        account: AccountId,
        tags: &[TagId],
        after: Option<LinkId>,
        last: LinkId,
        number: usize,
    ) -> Result<()> {
        let tags: Vec<DbId> = tags.iter().copied().map(DbId::of).collect();
        let mut query = diesel::delete(taglink::table)
            .into_boxed()
            .filter(taglink::account_id.eq(DbId::of(account)))
            .filter(taglink::tag_id.eq_any(tags))
            .filter(taglink::link_id.le(DbId::of(last)));
        if let Some(after) = after {
            query = query.filter(taglink::link_id.gt(DbId::of(after)));
        }
        let removed = self.query(Table::TagLink, |connection| query.execute(connection))?;
        Self::expect_rows(removed, number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_packed_up_to_what_can_be_moved_at_once() {
        let sizes = |counts: &[i64]| {
            let counts: Vec<_> = counts.iter().map(|count| (TagId::new(), *count)).collect();
            packed(&counts).iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&[1, 998, 1, 1]), [3, 1]);
        assert_eq!(sizes(&[5000, 1, 1000, 1000]), [1, 1, 1, 1]);
        assert_eq!(sizes(&[1, 5000, 999, 1]), [1, 1, 2]);
    }
}
