//! Noting changes, in the transaction that makes them.

use taglink_domain::model::{AccountId, ChangeId, LinkId, TagId};
use taglink_domain::port::Result;

use super::retention;
use crate::dialect::{Bind, DbId, SqlBuilder};
use crate::error::Table;
use crate::unit_of_work::DbUnitOfWork;

/// How many rows one statement stores at most.
const CHUNK: usize = 500;

/// Statements of up to this many rows are kept prepared.
const FEW: usize = 8;

/// The row that has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Row {
    Link(LinkId),
    Tag(TagId),
    TagLink(TagId, LinkId),
}

impl Row {
    /// The columns `link_id` and `tag_id`.
    pub(super) fn columns(self) -> (Option<DbId>, Option<DbId>) {
        match self {
            Self::Link(link) => (Some(DbId::of(link)), None),
            Self::Tag(tag) => (None, Some(DbId::of(tag))),
            Self::TagLink(tag, link) => (Some(DbId::of(link)), Some(DbId::of(tag))),
        }
    }
}

/// What has become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    Stored,
    Removed,
}

/// Changes of an account that are to be noted together.
pub(crate) struct PendingChanges {
    account: AccountId,
    changes: Vec<(Row, ChangeKind)>,
}

impl PendingChanges {
    pub(crate) fn new(account: AccountId, kind: ChangeKind, rows: impl IntoIterator<Item = Row>) -> Self {
        Self { account, changes: rows.into_iter().map(|row| (row, kind)).collect() }
    }

    /// Notes them.
    pub(crate) fn store(&self, uow: &mut DbUnitOfWork) -> Result<()> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let now = uow.change_feed.now();
        let account = DbId::of(self.account);
        for changes in self.changes.chunks(CHUNK) {
            let insert = SqlBuilder::new(
                "INSERT INTO change_pending (account_id, id, link_id, tag_id, removed, changed_at) VALUES ",
            );
            let insert = insert.list(", ", changes, |sql, (row, kind)| {
                let (link, tag) = row.columns();
                sql.row([
                    Bind::Id(account),
                    Bind::Id(DbId::of(ChangeId::new())),
                    Bind::NullableId(link),
                    Bind::NullableId(tag),
                    Bind::Flag(*kind == ChangeKind::Removed),
                    Bind::Time(now),
                ])
            });
            let insert = insert.cached_if(changes.len() <= FEW || changes.len() == CHUNK);
            uow.execute(Table::ChangePending, insert)?;
        }
        retention::drop_unread(uow, self.account, self.changes.len())
    }
}
