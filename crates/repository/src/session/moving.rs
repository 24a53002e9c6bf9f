//! Moving taglinks from some tags to another, in statements of bounded size, and so that each pair that comes or goes is
//! known.
//!
//! The tags are locked, so no pair of theirs can be added by others; but others may remove some. Hence each statement
//! must reach exactly the pairs that were read before it, or the transaction is tried again.

use std::collections::BTreeSet;

use diesel::IntoSql;
use diesel::prelude::*;
use diesel::sql_types;
use taglink_domain::model::{AccountId, LinkId, TagId, Timestamp};
use taglink_domain::port::{RepositoryError, Result};
use uuid::Uuid;

use super::Session;
use super::noted::Row;
use super::time::to_column;
use crate::connection::{AnyConnection, DbId, Id};
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

/// A taglink that is to be moved.
pub(super) struct Pair {
    tag: TagId,
    pub(super) link: LinkId,
    /// Whether its link carries the tag that it is moved to.
    is_doubled: bool,
}

/// Deletes the taglinks of some tags up to a link, and behind another if there is one.
macro_rules! range {
    ($tags:expr, $last:expr, $after:expr) => {{
        let delete = diesel::delete(taglink::table).into_boxed();
        let delete = delete.filter(taglink::tag_id.eq_any($tags)).filter(taglink::link_id.le($last));
        match $after {
            Some(after) => delete.filter(taglink::link_id.gt(DbId::of(after))),
            None => delete,
        }
    }};
}

impl Session {
    /// The next taglinks of these tags, to be moved to the tag `to`: all that they have, or those of a single tag behind
    /// the link `after`.
    pub(super) fn pairs_of(&mut self, tags: &[TagId], to: TagId, after: Option<LinkId>) -> Result<Vec<Pair>> {
        let doubled = diesel::alias!(taglink as doubled);
        let of_same_link = (doubled.field(taglink::link_id).eq(taglink::link_id))
            .and(doubled.field(taglink::tag_id).eq(DbId::of(to)));
        // Only by the tag, which tells the account, so that every planner takes the primary key.
        let mut query = taglink::table
            .left_join(doubled.on(of_same_link))
            .filter(taglink::tag_id.eq_any(ids(tags)))
            .select((taglink::tag_id, taglink::link_id, doubled.field(taglink::tag_id).nullable()))
            .order((taglink::tag_id, taglink::link_id))
            .limit(i64::try_from(MOVED_AT_ONCE).unwrap_or(i64::MAX))
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(taglink::link_id.gt(DbId::of(after)));
        }
        let rows =
            self.query(Table::TagLink, |connection| query.load::<(DbId, DbId, Option<DbId>)>(connection))?;
        let to_pair = |(tag, link, doubled): (DbId, DbId, Option<DbId>)| Pair {
            tag: tag.get(),
            link: link.get(),
            is_doubled: doubled.is_some(),
        };
        Ok(rows.into_iter().map(to_pair).collect())
    }

    /// Puts a tag on those links of the pairs that do not carry it.
    pub(super) fn add_to_links(
        &mut self,
        account: AccountId,
        tag: TagId,
        pairs: &[Pair],
        at: Timestamp,
    ) -> Result<()> {
        let added: BTreeSet<LinkId> =
            pairs.iter().filter(|pair| !pair.is_doubled).map(|pair| pair.link).collect();
        if added.is_empty() {
            return Ok(());
        }
        let rows = link::table.filter(link::link_id.eq_any(ids(&added))).select((
            link::account_id,
            DbId::of(tag).into_sql::<Id>(),
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
        Self::expect_rows(inserted, added.len())?;
        for link in added {
            self.note_stored(account, Row::TagLink(tag, link));
        }
        Ok(())
    }

    /// Removes what [`Session::pairs_of`] has read behind the link `after`.
    pub(super) fn remove_pairs(
        &mut self,
        account: AccountId,
        pairs: &[Pair],
        after: Option<LinkId>,
    ) -> Result<()> {
        let Some(last) = pairs.iter().map(|pair| pair.link).max() else { return Ok(()) };
        let tags = ids(&pairs.iter().map(|pair| pair.tag).collect::<BTreeSet<TagId>>());
        let last = DbId::of(last);
        let is_exact = self.query(Table::TagLink, |connection| match connection {
            // A count does not tell whether one pair has gone and another has come meanwhile.
            AnyConnection::Postgres(inner) => {
                let delete = range!(tags, last, after).returning((taglink::tag_id, taglink::link_id));
                let removed: Vec<(DbId, DbId)> = delete.load(inner)?;
                let removed: BTreeSet<(TagId, LinkId)> =
                    removed.into_iter().map(|(tag, link)| (tag.get(), link.get())).collect();
                Ok(pairs.iter().map(|pair| (pair.tag, pair.link)).collect::<BTreeSet<_>>() == removed)
            }
            // Nobody else changes anything of this account meanwhile.
            AnyConnection::Sqlite(_) | AnyConnection::Mariadb(_) => {
                Ok(range!(tags, last, after).execute(connection)? == pairs.len())
            }
        })?;
        if !is_exact {
            let error = RepositoryError::Busy("a tag was taken off in mid-transaction".into());
            return self.remember(Err(error));
        }
        for pair in pairs {
            self.note_removed(account, Row::TagLink(pair.tag, pair.link));
        }
        Ok(())
    }
}

fn ids<'a, T: Copy + Into<Uuid> + 'a>(of: impl IntoIterator<Item = &'a T>) -> Vec<DbId> {
    of.into_iter().copied().map(DbId::of).collect()
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
