//! Rows of `taglink`.

use diesel::prelude::*;
use taglink_domain::model::TagLink;

use crate::dialect::{Bind, Columns, DbId, DbTime};
use crate::schema::taglink;

/// A taglink as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = taglink)]
pub(crate) struct TagLinkRow {
    account_id: DbId,
    tag_id: DbId,
    link_created_at: DbTime,
    link_id: DbId,
    created_at: DbTime,
}

impl Columns for TagLinkRow {
    const COLUMNS: &'static str = "taglink.account_id, taglink.tag_id, taglink.link_created_at, \
        taglink.link_id, taglink.created_at";
}

impl From<TagLinkRow> for TagLink {
    fn from(row: TagLinkRow) -> Self {
        Self {
            account_id: row.account_id.get(),
            tag_id: row.tag_id.get(),
            link_id: row.link_id.get(),
            link_created_at: row.link_created_at.get(),
            created_at: row.created_at.get(),
        }
    }
}

/// A taglink that is to be stored.
pub(crate) struct NewTagLinkRow<'a>(pub(crate) &'a TagLink);

impl NewTagLinkRow<'_> {
    pub(crate) const INSERT: &'static str =
        "INSERT INTO taglink (account_id, tag_id, link_created_at, link_id, created_at) VALUES ";

    /// The values, in the order of [`Self::INSERT`].
    pub(crate) fn values(&self) -> [Bind<'static>; 5] {
        let Self(new) = self;
        [
            Bind::Id(DbId::of(new.account_id)),
            Bind::Id(DbId::of(new.tag_id)),
            Bind::Time(DbTime::of(new.link_created_at)),
            Bind::Id(DbId::of(new.link_id)),
            Bind::Time(DbTime::of(new.created_at)),
        ]
    }
}
