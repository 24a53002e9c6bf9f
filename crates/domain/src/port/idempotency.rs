//! Storage of answers that are kept for requests with an idempotency key.

use super::Result;
use crate::model::{Answer, KeptAnswer, KeyHash, KeyedRequest, Subject, Timestamp};

/// Answers that are kept, each by its key. Every method fails with the [`super::RepositoryError`] of the storage.
#[expect(clippy::missing_errors_doc, reason = "told once, on the trait")]
pub trait IdempotencyRepository {
    /// What was answered to the request with this key.
    fn kept_answer(&mut self, key: KeyHash) -> Result<Option<KeptAnswer>>;

    /// Takes the key for this request, whose answer is kept later in the same transaction. Waits for another
    /// transaction that has taken it; one that is taken is a conflict with
    /// [`Constraint::PrimaryKey(Table::Idempotency)`](super::Constraint::PrimaryKey).
    fn take_key(&mut self, request: &KeyedRequest) -> Result<()>;

    /// Keeps the answer to the request that has taken this key.
    fn keep_answer(&mut self, key: KeyHash, answer: &Answer) -> Result<()>;

    /// Forgets the answer with this key, if it was given before then.
    fn forget_answer(&mut self, key: KeyHash, before: Timestamp) -> Result<()>;

    /// Forgets up to `most` answers that were given before then.
    fn forget_answers(&mut self, before: Timestamp, most: u16) -> Result<()>;

    /// Forgets all answers of the subject.
    fn delete_answers_of(&mut self, subject: Subject) -> Result<()>;
}
