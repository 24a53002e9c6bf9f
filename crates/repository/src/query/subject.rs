//! Subjects: what users and accounts have in common, and how the rows of their credentials name them.

use diesel::deserialize;
use diesel::prelude::*;
use diesel::sql_types::Nullable;
use taglink_domain::model::{LoginOrigin, Subject, SubjectStatus, Timestamp};
use taglink_domain::port::{Result, SubjectRepository};

use super::account::account_by_id;
use super::user::user_by_id;
use crate::connection::MultiBackend;
use crate::dialect::{Bind, DbId, DbTime, Id, SqlBuilder};
use crate::error::Table;
use crate::schema::{account, login_origin, user};
use crate::unit_of_work::DbUnitOfWork;

/// The subject of a credential, of whose columns `user_id` and `account_id` exactly one is set.
#[derive(Clone, Copy, Debug)]
pub(super) struct DbSubject(Subject);

impl DbSubject {
    /// The subject as the domain's type.
    pub(super) fn get(self) -> Subject {
        self.0
    }
}

impl Queryable<(Nullable<Id>, Nullable<Id>), MultiBackend> for DbSubject {
    type Row = (Option<DbId>, Option<DbId>);

    fn build(row: Self::Row) -> deserialize::Result<Self> {
        match row {
            (Some(user_id), None) => Ok(Self(Subject::User(user_id.get()))),
            (None, Some(account_id)) => Ok(Self(Subject::Account(account_id.get()))),
            (None, None) | (Some(_), Some(_)) => Err("a credential has not exactly one subject".into()),
        }
    }
}

/// The columns `user_id` and `account_id` of a credential.
pub(super) fn to_columns(subject: Subject) -> (Option<DbId>, Option<DbId>) {
    match subject {
        Subject::User(id) => (Some(DbId::of(id)), None),
        Subject::Account(id) => (None, Some(DbId::of(id))),
    }
}

/// How a user stands.
#[derive(Queryable, Selectable)]
#[diesel(table_name = user)]
pub(super) struct UserStatusRow {
    user_id: DbId,
    epoch: i64,
    is_admin: bool,
    disabled: bool,
}

impl From<UserStatusRow> for SubjectStatus {
    fn from(row: UserStatusRow) -> Self {
        Self {
            subject: Subject::User(row.user_id.get()),
            epoch: row.epoch,
            is_admin: row.is_admin,
            disabled: row.disabled,
        }
    }
}

/// How an account stands.
#[derive(Queryable, Selectable)]
#[diesel(table_name = account)]
pub(super) struct AccountStatusRow {
    account_id: DbId,
    epoch: i64,
}

impl From<AccountStatusRow> for SubjectStatus {
    fn from(row: AccountStatusRow) -> Self {
        let subject = Subject::Account(row.account_id.get());
        Self { subject, epoch: row.epoch, is_admin: false, disabled: false }
    }
}

/// How the subject of a credential stands, from what was joined to its row.
pub(super) fn joined_status(
    user: Option<UserStatusRow>,
    account: Option<AccountStatusRow>,
) -> Option<SubjectStatus> {
    user.map(SubjectStatus::from).or(account.map(SubjectStatus::from))
}

/// Runs the same lines on the subject's `row`, whose `columns` are those of one table or the other.
macro_rules! on_row_of {
    ($subject:expr, |$row:ident, $columns:ident, $table:ident| $body:expr) => {
        match $subject {
            Subject::User(id) => {
                use crate::schema::user as $columns;
                let ($row, $table) = (user_by_id(DbId::of(id)), Table::User);
                $body
            }
            Subject::Account(id) => {
                use crate::schema::account as $columns;
                let ($row, $table) = (account_by_id(DbId::of(id)), Table::Account);
                $body
            }
        }
    };
}

impl SubjectRepository for DbUnitOfWork {
    fn subject_status(&mut self, subject: Subject) -> Result<Option<SubjectStatus>> {
        match subject {
            Subject::User(id) => {
                let by_id = user_by_id(DbId::of(id)).select(UserStatusRow::as_select());
                Ok(self.one(Table::User, by_id)?.map(SubjectStatus::from))
            }
            Subject::Account(id) => {
                let by_id = account_by_id(DbId::of(id)).select(AccountStatusRow::as_select());
                Ok(self.one(Table::Account, by_id)?.map(SubjectStatus::from))
            }
        }
    }

    fn hashed_password(&mut self, subject: Subject) -> Result<Option<String>> {
        on_row_of!(subject, |row, columns, table| {
            let select = row.select(columns::hashed_password.nullable());
            Ok(self.one(table, select)?.flatten())
        })
    }

    fn rehash_password(&mut self, subject: Subject, old: &str, new: &str, at: Timestamp) -> Result<()> {
        on_row_of!(subject, |row, columns, table| {
            let update = diesel::update(row.filter(columns::hashed_password.eq(old)))
                .set((columns::hashed_password.eq(new), columns::updated_at.eq(DbTime::of(at))));
            self.execute(table, update).map(drop)
        })
    }

    fn set_password(&mut self, subject: Subject, hashed_password: &str, at: Timestamp) -> Result<bool> {
        on_row_of!(subject, |row, columns, table| {
            let update = diesel::update(row).set((
                columns::hashed_password.eq(hashed_password),
                columns::epoch.eq(columns::epoch + 1),
                columns::updated_at.eq(DbTime::of(at)),
            ));
            Ok(self.execute(table, update)? > 0)
        })
    }

    fn raise_epoch(&mut self, subject: Subject, at: Timestamp) -> Result<bool> {
        on_row_of!(subject, |row, columns, table| {
            let update = diesel::update(row)
                .set((columns::epoch.eq(columns::epoch + 1), columns::updated_at.eq(DbTime::of(at))));
            Ok(self.execute(table, update)? > 0)
        })
    }

    fn remember_origin(&mut self, origin: LoginOrigin, at: Timestamp) -> Result<()> {
        let insert = SqlBuilder::new("INSERT INTO login_origin (origin, last_login_at) VALUES ");
        let insert = insert.row([Bind::Bytes(origin.as_bytes()), Bind::Time(DbTime::of(at))]);
        let insert = insert.then(self.dialect().or_update("origin", "last_login_at")).cached();
        self.execute(Table::LoginOrigin, insert).map(drop)
    }

    fn forget_origins(&mut self, since: Timestamp, most: u16) -> Result<()> {
        let is_old = login_origin::last_login_at.lt(DbTime::of(since));
        let select = login_origin::table
            .filter(is_old)
            .select(login_origin::origin)
            .order(login_origin::last_login_at)
            .limit(i64::from(most));
        let old: Vec<Vec<u8>> = self.load(Table::LoginOrigin, select)?;
        if old.is_empty() {
            return Ok(());
        }
        // Asked again, because a login may have succeeded meanwhile.
        let delete =
            diesel::delete(login_origin::table.filter(login_origin::origin.eq_any(old)).filter(is_old));
        self.execute(Table::LoginOrigin, delete).map(drop)
    }

    fn is_known_origin(&mut self, origin: LoginOrigin, since: Timestamp) -> Result<bool> {
        let select = login_origin::table
            .filter(login_origin::origin.eq(origin.as_bytes().as_slice()))
            .filter(login_origin::last_login_at.ge(DbTime::of(since)))
            .select(login_origin::last_login_at);
        Ok(self.one::<DbTime>(Table::LoginOrigin, select)?.is_some())
    }
}
