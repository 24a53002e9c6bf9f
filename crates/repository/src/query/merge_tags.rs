//! Moving taglinks from some tags to another, in statements of bounded size.
//!
//! The tags are locked, so no taglink of theirs is added by others meanwhile; but others may remove some. What each
//! deletion has really removed is what is moved.

use std::collections::BTreeMap;

use diesel::prelude::*;
use taglink_domain::model::{AccountScope, TagId, TagLink, Timestamp};
use taglink_domain::port::{Result, TagRepository};

use super::taglink::{delete_returning, insert_missing};
use crate::change_feed::{ChangeKind, PendingChanges, Row};
use crate::dialect::{DbId, DbTime, SqlBuilder};
use crate::error::Table;
use crate::schema::taglink;
use crate::unit_of_work::{DbUnitOfWork, expect_row};

/// How many taglinks one statement moves at most.
const AT_ONCE: usize = 1000;

/// Takes the tags `from` off all their links, and puts the tag `to` on those that do not carry it yet.
pub(super) fn move_taglinks(uow: &mut DbUnitOfWork, from: &[TagId], to: TagId, at: Timestamp) -> Result<()> {
    let account = uow.tag(AccountScope::All, to).and_then(expect_row)?.account_id;
    let counts = uow.count_links(AccountScope::One(account), from)?;
    for tags in packed(&counts) {
        let tags: Vec<DbId> = tags.into_iter().map(DbId::of).collect();
        loop {
            let delete = SqlBuilder::new("DELETE FROM taglink WHERE account_id = ? AND tag_id IN (");
            let delete = delete.id(DbId::of(account)).ids(&tags).sql(")");
            let last = last_of_page(uow, DbId::of(account), &tags)?;
            let delete = match last {
                None => delete,
                Some((created_at, link)) => delete
                    .sql(" AND link_created_at <= ? AND (link_created_at < ? OR link_id <= ?)")
                    .time(created_at)
                    .time(created_at)
                    .id(link),
            };
            let removed = delete_returning(uow, delete)?;
            let rows = removed.iter().map(|row| Row::TagLink(row.tag_id, row.link_id));
            PendingChanges::new(account, ChangeKind::Removed, rows).store(uow)?;
            // A link that carried several of the tags gets the other once.
            let added: BTreeMap<_, TagLink> = removed
                .into_iter()
                .map(|row| (row.link_id, TagLink { tag_id: to, created_at: at, ..row }))
                .collect();
            insert_missing(uow, &added.into_values().collect::<Vec<_>>())?;
            if last.is_none() {
                break;
            }
        }
    }
    Ok(())
}

/// The last of the taglinks that one statement moves; `None` if these are all. Several tags are only packed together if
/// they have few links.
fn last_of_page(uow: &mut DbUnitOfWork, account: DbId, tags: &[DbId]) -> Result<Option<(DbTime, DbId)>> {
    let [tag] = tags else { return Ok(None) };
    let query = taglink::table
        .filter(taglink::account_id.eq(account))
        .filter(taglink::tag_id.eq(*tag))
        .select((taglink::link_created_at, taglink::link_id))
        .order((taglink::link_created_at, taglink::link_id))
        .offset(i64::try_from(AT_ONCE).unwrap_or(i64::MAX))
        .limit(1);
    uow.one(Table::TagLink, query)
}

/// Packs tags together whose links can be moved at once; a tag with more links stays alone.
fn packed(counts: &[(TagId, i64)]) -> Vec<Vec<TagId>> {
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
                room = AT_ONCE.saturating_sub(count);
            }
        }
    }
    packs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_packed_by_the_number_of_their_links() {
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
