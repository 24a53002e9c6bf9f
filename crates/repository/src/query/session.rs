//! Sessions of subjects, each of which began with a login, and their refresh tokens: the queries.
//!
//! Whoever changes or removes a session locks its row first, and then its refresh tokens: so nobody waits in a circle.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};
use taglink_domain::model::{
    self, Page, PageRequest, RefreshToken, SecretHash, SessionId, SessionPosition, Subject, SubjectStatus,
    Timestamp,
};
use taglink_domain::port::{Result, SessionRepository};

use super::subject::{AccountStatusRow, DbSubject, UserStatusRow, joined_status, to_columns};
use crate::connection::MultiBackend;
use crate::dialect::{DbId, DbTime, Digest};
use crate::error::Table;
use crate::schema::{account, refresh_token, session, user};
use crate::unit_of_work::DbUnitOfWork;

/// How many sessions of a subject are removed at a time: few enough for the parameters of one statement.
const BATCH: i64 = 500;

#[derive(Queryable, Selectable)]
#[diesel(table_name = session)]
struct SessionRow {
    session_id: DbId,
    #[diesel(select_expression = (session::user_id, session::account_id))]
    subject: DbSubject,
    scope: String,
    epoch: i64,
    user_agent: Option<String>,
    created_at: DbTime,
    last_used_at: DbTime,
    expires_at: DbTime,
}

impl From<SessionRow> for model::Session {
    fn from(row: SessionRow) -> Self {
        Self {
            id: row.session_id.get(),
            subject: row.subject.get(),
            scope: row.scope,
            epoch: row.epoch,
            user_agent: row.user_agent,
            created_at: row.created_at.get(),
            last_used_at: row.last_used_at.get(),
            expires_at: row.expires_at.get(),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = refresh_token)]
struct RefreshTokenRow {
    token_hash: Digest,
    session_id: DbId,
    predecessor: Option<Digest>,
    created_at: DbTime,
    used_at: Option<DbTime>,
}

impl From<RefreshTokenRow> for RefreshToken {
    fn from(row: RefreshTokenRow) -> Self {
        Self {
            hash: row.token_hash.get(),
            session_id: row.session_id.get(),
            predecessor: row.predecessor.map(Digest::get),
            created_at: row.created_at.get(),
            used_at: row.used_at.map(DbTime::get),
        }
    }
}

/// The condition that a session is the subject's.
fn is_of(
    subject: Subject,
) -> Box<dyn BoxableExpression<session::table, MultiBackend, SqlType = Nullable<Bool>>> {
    match subject {
        Subject::User(id) => Box::new(session::user_id.eq(DbId::of(id))),
        Subject::Account(id) => Box::new(session::account_id.eq(DbId::of(id))),
    }
}

impl SessionRepository for DbUnitOfWork {
    fn insert_session(&mut self, new: &model::Session) -> Result<()> {
        let (user_id, account_id) = to_columns(new.subject);
        let insert = diesel::insert_into(session::table).values((
            session::session_id.eq(DbId::of(new.id)),
            session::user_id.eq(user_id),
            session::account_id.eq(account_id),
            session::scope.eq(new.scope.as_str()),
            session::epoch.eq(new.epoch),
            session::user_agent.eq(new.user_agent.as_deref()),
            session::created_at.eq(DbTime::of(new.created_at)),
            session::last_used_at.eq(DbTime::of(new.last_used_at)),
            session::expires_at.eq(DbTime::of(new.expires_at)),
        ));
        self.execute(Table::Session, insert).map(drop)
    }

    fn session(&mut self, id: SessionId) -> Result<Option<model::Session>> {
        let by_id =
            session::table.filter(session::session_id.eq(DbId::of(id))).select(SessionRow::as_select());
        Ok(self.one(Table::Session, by_id)?.map(model::Session::from))
    }

    fn session_subject_status(&mut self, id: SessionId, now: Timestamp) -> Result<Option<SubjectStatus>> {
        let of_account = session::account_id.eq(account::account_id.nullable());
        let select = session::table
            .left_join(user::table.on(session::user_id.eq(user::user_id.nullable())))
            .left_join(account::table.on(of_account.and(account::email.is_not_null())))
            .filter(session::session_id.eq(DbId::of(id)))
            .filter(session::expires_at.gt(DbTime::of(now)))
            .select((Option::<UserStatusRow>::as_select(), Option::<AccountStatusRow>::as_select()));
        Ok(self.one(Table::Session, select)?.and_then(|(user, account)| joined_status(user, account)))
    }

    fn sessions(
        &mut self,
        subject: Subject,
        now: Timestamp,
        page: &PageRequest<SessionPosition>,
    ) -> Result<Page<model::Session>> {
        let live = session::table.filter(is_of(subject)).filter(session::expires_at.gt(DbTime::of(now)));
        page_by_creation!(self, live, session, session_id, SessionRow, Table::Session, page)
    }

    fn touch_session(&mut self, id: SessionId, at: Timestamp) -> Result<bool> {
        let update = diesel::update(session::table.filter(session::session_id.eq(DbId::of(id))))
            .set(session::last_used_at.eq(DbTime::of(at)));
        Ok(self.execute(Table::Session, update)? > 0)
    }

    fn delete_session(&mut self, subject: Subject, id: SessionId) -> Result<bool> {
        let select = session::table
            .filter(session::session_id.eq(DbId::of(id)))
            .filter(is_of(subject))
            .select(session::session_id);
        let own: Vec<DbId> = self.load(Table::Session, select)?;
        Ok(self.remove_sessions(&own)? > 0)
    }

    fn delete_sessions_of(&mut self, subject: Subject) -> Result<()> {
        loop {
            let select = session::table.filter(is_of(subject)).select(session::session_id).limit(BATCH);
            let batch: Vec<DbId> = self.load(Table::Session, select)?;
            if batch.is_empty() {
                return Ok(());
            }
            self.remove_sessions(&batch)?;
        }
    }

    fn delete_expired_sessions(&mut self, now: Timestamp, most: u16) -> Result<()> {
        let select = session::table
            .filter(session::expires_at.lt(DbTime::of(now)))
            .select(session::session_id)
            .order(session::expires_at)
            .limit(i64::from(most));
        let expired: Vec<DbId> = self.load(Table::Session, select)?;
        self.remove_sessions(&expired).map(drop)
    }

    fn insert_refresh_token(&mut self, new: &RefreshToken) -> Result<()> {
        let predecessor = new.predecessor.as_ref().map(|hash| hash.as_bytes().as_slice());
        let insert = diesel::insert_into(refresh_token::table).values((
            refresh_token::token_hash.eq(new.hash.as_bytes().as_slice()),
            refresh_token::session_id.eq(DbId::of(new.session_id)),
            refresh_token::predecessor.eq(predecessor),
            refresh_token::created_at.eq(DbTime::of(new.created_at)),
            refresh_token::used_at.eq(new.used_at.map(DbTime::of)),
        ));
        self.execute(Table::RefreshToken, insert).map(drop)
    }

    fn refresh_token(&mut self, hash: SecretHash) -> Result<Option<RefreshToken>> {
        let by_hash = refresh_token::table
            .filter(refresh_token::token_hash.eq(hash.as_bytes().as_slice()))
            .select(RefreshTokenRow::as_select());
        Ok(self.one(Table::RefreshToken, by_hash)?.map(RefreshToken::from))
    }

    fn spend_refresh_token(&mut self, hash: SecretHash, at: Timestamp) -> Result<bool> {
        let unused = refresh_token::table
            .filter(refresh_token::token_hash.eq(hash.as_bytes().as_slice()))
            .filter(refresh_token::used_at.is_null());
        let update = diesel::update(unused).set(refresh_token::used_at.eq(DbTime::of(at)));
        Ok(self.execute(Table::RefreshToken, update)? > 0)
    }
}

impl DbUnitOfWork {
    /// Removes these sessions and their refresh tokens, and says how many sessions those were.
    fn remove_sessions(&mut self, ids: &[DbId]) -> Result<usize> {
        if ids.is_empty() {
            return Ok(0);
        }
        let lock = diesel::update(session::table.filter(session::session_id.eq_any(ids)))
            .set(session::last_used_at.eq(session::last_used_at));
        self.execute(Table::Session, lock)?;
        let tokens = diesel::delete(refresh_token::table.filter(refresh_token::session_id.eq_any(ids)));
        self.execute(Table::RefreshToken, tokens)?;
        let sessions = diesel::delete(session::table.filter(session::session_id.eq_any(ids)));
        self.execute(Table::Session, sessions)
    }
}
