//! Doing a request once, however often it is sent.

use chrono::TimeDelta;
use thiserror::Error;

use crate::model::{Answer, KeyedRequest};
use crate::port::{Constraint, RepositoryError, Table, UnitOfWork, UseCaseError};

/// For how long a request that is sent again gets its first answer.
const LIFETIME: TimeDelta = TimeDelta::hours(24);

/// One request in so many clears away what has expired: if all did, all would wait for the same rows.
const CLEARING: u8 = 16;

/// How much is cleared away at a time.
const CLEARED: u16 = 100;

/// The longest answer that is kept, in bytes: a server may refuse more than 16 MiB in one statement.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// Why a request with a key was not done.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RefusedKey {
    #[error("The Idempotency-Key was used for another request")]
    Reused,
    #[error("The answer is too large to be kept for an Idempotency-Key: ask for less at once")]
    AnswerTooLarge,
    /// The subject was removed while its request was on its way.
    #[error("the subject is gone")]
    SubjectGone,
}

/// Why a request that is to be done once failed.
#[derive(Debug)]
pub enum OnceError<E> {
    Refused(RefusedKey),
    UseCase(E),
}

impl<E> OnceError<E> {
    /// The same, with the failure of the work told otherwise.
    pub fn map<F>(self, tell: impl FnOnce(E) -> F) -> OnceError<F> {
        match self {
            Self::Refused(refused) => OnceError::Refused(refused),
            Self::UseCase(error) => OnceError::UseCase(tell(error)),
        }
    }
}

impl<E: From<RepositoryError>> From<RepositoryError> for OnceError<E> {
    fn from(error: RepositoryError) -> Self {
        Self::UseCase(error.into())
    }
}

impl<E: UseCaseError> UseCaseError for OnceError<E> {
    fn repository(&self) -> Option<&RepositoryError> {
        match self {
            Self::Refused(_) => None,
            Self::UseCase(error) => error.repository(),
        }
    }
}

/// An answer, and whether it was given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub answer: Answer,
    pub is_replayed: bool,
}

/// Does the work and keeps its answer, in the same transaction; or gives the answer that was kept. A failure keeps
/// nothing, so the request can be tried again.
///
/// The key is taken before the work begins. So of two requests at once the second waits here for the first, is run again
/// when that has committed, and finds the answer.
///
/// # Errors
/// Those of the work; if the key was used for another request.
pub fn once<E: UseCaseError>(
    uow: &mut dyn UnitOfWork,
    request: &KeyedRequest,
    work: impl FnOnce(&mut dyn UnitOfWork) -> Result<Answer, E>,
) -> Result<Given, OnceError<E>> {
    let expired = request.at.plus(-LIFETIME);
    if let Some(kept) = uow.kept_answer(request.key)? {
        if kept.created_at >= expired {
            return if kept.request == request.request {
                Ok(Given { answer: kept.answer, is_replayed: true })
            } else {
                Err(OnceError::Refused(RefusedKey::Reused))
            };
        }
        uow.forget_answer(request.key, expired)?;
    }
    if request.key.as_bytes().last().is_some_and(|byte| byte % CLEARING == 0) {
        uow.forget_answers(expired, CLEARED)?;
    }
    uow.take_key(request).map_err(|error| match error {
        RepositoryError::Conflict(Constraint::PrimaryKey(Table::Idempotency)) => {
            RepositoryError::Busy("the same key was used at the same time".into()).into()
        }
        RepositoryError::MissingReference(_) => OnceError::Refused(RefusedKey::SubjectGone),
        other => other.into(),
    })?;
    let answer = work(uow).map_err(OnceError::UseCase)?;
    if answer.body.len() > MAX_BODY {
        return Err(OnceError::Refused(RefusedKey::AnswerTooLarge));
    }
    uow.keep_answer(request.key, &answer)?;
    Ok(Given { answer, is_replayed: false })
}
