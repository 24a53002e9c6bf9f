//! Answers that are kept for requests with an idempotency key: the queries.

use diesel::prelude::*;
use taglink_domain::model::{Answer, KeptAnswer, KeyHash, KeyedRequest, Subject, Timestamp};
use taglink_domain::port::{IdempotencyRepository, RepositoryError, Result};

use super::subject::to_columns;
use crate::dialect::{DbId, DbTime, Digest};
use crate::error::Table;
use crate::schema::idempotency;
use crate::unit_of_work::{DbUnitOfWork, expect_row};

/// The status until the answer is known. Nobody else sees it: the answer is stored in the same transaction.
const PENDING: i64 = 0;

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency)]
struct KeptAnswerRow {
    request_hash: Digest,
    status: i64,
    location: Option<String>,
    etag: Option<String>,
    body: String,
    created_at: DbTime,
}

impl TryFrom<KeptAnswerRow> for KeptAnswer {
    type Error = RepositoryError;

    fn try_from(row: KeptAnswerRow) -> Result<Self> {
        let status = u16::try_from(row.status).ok().filter(|status| i64::from(*status) != PENDING);
        let status = status.ok_or_else(|| RepositoryError::Corrupt("a kept answer has no status".into()))?;
        Ok(Self {
            request: row.request_hash.get(),
            answer: Answer { status, location: row.location, etag: row.etag, body: row.body },
            created_at: row.created_at.get(),
        })
    }
}

impl IdempotencyRepository for DbUnitOfWork {
    fn kept_answer(&mut self, key: KeyHash) -> Result<Option<KeptAnswer>> {
        let by_key = idempotency::table
            .filter(idempotency::key_hash.eq(key.as_bytes().as_slice()))
            .select(KeptAnswerRow::as_select());
        let row = self.one(Table::Idempotency, by_key)?;
        row.map(KeptAnswer::try_from).transpose()
    }

    fn take_key(&mut self, request: &KeyedRequest) -> Result<()> {
        let (user_id, account_id) = to_columns(request.subject);
        let insert = diesel::insert_into(idempotency::table).values((
            idempotency::key_hash.eq(request.key.as_bytes().as_slice()),
            idempotency::user_id.eq(user_id),
            idempotency::account_id.eq(account_id),
            idempotency::request_hash.eq(request.request.as_bytes().as_slice()),
            idempotency::status.eq(PENDING),
            idempotency::body.eq(""),
            idempotency::created_at.eq(DbTime::of(request.at)),
        ));
        self.execute(Table::Idempotency, insert).map(drop)
    }

    fn keep_answer(&mut self, key: KeyHash, answer: &Answer) -> Result<()> {
        let by_key = idempotency::table.filter(idempotency::key_hash.eq(key.as_bytes().as_slice()));
        let update = diesel::update(by_key).set((
            idempotency::status.eq(i64::from(answer.status)),
            idempotency::location.eq(answer.location.as_deref()),
            idempotency::etag.eq(answer.etag.as_deref()),
            idempotency::body.eq(answer.body.as_str()),
        ));
        let kept = self.execute(Table::Idempotency, update)?;
        expect_row((kept > 0).then_some(()))
    }

    fn forget_answer(&mut self, key: KeyHash, before: Timestamp) -> Result<()> {
        let old = idempotency::table
            .filter(idempotency::key_hash.eq(key.as_bytes().as_slice()))
            .filter(idempotency::created_at.lt(DbTime::of(before)));
        self.execute(Table::Idempotency, diesel::delete(old)).map(drop)
    }

    fn forget_answers(&mut self, before: Timestamp, most: u16) -> Result<()> {
        let is_old = idempotency::created_at.lt(DbTime::of(before));
        let select = idempotency::table
            .filter(is_old)
            .select(idempotency::key_hash)
            .order(idempotency::created_at)
            .limit(i64::from(most));
        let old: Vec<Vec<u8>> = self.load(Table::Idempotency, select)?;
        if old.is_empty() {
            return Ok(());
        }
        // Asked again, because a key may have been taken anew meanwhile.
        let delete =
            diesel::delete(idempotency::table.filter(idempotency::key_hash.eq_any(old)).filter(is_old));
        self.execute(Table::Idempotency, delete).map(drop)
    }

    fn delete_answers_of(&mut self, subject: Subject) -> Result<()> {
        let all = idempotency::table;
        let deleted = match subject {
            Subject::User(id) => {
                let own = diesel::delete(all.filter(idempotency::user_id.eq(DbId::of(id))));
                self.execute(Table::Idempotency, own)
            }
            Subject::Account(id) => {
                let own = diesel::delete(all.filter(idempotency::account_id.eq(DbId::of(id))));
                self.execute(Table::Idempotency, own)
            }
        };
        deleted.map(drop)
    }
}
