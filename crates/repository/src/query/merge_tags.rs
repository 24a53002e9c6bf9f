//! Taking tags off many links, and moving taglinks from some tags to another, in statements of bounded size.
//!
//! The tags are locked, so no taglink of theirs is added by others meanwhile; but others may remove some. What each
//! deletion has really removed is what is moved.

use std::collections::BTreeMap;

use diesel::prelude::*;
use taglink_domain::model::{AccountId, AccountScope, TagId, TagLink, Timestamp};
use taglink_domain::port::{BulkRepository, Result, TagRepository};

use super::taglink::delete_returning;
use crate::change_feed::{ChangeKind, PendingChanges, Row};
use crate::dialect::{DbId, DbTime, SqlBuilder};
use crate::error::Table;
use crate::schema::taglink;
use crate::unit_of_work::{DbUnitOfWork, expect_row};

/// Takes the tags `from` off up to `most` links, puts the tag `to` on those of them that do not carry it yet, and says
/// whether there may be more.
pub(super) fn move_some(
    uow: &mut DbUnitOfWork,
    from: &[TagId],
    to: TagId,
    most: u16,
    at: Timestamp,
) -> Result<bool> {
    let account = uow.tag(AccountScope::All, to).and_then(expect_row)?.account_id;
    let packs = packed(&uow.count_links(AccountScope::One(account), from)?, most);
    let Some(tags) = packs.first() else { return Ok(false) };
    let (removed, is_all) = delete_some(uow, account, tags, most)?;
    // A link that carried several of the tags gets the other once.
    let added: BTreeMap<_, TagLink> =
        removed.into_iter().map(|row| (row.link_id, TagLink { tag_id: to, created_at: at, ..row })).collect();
    // Those that an earlier part has stored have the same time: MariaDB could not tell them apart.
    uow.ensure_taglinks(&added.into_values().collect::<Vec<_>>())?;
    Ok(!is_all || packs.len() > 1)
}

/// Takes the tags off their links, of which there are at most so many, or the one tag off so many links. Says which
/// taglinks are gone, and whether those were all.
pub(super) fn delete_some(
    uow: &mut DbUnitOfWork,
    account: AccountId,
    tags: &[TagId],
    most: u16,
) -> Result<(Vec<TagLink>, bool)> {
    let ids: Vec<DbId> = tags.iter().copied().map(DbId::of).collect();
    let delete = SqlBuilder::new("DELETE FROM taglink WHERE account_id = ? AND tag_id IN (");
    let delete = delete.id(DbId::of(account)).ids(&ids).sql(")");
    let next = match ids.as_slice() {
        [tag] => first_after(uow, DbId::of(account), *tag, most)?,
        _ => None,
    };
    let delete = match next {
        None => delete,
        Some((created_at, link)) => delete
            .sql(" AND link_created_at <= ? AND (link_created_at < ? OR link_id < ?)")
            .time(created_at)
            .time(created_at)
            .id(link),
    };
    let removed = delete_returning(uow, delete)?;
    let rows = removed.iter().map(|row| Row::TagLink(row.tag_id, row.link_id));
    PendingChanges::new(account, ChangeKind::Removed, rows).store(uow)?;
    Ok((removed, next.is_none()))
}

/// The first link of a tag after so many.
fn first_after(
    uow: &mut DbUnitOfWork,
    account: DbId,
    tag: DbId,
    links: u16,
) -> Result<Option<(DbTime, DbId)>> {
    let query = taglink::table
        .filter(taglink::account_id.eq(account))
        .filter(taglink::tag_id.eq(tag))
        .select((taglink::link_created_at, taglink::link_id))
        .order((taglink::link_created_at, taglink::link_id))
        .offset(links.into())
        .limit(1);
    uow.one(Table::TagLink, query)
}

/// Packs tags together whose links can be moved at once; a tag with more links stays alone.
fn packed(counts: &[(TagId, i64)], most: u16) -> Vec<Vec<TagId>> {
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
                room = usize::from(most).saturating_sub(count);
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
            packed(&counts, 1000).iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes(&[]), [0; 0]);
        assert_eq!(sizes(&[1, 998, 1, 1]), [3, 1]);
        assert_eq!(sizes(&[5000, 1, 1000, 1000]), [1, 1, 1, 1]);
        assert_eq!(sizes(&[1, 5000, 999, 1]), [1, 1, 2]);
    }
}
