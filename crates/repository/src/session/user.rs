//! Users: the queries.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use taglink_domain::model::{NewUser, Timestamp, User, UserId};
use taglink_domain::port::{Result, UserRepository};

use super::Session;
use super::time::{from_column, to_column};
use crate::connection::DbId;
use crate::error::Table;
use crate::schema::user;

#[derive(Queryable, Selectable)]
#[diesel(table_name = user)]
struct UserRow {
    user_id: DbId,
    username: String,
    hashed_password: String,
    is_admin: bool,
    disabled: bool,
    epoch: i64,
    created_at: NaiveDateTime,
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
            created_at: from_column(row.created_at),
        }
    }
}

impl UserRepository for Session {
    fn user(&mut self, id: UserId) -> Result<Option<User>> {
        let by_id = user::table.filter(user::user_id.eq(DbId::of(id))).select(UserRow::as_select());
        let row = self.query(Table::User, |connection| by_id.first(connection).optional())?;
        Ok(row.map(User::from))
    }

    fn user_by_name(&mut self, username_key: &str) -> Result<Option<User>> {
        let by_name = user::table.filter(user::username_key.eq(username_key)).select(UserRow::as_select());
        let row = self.query(Table::User, |connection| by_name.first(connection).optional())?;
        Ok(row.map(User::from))
    }

    fn users(&mut self, after: Option<&str>, limit: u16) -> Result<Vec<User>> {
        let mut query = user::table
            .select(UserRow::as_select())
            .order(user::username_key)
            .limit(limit.into())
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(user::username_key.gt(after));
        }
        let rows = self.query(Table::User, |connection| query.load::<UserRow>(connection))?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    fn insert_user(&mut self, new: &NewUser) -> Result<()> {
        let created_at = to_column(new.created_at);
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
        self.query(Table::User, |connection| insert.execute(connection)).map(drop)
    }

    fn rehash_password(&mut self, id: UserId, old: &str, new: &str, at: Timestamp) -> Result<()> {
        let unchanged =
            user::table.filter(user::user_id.eq(DbId::of(id))).filter(user::hashed_password.eq(old));
        let update = diesel::update(unchanged)
            .set((user::hashed_password.eq(new), user::updated_at.eq(to_column(at))));
        self.query(Table::User, |connection| update.execute(connection)).map(drop)
    }

    fn set_password(&mut self, id: UserId, hashed_password: &str, at: Timestamp) -> Result<bool> {
        let update = diesel::update(user::table.filter(user::user_id.eq(DbId::of(id)))).set((
            user::hashed_password.eq(hashed_password),
            user::epoch.eq(user::epoch + 1),
            user::updated_at.eq(to_column(at)),
        ));
        Ok(self.query(Table::User, |connection| update.execute(connection))? > 0)
    }

    fn delete_user(&mut self, id: UserId) -> Result<bool> {
        let delete = diesel::delete(user::table.filter(user::user_id.eq(DbId::of(id))));
        Ok(self.query(Table::User, |connection| delete.execute(connection))? > 0)
    }
}
