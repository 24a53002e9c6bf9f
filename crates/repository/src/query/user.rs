//! Users: the queries.

use diesel::dsl::auto_type;
use diesel::prelude::*;
use taglink_domain::model::{NewUser, Page, PageRequest, Timestamp, User, UserChange, UserId, UserPosition};
use taglink_domain::port::{Result, UserRepository};

use crate::dialect::{DbId, DbTime, Id, SqlBuilder};
use crate::error::Table;
use crate::schema::user;
use crate::unit_of_work::DbUnitOfWork;

#[derive(Queryable, Selectable)]
#[diesel(table_name = user)]
struct UserRow {
    user_id: DbId,
    username: String,
    hashed_password: String,
    is_admin: bool,
    disabled: bool,
    epoch: i64,
    created_at: DbTime,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.user_id.get(),
            username: row.username,
            hashed_password: row.hashed_password,
            is_admin: row.is_admin,
            disabled: row.disabled,
            epoch: row.epoch,
            created_at: row.created_at.get(),
        }
    }
}

/// What is `None` stays.
#[derive(AsChangeset)]
#[diesel(table_name = user)]
struct UserChangeRow<'a> {
    is_admin: Option<bool>,
    disabled: Option<bool>,
    hashed_password: Option<&'a str>,
    updated_at: DbTime,
}

/// The user with this id.
#[auto_type]
pub(super) fn user_by_id(id: DbId) -> _ {
    user::table.filter(user::user_id.eq(id))
}

/// The admins who can log in.
#[auto_type]
fn admins() -> _ {
    user::table.filter(user::is_admin.eq(true)).filter(user::disabled.eq(false))
}

impl UserRepository for DbUnitOfWork {
    fn user(&mut self, id: UserId) -> Result<Option<User>> {
        let by_id = user_by_id(DbId::of(id)).select(UserRow::as_select());
        Ok(self.one(Table::User, by_id)?.map(User::from))
    }

    fn user_by_name(&mut self, username_key: &str) -> Result<Option<User>> {
        let by_name = user::table.filter(user::username_key.eq(username_key)).select(UserRow::as_select());
        Ok(self.one(Table::User, by_name)?.map(User::from))
    }

    fn users(&mut self, page: &PageRequest<UserPosition>) -> Result<Page<User>> {
        page_by_creation!(self, user::table, user, user_id, UserRow, Table::User, page)
    }

    fn insert_user(&mut self, new: &NewUser) -> Result<()> {
        let created_at = DbTime::of(new.created_at);
        let insert = diesel::insert_into(user::table).values((
            user::user_id.eq(DbId::of(new.id)),
            user::username.eq(new.username.as_str()),
            user::username_key.eq(new.username.key()),
            user::hashed_password.eq(new.hashed_password.as_str()),
            user::is_admin.eq(new.is_admin),
            user::disabled.eq(false),
            user::epoch.eq(0),
            user::created_at.eq(created_at),
            user::updated_at.eq(created_at),
        ));
        self.execute(Table::User, insert).map(drop)
    }

    fn update_user(
        &mut self,
        id: UserId,
        change: &UserChange,
        raise_epoch: bool,
        at: Timestamp,
    ) -> Result<bool> {
        let row = UserChangeRow {
            is_admin: change.is_admin,
            disabled: change.disabled,
            hashed_password: change.hashed_password.as_deref(),
            updated_at: DbTime::of(at),
        };
        let epoch = raise_epoch.then(|| user::epoch.eq(user::epoch + 1));
        Ok(self.execute(Table::User, diesel::update(user_by_id(DbId::of(id))).set((row, epoch)))? > 0)
    }

    fn lock_admins(&mut self) -> Result<usize> {
        // An update waits for others that hold these rows, and then sees what they have made of them; so does the
        // count after it, being a statement of its own under READ COMMITTED. It writes another value, because Galera
        // compares only what has changed.
        let now = self.change_feed.now();
        self.execute(Table::User, diesel::update(admins()).set(user::updated_at.eq(now)))?;
        let count: Option<i64> = self.one(Table::User, admins().count())?;
        Ok(count.and_then(|count| usize::try_from(count).ok()).unwrap_or_default())
    }

    fn lock_user(&mut self, id: UserId) -> Result<bool> {
        let dialect = self.dialect();
        let lock = SqlBuilder::new("SELECT user_id FROM ").sql(dialect.user_table());
        let lock =
            lock.sql(" WHERE user_id = ?").id(DbId::of(id)).sql(dialect.for_update()).with_rows::<Id>();
        let found = self.load::<DbId>(Table::User, lock)?;
        Ok(!found.is_empty())
    }

    fn delete_user(&mut self, id: UserId) -> Result<bool> {
        Ok(self.execute(Table::User, diesel::delete(user_by_id(DbId::of(id))))? > 0)
    }
}
