//! Personal API tokens: the queries.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};
use taglink_domain::model::{
    ApiToken, ApiTokenId, ApiTokenPosition, Page, PageRequest, SecretHash, Subject, SubjectStatus, Timestamp,
};
use taglink_domain::port::{ApiTokenRepository, Result};

use super::subject::{AccountStatusRow, DbSubject, UserStatusRow, joined_status, to_columns};
use crate::connection::MultiBackend;
use crate::dialect::{DbId, DbTime};
use crate::error::Table;
use crate::schema::{account, api_token, user};
use crate::unit_of_work::DbUnitOfWork;

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_token)]
struct ApiTokenRow {
    api_token_id: DbId,
    #[diesel(select_expression = (api_token::user_id, api_token::account_id))]
    subject: DbSubject,
    name: String,
    scope: String,
    epoch: i64,
    created_at: DbTime,
    expires_at: Option<DbTime>,
    last_used_at: Option<DbTime>,
}

impl From<ApiTokenRow> for ApiToken {
    fn from(row: ApiTokenRow) -> Self {
        Self {
            id: row.api_token_id.get(),
            subject: row.subject.get(),
            name: row.name,
            scope: row.scope,
            epoch: row.epoch,
            created_at: row.created_at.get(),
            expires_at: row.expires_at.map(DbTime::get),
            last_used_at: row.last_used_at.map(DbTime::get),
        }
    }
}

/// The condition that a token is the subject's.
fn is_of(
    subject: Subject,
) -> Box<dyn BoxableExpression<api_token::table, MultiBackend, SqlType = Nullable<Bool>>> {
    match subject {
        Subject::User(id) => Box::new(api_token::user_id.eq(DbId::of(id))),
        Subject::Account(id) => Box::new(api_token::account_id.eq(DbId::of(id))),
    }
}

impl ApiTokenRepository for DbUnitOfWork {
    fn insert_api_token(&mut self, new: &ApiToken, hash: SecretHash) -> Result<()> {
        let (user_id, account_id) = to_columns(new.subject);
        let insert = diesel::insert_into(api_token::table).values((
            api_token::api_token_id.eq(DbId::of(new.id)),
            api_token::user_id.eq(user_id),
            api_token::account_id.eq(account_id),
            api_token::name.eq(new.name.as_str()),
            api_token::token_hash.eq(hash.as_bytes().as_slice()),
            api_token::scope.eq(new.scope.as_str()),
            api_token::epoch.eq(new.epoch),
            api_token::created_at.eq(DbTime::of(new.created_at)),
            api_token::expires_at.eq(new.expires_at.map(DbTime::of)),
            api_token::last_used_at.eq(new.last_used_at.map(DbTime::of)),
        ));
        self.execute(Table::ApiToken, insert).map(drop)
    }

    fn api_token_with_status(&mut self, hash: SecretHash) -> Result<Option<(ApiToken, SubjectStatus)>> {
        let of_account = api_token::account_id.eq(account::account_id.nullable());
        let select = api_token::table
            .left_join(user::table.on(api_token::user_id.eq(user::user_id.nullable())))
            .left_join(account::table.on(of_account.and(account::email.is_not_null())))
            .filter(api_token::token_hash.eq(hash.as_bytes().as_slice()))
            .select((
                ApiTokenRow::as_select(),
                Option::<UserStatusRow>::as_select(),
                Option::<AccountStatusRow>::as_select(),
            ));
        Ok(self.one(Table::ApiToken, select)?.and_then(|(token, user, account): (ApiTokenRow, _, _)| {
            Some((token.into(), joined_status(user, account)?))
        }))
    }

    fn api_tokens(
        &mut self,
        subject: Subject,
        page: &PageRequest<ApiTokenPosition>,
    ) -> Result<Page<ApiToken>> {
        let own = api_token::table.filter(is_of(subject));
        page_by_creation!(self, own, api_token, api_token_id, ApiTokenRow, Table::ApiToken, page)
    }

    fn touch_api_token(&mut self, id: ApiTokenId, at: Timestamp, since: Timestamp) -> Result<()> {
        let is_stale = api_token::last_used_at.is_null().or(api_token::last_used_at.lt(DbTime::of(since)));
        let stale = api_token::table.filter(api_token::api_token_id.eq(DbId::of(id))).filter(is_stale);
        let update = diesel::update(stale).set(api_token::last_used_at.eq(DbTime::of(at)));
        self.execute(Table::ApiToken, update).map(drop)
    }

    fn delete_api_token(&mut self, subject: Subject, id: ApiTokenId) -> Result<bool> {
        let own = api_token::table.filter(api_token::api_token_id.eq(DbId::of(id))).filter(is_of(subject));
        Ok(self.execute(Table::ApiToken, diesel::delete(own))? > 0)
    }

    fn delete_api_tokens_of(&mut self, subject: Subject) -> Result<()> {
        self.execute(Table::ApiToken, diesel::delete(api_token::table.filter(is_of(subject)))).map(drop)
    }
}
