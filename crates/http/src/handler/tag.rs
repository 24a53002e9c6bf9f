//! `/tag`

use actix_web::web::{self, Data};
use actix_web::{delete, get, patch, post};
use taglink_domain::model::{IdRef, Page, Tag, TagPosition};
use taglink_domain::port::{RepositoryError, UnitOfWork};
use taglink_domain::use_case::editing::{self, EditError};
use taglink_domain::use_case::tags;

use super::{Created, Reply, Versioned};
use crate::dto::{IncludeInTags, ListTags, NewTagDto, PageParams, Paged, TagChangeDto, TagDto};
use crate::error::{ApiError, Problem};
use crate::extract::needs::{ReadData, WriteData};
use crate::extract::{Auth, IdempotentJson, IfMatch, Query, WithId};
use crate::openapi::{
    Authenticated, IdempotencyKeyHeader, IfMatchHeader, IfNoneMatchHeader, NotModified, WithIfMatch,
    WithJsonBody, problem,
};
use crate::state::AppState;

/// List tags
///
/// All of them, the one of a name, or that and all below it (`dev/*`), in the order in which they were stored.
#[utoipa::path(
    tag = "tag", path = "/tag/", params(ListTags, PageParams), security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The tags", body = Vec<TagDto>,
            headers(("Link" = Option<String>, description = "`rel=\"next\"`: the next page, while there is one"))),
        Authenticated,
    ),
)]
#[get("/tag")]
pub async fn list_tags(
    Auth(principal, (Query(filter), Query(page)), _): Auth<ReadData, (Query<ListTags>, Query<PageParams>)>,
    state: Data<AppState>,
) -> Result<Paged<TagDto>, ApiError> {
    let list = filter.list();
    let (with_count, wanted) = (filter.with_count()?, page.request::<TagPosition>(&list)?);
    let (Some(scope), Ok(pattern)) = (filter.account_scope(&principal), filter.pattern()) else {
        return Ok(page.answer::<TagPosition, _, _>(&list, Page::empty()));
    };
    let listed = move |uow: &mut dyn UnitOfWork| -> Result<_, RepositoryError> {
        let found = tags::list(uow, scope, pattern.as_ref(), &wanted)?;
        let counts = if with_count { Some(tags::count_links(uow, scope, &found.items)?) } else { None };
        Ok((found, counts))
    };
    let (found, counts) =
        if with_count { state.store.read_snapshot(listed).await? } else { state.store.read(listed).await? };
    let to_dto = |tag: Tag| match &counts {
        Some(counts) => {
            let count = counts.get(&tag.id).copied().unwrap_or_default();
            TagDto::with_count(tag, count)
        }
        None => tag.into(),
    };
    Ok(page.answer_with::<TagPosition, _, _>(&list, found, to_dto))
}

/// Create a tag
#[utoipa::path(
    tag = "tag", path = "/tag/", request_body = NewTagDto, params(IdempotencyKeyHeader), security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The tag", body = TagDto,
            headers(("Location" = String, description = "Where the tag is"),
                ("Idempotency-Replayed" = Option<String>, description = "`true`: the answer to an earlier request with this key"))),
        Authenticated, WithJsonBody,
        (status = 409, description = "There is a tag of this name", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(409, "tag_exists", "Tag with name example exists"))),
        (status = 422, description = "The body is not valid", body = Problem,
            content_type = "application/problem+json",
            examples(
                ("invalid" = (value = json!(problem(422, "validation_failed", "tag must be 1 to 255 characters long")))),
                ("key_reused" = (value = json!(problem(422, "idempotency_key_reused",
                    "The Idempotency-Key was used for another request")))),
            )),
    ),
)]
#[post("/tag")]
pub async fn create_tag(
    Auth(principal, IdempotentJson(key, body), _): Auth<WriteData, IdempotentJson<NewTagDto>>,
    state: Data<AppState>,
) -> Result<Reply, ApiError> {
    let command = body.into_command(&principal, state.now())?;
    let created = state.write_once(&principal, &key, move |uow| tags::create(uow, &command), created).await;
    Ok(created?)
}

/// Get a tag
///
/// Its `ETag` names its version: send it as `If-None-Match` to get it only if it has changed, and as `If-Match` to change
/// it only if nobody else has.
#[utoipa::path(
    tag = "tag", path = "/tag/{tag_id}", security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    params(("tag_id" = String, Path, description = "The id of the tag"), IncludeInTags, IfNoneMatchHeader),
    responses(
        (status = 200, description = "The tag", body = TagDto,
            headers(("ETag" = String, description = "Its version"))),
        Authenticated, NotModified,
        (status = 404, description = "There is no such tag", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "tag_not_found", "Tag with tag_id blah not found"))),
    ),
)]
#[get("/tag/{tag_id}")]
pub async fn get_tag(
    Auth(principal, input, _): Auth<ReadData, WithId<Query<IncludeInTags>>>,
    state: Data<AppState>,
) -> Result<Versioned<TagDto>, ApiError> {
    let (id, Query(include)) = input;
    let id = IdRef::new(id.into_inner());
    let (scope, wanted) = (principal.account_scope(), id.clone());
    if include.count()? {
        let counted = move |uow: &mut dyn UnitOfWork| -> Result<_, RepositoryError> {
            let Some(tag) = tags::find(uow, scope, &wanted)? else { return Ok(None) };
            let counts = tags::count_links(uow, scope, std::slice::from_ref(&tag))?;
            let count = counts.get(&tag.id).copied().unwrap_or_default();
            Ok(Some((tag, count)))
        };
        let (tag, count) = state.store.read_snapshot(counted).await?.ok_or_else(|| not_found(&id))?;
        let version = format!("{}.{count}", tag.version);
        return Ok(Versioned { version, object: TagDto::with_count(tag, count) });
    }
    let found = state.store.read(move |uow| tags::find(uow, scope, &wanted)).await?;
    found.map(plain).ok_or_else(|| not_found(&id))
}

/// Rename a tag
///
/// JSON merge patch (RFC 7396). The links that carry it carry the renamed tag.
#[utoipa::path(
    tag = "tag", path = "/tag/{tag_id}", security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    params(("tag_id" = String, Path, description = "The id of the tag"), IfMatchHeader, IdempotencyKeyHeader),
    request_body(
        content((TagChangeDto = "application/merge-patch+json"), (TagChangeDto = "application/json")),
    ),
    responses(
        (status = 200, description = "The tag as it is now", body = TagDto,
            headers(("ETag" = String, description = "Its version"),
                ("Idempotency-Replayed" = Option<String>, description = "`true`: the answer to an earlier request with this key"))),
        Authenticated, WithJsonBody, WithIfMatch,
        (status = 404, description = "There is no such tag", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "tag_not_found", "Tag with tag_id blah not found"))),
        (status = 409, description = "There is another tag of this name", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(409, "tag_exists", "Tag with name example exists"))),
        (status = 422, description = "The body is not valid", body = Problem,
            content_type = "application/problem+json",
            examples(
                ("invalid" = (value = json!(problem(422, "validation_failed", "tag must be 1 to 255 characters long")))),
                ("key_reused" = (value = json!(problem(422, "idempotency_key_reused",
                    "The Idempotency-Key was used for another request")))),
            )),
    ),
)]
#[patch("/tag/{tag_id}")]
pub async fn rename_tag(
    Auth(principal, input, _): Auth<WriteData, WithId<(IfMatch, IdempotentJson<TagChangeDto>)>>,
    state: Data<AppState>,
) -> Result<Reply, ApiError> {
    let (id, (if_match, IdempotentJson(key, body))) = input;
    let id = IdRef::new(id.into_inner());
    let (scope, wanted, at) = (principal.account_scope(), id.clone(), state.now());
    let (name, expected) = (body.into_name()?, if_match.version());
    let use_case =
        move |uow: &mut dyn UnitOfWork| editing::rename_tag(uow, scope, &wanted, &name, &expected, at);
    let renamed = state.write_once(&principal, &key, use_case, plain).await;
    let edit_error = |error| match error {
        EditError::NotFound => not_found(&id),
        other => other.into(),
    };
    renamed.map_err(|error| error.map(edit_error).into())
}

/// Delete a tag
///
/// Takes it off its links and removes it; the links themselves stay.
#[utoipa::path(
    tag = "tag", path = "/tag/{tag_id}", security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    params(("tag_id" = String, Path, description = "The id of the tag"), IfMatchHeader),
    responses(
        (status = 200, description = "It is gone", body = String, content_type = "application/json", example = json!("OK")),
        Authenticated, WithIfMatch,
        (status = 404, description = "There is no such tag", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "tag_not_found", "Tag with tag_id blah not found"))),
    ),
)]
#[delete("/tag/{tag_id}")]
pub async fn delete_tag(
    Auth(principal, input, _): Auth<WriteData, WithId<IfMatch>>,
    state: Data<AppState>,
) -> Result<web::Json<&'static str>, ApiError> {
    let (id, if_match) = input;
    let id = IdRef::new(id.into_inner());
    let (scope, wanted, expected) = (principal.account_scope(), id.clone(), if_match.version());
    let deleted = editing::delete_tag_in_parts(state.store.as_ref(), scope, wanted, expected).await?;
    if deleted { Ok(web::Json("OK")) } else { Err(not_found(&id)) }
}

pub(super) fn created(tag: Tag) -> Created<TagDto> {
    Created { location: format!("/tag/{}", tag.id), object: tag.into() }
}

pub(super) fn plain(tag: Tag) -> Versioned<TagDto> {
    Versioned { version: tag.version.to_string(), object: tag.into() }
}

pub(super) fn not_found<T>(id: &IdRef<T>) -> ApiError {
    ApiError::not_found("tag_not_found", format!("Tag with tag_id {id} not found"))
}
