//! Rows of `tag`.

use diesel::prelude::*;
use taglink_domain::model::{NewTag, Tag, Timestamp};
use taglink_domain::search::{INDEX_VERSION, SearchText};

use crate::dialect::{Bind, Columns, DbId, DbTime};
use crate::schema::tag;

/// A tag as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = tag)]
pub(crate) struct TagRow {
    account_id: DbId,
    tag_id: DbId,
    name: String,
    version: i64,
    created_at: DbTime,
    updated_at: DbTime,
}

macro_rules! tag_columns {
    () => {
        "tag.account_id, tag.tag_id, tag.name, tag.version, tag.created_at, tag.updated_at"
    };
}

impl Columns for TagRow {
    const COLUMNS: &'static str = tag_columns!();
}

impl TagRow {
    pub(crate) const BY_ID: &'static str =
        concat!("SELECT ", tag_columns!(), " FROM tag WHERE tag.tag_id = ?");
    pub(crate) const BY_ID_IN_ACCOUNT: &'static str =
        concat!("SELECT ", tag_columns!(), " FROM tag WHERE tag.tag_id = ? AND tag.account_id = ?");
    pub(crate) const BY_NAME: &'static str =
        concat!("SELECT ", tag_columns!(), " FROM tag WHERE tag.account_id = ? AND tag.name_key = ?");
}

impl From<TagRow> for Tag {
    fn from(row: TagRow) -> Self {
        Self {
            id: row.tag_id.get(),
            account_id: row.account_id.get(),
            name: row.name,
            version: row.version,
            created_at: row.created_at.get(),
            updated_at: row.updated_at.get(),
        }
    }
}

/// A tag that is to be stored, and the text it is found by.
pub(crate) struct NewTagRow<'a> {
    pub(crate) new: &'a NewTag,
    pub(crate) updated_at: Timestamp,
    pub(crate) text: SearchText,
}

impl<'a> NewTagRow<'a> {
    pub(crate) const INSERT: &'static str = "INSERT INTO tag (account_id, tag_id, name, name_key, version, created_at, \
        updated_at, search_text, search_version) VALUES ";

    pub(crate) fn new(new: &'a NewTag, updated_at: Timestamp) -> Self {
        Self { new, updated_at, text: SearchText::of_tag(new.name.as_str()) }
    }

    /// The values, in the order of [`Self::INSERT`].
    pub(crate) fn values(&self) -> [Bind<'_>; 9] {
        let Self { new, updated_at, text } = self;
        [
            Bind::Id(DbId::of(new.account_id)),
            Bind::Id(DbId::of(new.id)),
            Bind::Text(new.name.as_str().into()),
            Bind::Text(new.name.key().into()),
            Bind::Number(1),
            Bind::Time(DbTime::of(new.created_at)),
            Bind::Time(DbTime::of(*updated_at)),
            Bind::Text(text.as_str().into()),
            Bind::Number(INDEX_VERSION),
        ]
    }
}
