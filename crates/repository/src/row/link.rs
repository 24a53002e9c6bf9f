//! Rows of `link`.

use diesel::prelude::*;
use taglink_domain::model::{Link, NewLink, Notes, Title};
use taglink_domain::search::{INDEX_VERSION, LinkIndex};

use crate::dialect::{Bind, Columns, DbId, DbTime};
use crate::schema::link;

/// A link as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = link)]
pub(crate) struct LinkRow {
    pub(crate) account_id: DbId,
    pub(crate) created_at: DbTime,
    pub(crate) link_id: DbId,
    url: String,
    title: Option<String>,
    notes: Option<String>,
    version: i64,
    pub(crate) updated_at: DbTime,
}

macro_rules! link_columns {
    () => {
        "link.account_id, link.created_at, link.link_id, link.url, link.title, link.notes, link.version, \
         link.updated_at"
    };
}

impl Columns for LinkRow {
    const COLUMNS: &'static str = link_columns!();
}

impl LinkRow {
    pub(crate) const BY_ID: &'static str =
        concat!("SELECT ", link_columns!(), " FROM link WHERE link.link_id = ?");
    /// Of an account: see [`in_scope`](crate::query::in_scope).
    pub(crate) const BY_ID_IN_ACCOUNT: &'static str = concat!(
        "SELECT ",
        link_columns!(),
        " FROM link WHERE link.link_id = ? AND COALESCE(link.account_id, link.account_id) = ?"
    );
}

impl From<LinkRow> for Link {
    fn from(row: LinkRow) -> Self {
        Self {
            id: row.link_id.get(),
            account_id: row.account_id.get(),
            url: row.url,
            title: row.title,
            notes: row.notes,
            version: row.version,
            created_at: row.created_at.get(),
            updated_at: row.updated_at.get(),
        }
    }
}

/// A link that is to be stored, and what it is found and ordered by.
pub(crate) struct NewLinkRow<'a> {
    pub(crate) new: &'a NewLink,
    pub(crate) index: LinkIndex,
}

impl<'a> From<&'a NewLink> for NewLinkRow<'a> {
    fn from(new: &'a NewLink) -> Self {
        let (title, notes) = (new.title.as_ref().map(Title::as_str), new.notes.as_ref().map(Notes::as_str));
        Self { new, index: LinkIndex::of(new.url.as_str(), title, notes) }
    }
}

impl NewLinkRow<'_> {
    pub(crate) const INSERT: &'static str = "INSERT INTO link (account_id, created_at, link_id, url, url_hash, \
        title, notes, version, updated_at, title_key, search_text, search_version) VALUES ";

    /// The values, in the order of [`Self::INSERT`].
    pub(crate) fn values(&self) -> [Bind<'_>; 12] {
        let Self { new, index } = self;
        [
            Bind::Id(DbId::of(new.account_id)),
            Bind::Time(DbTime::of(new.created_at)),
            Bind::Id(DbId::of(new.id)),
            Bind::Text(new.url.as_str().into()),
            Bind::Bytes(new.url.hash().as_slice()),
            Bind::NullableText(new.title.as_ref().map(Title::as_str)),
            Bind::NullableText(new.notes.as_ref().map(Notes::as_str)),
            Bind::Number(1),
            Bind::Time(DbTime::of(new.updated_at)),
            Bind::Text(index.title_key.as_str().into()),
            Bind::Text(index.text.as_str().into()),
            Bind::Number(INDEX_VERSION),
        ]
    }
}
