//! Accounts: the queries. The shared account is the one without an email; nothing here finds or changes it.

use diesel::dsl::auto_type;
use diesel::prelude::*;
use taglink_domain::model::{
    Account, AccountChange, AccountId, AccountPosition, Email, NewAccount, Page, PageRequest, Timestamp,
};
use taglink_domain::port::{AccountRepository, Result};

use crate::dialect::{DbId, DbTime, Dialect, Id, SqlBuilder};
use crate::error::Table;
use crate::schema::{account, change_head};
use crate::unit_of_work::DbUnitOfWork;

#[derive(Queryable, Selectable)]
#[diesel(table_name = account)]
struct AccountRow {
    account_id: DbId,
    #[diesel(select_expression = account::email.assume_not_null())]
    email: String,
    #[diesel(select_expression = account::hashed_password.assume_not_null())]
    hashed_password: String,
    epoch: i64,
    created_at: DbTime,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            id: row.account_id.get(),
            email: row.email,
            hashed_password: row.hashed_password,
            epoch: row.epoch,
            created_at: row.created_at.get(),
        }
    }
}

/// What is `None` stays.
#[derive(AsChangeset)]
#[diesel(table_name = account)]
struct AccountChangeRow<'a> {
    email: Option<&'a str>,
    email_key: Option<&'a str>,
    hashed_password: Option<&'a str>,
    updated_at: DbTime,
}

/// The account with this id, unless it is the shared one.
#[auto_type]
pub(super) fn account_by_id(id: DbId) -> _ {
    account::table.filter(account::account_id.eq(id)).filter(account::email.is_not_null())
}

impl AccountRepository for DbUnitOfWork {
    fn account_exists(&mut self, id: AccountId) -> Result<bool> {
        let by_id = account_by_id(DbId::of(id)).select(account::account_id);
        Ok(id == AccountId::SHARED || self.one::<DbId>(Table::Account, by_id)?.is_some())
    }

    fn account(&mut self, id: AccountId) -> Result<Option<Account>> {
        let by_id = account_by_id(DbId::of(id)).select(AccountRow::as_select());
        Ok(self.one(Table::Account, by_id)?.map(Account::from))
    }

    fn account_by_email(&mut self, email_key: &str) -> Result<Option<Account>> {
        let by_email =
            account::table.filter(account::email_key.eq(email_key)).select(AccountRow::as_select());
        Ok(self.one(Table::Account, by_email)?.map(Account::from))
    }

    fn accounts(&mut self, page: &PageRequest<AccountPosition>) -> Result<Page<Account>> {
        let owned = account::table.filter(account::email.is_not_null());
        page_by_creation!(self, owned, account, account_id, AccountRow, Table::Account, page)
    }

    fn insert_account(&mut self, new: &NewAccount) -> Result<()> {
        let created_at = DbTime::of(new.created_at);
        let insert = diesel::insert_into(account::table).values((
            account::account_id.eq(DbId::of(new.id)),
            account::email.eq(new.email.as_str()),
            account::email_key.eq(new.email.key()),
            account::hashed_password.eq(new.hashed_password.as_str()),
            account::epoch.eq(0),
            account::created_at.eq(created_at),
            account::updated_at.eq(created_at),
        ));
        self.execute(Table::Account, insert).map(drop)
    }

    fn update_account(&mut self, id: AccountId, change: &AccountChange, at: Timestamp) -> Result<bool> {
        let row = AccountChangeRow {
            email: change.email.as_ref().map(Email::as_str),
            email_key: change.email.as_ref().map(Email::key),
            hashed_password: change.hashed_password.as_deref(),
            updated_at: DbTime::of(at),
        };
        let epoch = change.hashed_password.as_ref().map(|_| account::epoch.eq(account::epoch + 1));
        Ok(self.execute(Table::Account, diesel::update(account_by_id(DbId::of(id))).set((row, epoch)))? > 0)
    }

    /// SQLite has one writer.
    fn lock_for_many(&mut self, id: AccountId) -> Result<()> {
        let (dialect, id) = (self.dialect(), DbId::of(id));
        if dialect == Dialect::Sqlite {
            return Ok(());
        }
        // An account that is gone has no rows to lock.
        let insert =
            "INSERT INTO account_lock (account_id) SELECT account_id FROM account WHERE account_id = ?";
        let or_keep = dialect.or_keep("account_id", "account_lock.account_id");
        self.execute(Table::AccountLock, SqlBuilder::new(insert).id(id).then(or_keep).cached())?;
        let lock = SqlBuilder::new("SELECT account_id FROM account_lock WHERE account_id = ?").id(id);
        let lock = lock.sql(dialect.for_update()).cached().with_rows::<Id>();
        self.load::<DbId>(Table::AccountLock, lock).map(drop)
    }

    fn retire_account(&mut self, id: AccountId, at: Timestamp) -> Result<bool> {
        let update = diesel::update(account_by_id(DbId::of(id))).set((
            account::email.eq(None::<&str>),
            account::email_key.eq(None::<&str>),
            account::hashed_password.eq(None::<&str>),
            account::epoch.eq(account::epoch + 1),
            account::updated_at.eq(DbTime::of(at)),
        ));
        Ok(self.execute(Table::Account, update)? > 0)
    }

    fn retired_accounts(&mut self) -> Result<Vec<AccountId>> {
        let shared = DbId::of(AccountId::SHARED);
        let retired = account::table
            .filter(account::email_key.is_null())
            .filter(account::account_id.ne(shared))
            .select(account::account_id);
        Ok(self.load::<DbId>(Table::Account, retired)?.into_iter().map(DbId::get).collect())
    }

    fn delete_some_rows_of_account(&mut self, id: AccountId, most: u16) -> Result<bool> {
        if id == AccountId::SHARED {
            return Ok(false);
        }
        let dialect = self.dialect();
        let mut left = usize::from(most);
        for (table, name, key) in [
            (Table::TagLink, "taglink", "tag_id, link_created_at, link_id"),
            (Table::LinkTerm, "link_term", "term, link_created_at, link_id"),
            (Table::Link, "link", "created_at, link_id"),
            (Table::Tag, "tag", "tag_id"),
            (Table::ChangePending, "change_pending", "id"),
            (Table::Change, dialect.change_table(), "seq"),
        ] {
            let rows = i64::try_from(left).unwrap_or(i64::MAX);
            let delete = dialect.delete_first(name, key, DbId::of(id), rows).cached();
            left = left.saturating_sub(self.execute(table, delete)?);
            if left == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn delete_rows_of_account(&mut self, id: AccountId) -> Result<()> {
        // Everybody's rows are nobody's to remove as a whole.
        if id == AccountId::SHARED {
            return Ok(());
        }
        // Those who hold these rows come to the account's own row later: it is locked after them.
        self.lock_for_many(id)?;
        let id = DbId::of(id);
        let head = diesel::delete(change_head::table.filter(change_head::account_id.eq(id)));
        self.execute(Table::ChangeHead, head)?;
        // Whoever stores rows of the account shares a lock on its row, for the foreign key: they are waited for, and
        // others wait.
        let lock = SqlBuilder::new("SELECT account_id FROM account WHERE account_id = ?").id(id);
        let lock = lock.sql(self.dialect().for_update()).with_rows::<Id>();
        self.load::<DbId>(Table::Account, lock)?;
        for (table, name) in [
            (Table::TagLink, "taglink"),
            (Table::LinkTerm, "link_term"),
            (Table::Link, "link"),
            (Table::Tag, "tag"),
            (Table::ChangePending, "change_pending"),
            (Table::Change, self.dialect().change_table()),
            (Table::AccountLock, "account_lock"),
        ] {
            let rows = SqlBuilder::new("DELETE FROM ").sql(name).sql(" WHERE account_id = ?").id(id);
            self.execute(table, rows)?;
        }
        Ok(())
    }

    fn delete_account(&mut self, id: AccountId) -> Result<bool> {
        let by_id = account::table.filter(account::account_id.eq(DbId::of(id)));
        let delete = diesel::delete(by_id.filter(account::account_id.ne(DbId::of(AccountId::SHARED))));
        Ok(self.execute(Table::Account, delete)? > 0)
    }
}
