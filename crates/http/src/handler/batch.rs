//! `/batch`

use std::sync::Arc;

use actix_web::post;
use actix_web::web::Data;
use taglink_domain::model::Answer;
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::batch::{self, BatchError, Done, Mode, OperationError, Outcome};
use taglink_domain::use_case::idempotency::{Given, OnceError};

use super::answer::Plain;
use super::{IntoAnswer, Reply, link, tag, taglink};
use crate::dto::{BatchAnswerDto, BatchDto, Plan};
use crate::error::{ApiError, Problem};
use crate::extract::needs::WriteData;
use crate::extract::{Auth, IdempotentJson, RequestName};
use crate::openapi::{Authenticated, IdempotencyKeyHeader, WithJsonBody, problem};
use crate::state::AppState;

/// The largest body, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Do many operations at once
///
/// Creates, changes and removes links, tags and taglinks in one transaction, in the order given. Each operation is told
/// by itself, with the status and the body that its single route would have answered; one that is not valid too.
#[utoipa::path(
    tag = "batch", path = "/batch/", request_body = BatchDto, params(IdempotencyKeyHeader),
    security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "What came of each operation", body = BatchAnswerDto,
            headers(("Idempotency-Replayed" = Option<String>, description = "`true`: the answer to an earlier request with this key"))),
        Authenticated, WithJsonBody,
        (status = 413, description = "The body is too large", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(413, "body_too_large", "The body must not be larger than 4194304 bytes"))),
        (status = 422, description = "The body as a whole is not valid", body = Problem,
            content_type = "application/problem+json",
            examples(
                ("invalid" = (value = json!(problem(422, "validation_failed", "operations: there are more than 1000")))),
                ("key_reused" = (value = json!(problem(422, "idempotency_key_reused",
                    "The Idempotency-Key was used for another request")))),
            )),
    ),
)]
#[post("/batch")]
pub async fn run_batch(
    Auth(principal, input, _): Auth<WriteData, (RequestName, IdempotentJson<BatchDto, MAX_BYTES>)>,
    state: Data<AppState>,
) -> Result<Reply, ApiError> {
    let (RequestName(id), IdempotentJson(key, body)) = input;
    let (batch, plan) = body.into_batch(&principal, &state.url_identity, state.now())?;
    let told = Arc::new(Told { plan, id });
    let is_hopeless = told.plan.has_invalid() && (batch.mode == Mode::Atomic || batch.operations.is_empty());
    if is_hopeless {
        return told.nothing_stored(Vec::new());
    }
    let stored = Arc::clone(&told);
    let use_case = move |uow: &mut dyn taglink_domain::port::UnitOfWork| batch::run(uow, &batch);
    match state.write_once(&principal, &key, use_case, move |outcomes| stored.answer(true, outcomes)).await {
        Ok(reply) => Ok(reply),
        Err(OnceError::UseCase(BatchError::Undone(outcomes))) => told.nothing_stored(outcomes),
        Err(OnceError::UseCase(BatchError::Repository(error))) => Err(error.into()),
        Err(OnceError::Refused(refused)) => Err(refused.into()),
    }
}

/// What tells a client of its batch.
struct Told {
    plan: Plan,
    /// The id of its request.
    id: String,
}

impl Told {
    fn answer(&self, committed: bool, outcomes: Vec<Outcome>) -> Plain<BatchAnswerDto> {
        let outcomes = outcomes.into_iter().map(|outcome| outcome.map(result)).collect();
        Plain(self.plan.answer(committed, outcomes, &self.id))
    }

    fn nothing_stored(&self, outcomes: Vec<Outcome>) -> Result<Reply, ApiError> {
        let answer = self.answer(false, outcomes).into_answer()?;
        Ok(Given { answer, is_replayed: false }.into())
    }
}

/// What the single route would have answered.
fn result(outcome: Result<Done, OperationError>) -> Result<Answer, ApiError> {
    Ok(written(outcome?)?)
}

fn written(done: Done) -> Result<Answer, RepositoryError> {
    match done {
        Done::LinkCreated(link) => link::created(link).into_answer(),
        Done::LinkChanged(link) => link::plain(link).into_answer(),
        Done::LinkTagsSet(link, tags) => link::with_tags(link, tags).into_answer(),
        Done::TagCreated(tag) => tag::created(tag).into_answer(),
        Done::TagRenamed(tag) => tag::plain(tag).into_answer(),
        Done::TagLinkCreated(taglink) => taglink::created(taglink).into_answer(),
        Done::Deleted => Plain("OK").into_answer(),
    }
}
