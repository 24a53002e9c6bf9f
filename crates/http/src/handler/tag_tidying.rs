//! `/tag`, many at once: merging tags, and removing those that nobody uses.

use actix_web::web::Data;
use actix_web::{delete, post};
use taglink_domain::model::{IdRef, Tag};
use taglink_domain::use_case::editing::EditError;
use taglink_domain::use_case::merging::{self, MergeError, MergeTags};
use taglink_domain::use_case::tags;

use super::tag::not_found;
use super::{Removed, Reply, Versioned};
use crate::dto::{DeleteUnusedTags, MergeTagsDto, TagDto};
use crate::error::{ApiError, Problem};
use crate::extract::needs::WriteData;
use crate::extract::{Auth, IdempotentJson, IfMatch, Query, WithId};
use crate::openapi::{
    Authenticated, IdempotencyKeyHeader, IfMatchHeader, WithIfMatch, WithJsonBody, problem,
};
use crate::state::AppState;

/// Merge tags into this one
///
/// Every link that carries one of the others gets this tag, and the others are removed: all of it, or nothing.
#[utoipa::path(
    tag = "tag", path = "/tag/{tag_id}/merge", request_body = MergeTagsDto,
    security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    params(("tag_id" = String, Path, description = "The id of the tag that stays"), IfMatchHeader, IdempotencyKeyHeader),
    responses(
        (status = 200, description = "The tag with the number of its links, as with `include=count`", body = TagDto,
            headers(("ETag" = String, description = "Its version, the number of its links included"),
                ("Idempotency-Replayed" = Option<String>, description = "`true`: the answer to an earlier request with this key"))),
        Authenticated, WithJsonBody, WithIfMatch,
        (status = 404, description = "There is no such tag", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "tag_not_found", "Tag with tag_id blah not found"))),
        (status = 422, description = "The body is not valid, its account has no such tag, or the tag is among the others",
            body = Problem, content_type = "application/problem+json",
            example = json!(problem(422, "tag_not_found", "Tag with tag_id blah not found"))),
    ),
)]
#[post("/tag/{tag_id}/merge")]
pub async fn merge_tags(
    Auth(principal, input, _): Auth<WriteData, WithId<(IfMatch, IdempotentJson<MergeTagsDto>)>>,
    state: Data<AppState>,
) -> Result<Reply, ApiError> {
    let (id, (if_match, IdempotentJson(key, body))) = input;
    let id = IdRef::new(id.into_inner());
    let command = MergeTags {
        scope: principal.account_scope(),
        target: id.clone(),
        sources: body.into_sources()?,
        expected: if_match.version(),
        at: state.now(),
    };
    let told = |error| match error {
        MergeError::Target(EditError::NotFound) => not_found(&id),
        other => other.into(),
    };
    merging::prepare(state.store.as_ref(), &command).await.map_err(told)?;
    let merged =
        state.write_once(&principal, &key, move |uow| merging::merge(uow, &command), with_count).await;
    merged.map_err(|error| error.map(told).into())
}

fn with_count((tag, count): (Tag, i64)) -> Versioned<TagDto> {
    Versioned { version: format!("{}.{count}", tag.version), object: TagDto::with_count(tag, count) }
}

/// Delete the tags that no link carries
///
/// `X-Total-Count` tells how many those were.
#[utoipa::path(
    tag = "tag", path = "/tag/", params(DeleteUnusedTags),
    security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "They are gone, if there were any", body = String, content_type = "application/json",
            headers(("X-Total-Count" = i64, description = "How many tags were removed")), example = json!("OK")),
        Authenticated,
        (status = 422, description = "Others than unused tags are meant", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "validation_failed", "unused must be true"))),
    ),
)]
#[delete("/tag")]
pub async fn delete_unused_tags(
    Auth(principal, Query(which), _): Auth<WriteData, Query<DeleteUnusedTags>>,
    state: Data<AppState>,
) -> Result<Removed, ApiError> {
    let Some(scope) = which.into_scope(&principal)? else { return Ok(Removed(0)) };
    Ok(Removed(state.store.write(move |uow| tags::delete_unused(uow, scope)).await?))
}
