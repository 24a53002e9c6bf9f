//! `/link`

use actix_web::web::{self, Data};
use actix_web::{delete, get, patch, post, put};
use taglink_domain::model::{IdRef, Link, Tag};
use taglink_domain::port::UnitOfWork;
use taglink_domain::use_case::editing::{self, EditError};
use taglink_domain::use_case::link_tags::{self, SetTagsError};
use taglink_domain::use_case::links;

use super::{Created, Reply, Versioned};
use crate::dto::{
    IncludeInLinks, LinkChangeDto, LinkDto, LinkTagsDto, ListLinks, NewLinkDto, OnConflictParam, PageParams,
    Paged, SearchParams,
};
use crate::error::{ApiError, Problem};
use crate::extract::needs::{ReadData, WriteData};
use crate::extract::{Auth, IdempotentJson, IfMatch, Json, Query, WithId};
use crate::openapi::{
    Authenticated, IdempotencyKeyHeader, IfMatchHeader, IfNoneMatchHeader, NotModified, WithIfMatch,
    WithJsonBody, problem,
};
use crate::state::AppState;

/// What a list of links is asked for with.
type Listing = (Query<ListLinks>, Query<SearchParams>, Query<PageParams>);

/// List links
///
/// All of them, or those that carry a tag or match a query, in the order in which they were stored or another.
#[utoipa::path(
    tag = "link", path = "/link/", params(ListLinks, SearchParams, PageParams), security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The links", body = Vec<LinkDto>,
            headers(
                ("Link" = Option<String>, description = "`rel=\"next\"`: the next page, while there is one; `rel=\"facets\"`: the tags of all links that match, with `facets=tags`"),
                ("X-Total-Count" = Option<u64>, description = "How many links all pages have, with `total=true`"),
            )),
        Authenticated,
        (status = 422, description = "The query is not valid", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "validation_failed", "q is not valid at character 7: the quote is not closed"))),
    ),
)]
#[get("/link")]
pub async fn list_links(
    Auth(principal, (Query(filter), Query(search), Query(page)), _): Auth<ReadData, Listing>,
    state: Data<AppState>,
) -> Result<Paged<LinkDto>, ApiError> {
    let (list, with_tags, wanted) = (search.list(&filter), filter.with_tags()?, search.request(&filter)?);
    super::search::list_found(filter.account_scope(&principal), with_tags, &list, wanted, &page, &state).await
}

/// Store a link under a tag
///
/// Finds or creates the link, finds or creates the tag, and puts the tag on the link. A URL is stored once: sent
/// again, the answer is the link that is there, or with `on_conflict=error` 409.
#[utoipa::path(
    tag = "link", path = "/link/", request_body = NewLinkDto, params(OnConflictParam, IdempotencyKeyHeader), security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The link", body = LinkDto,
            headers(("Location" = String, description = "Where the link is"),
                ("Idempotency-Replayed" = Option<String>, description = "`true`: the answer to an earlier request with this key"))),
        Authenticated, WithJsonBody,
        (status = 404, description = "There is no tag with this id", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "tag_not_found", "Tag with tag_id blah not found"))),
        (status = 409, description = "The URL is stored already (`on_conflict=error`)", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(409, "link_exists", "Link with link https://www.example.com exists"))),
        (status = 422, description = "The body or the query is not valid", body = Problem,
            content_type = "application/problem+json",
            examples(
                ("invalid" = (value = json!(problem(422, "tag_missing", "One of tag_id or tag must be specified")))),
                ("key_reused" = (value = json!(problem(422, "idempotency_key_reused",
                    "The Idempotency-Key was used for another request")))),
            )),
    ),
)]
#[post("/link")]
pub async fn create_link(
    Auth(principal, (Query(conflict), IdempotentJson(key, body)), _): Auth<
        WriteData,
        (Query<OnConflictParam>, IdempotentJson<NewLinkDto>),
    >,
    state: Data<AppState>,
) -> Result<Reply, ApiError> {
    let must_be_new = conflict.is_error()?;
    let command = body.into_command(&principal, &state.url_identity, state.now())?;
    let create = if must_be_new { links::create_new } else { links::create };
    let use_case = move |uow: &mut dyn UnitOfWork| create(uow, &command);
    Ok(state.write_once(&principal, &key, use_case, created).await?)
}

/// Get a link
///
/// Its `ETag` names its version: send it as `If-None-Match` to get it only if it has changed, and as `If-Match` to change
/// it only if nobody else has.
#[utoipa::path(
    tag = "link", path = "/link/{link_id}", security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    params(("link_id" = String, Path, description = "The id of the link"), IncludeInLinks, IfNoneMatchHeader),
    responses(
        (status = 200, description = "The link", body = LinkDto,
            headers(("ETag" = String, description = "Its version"))),
        Authenticated, NotModified,
        (status = 404, description = "There is no such link", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "link_not_found", "Link with link_id blah not found"))),
    ),
)]
#[get("/link/{link_id}")]
pub async fn get_link(
    Auth(principal, input, _): Auth<ReadData, WithId<Query<IncludeInLinks>>>,
    state: Data<AppState>,
) -> Result<Versioned<LinkDto>, ApiError> {
    let (id, Query(include)) = input;
    let id = IdRef::new(id.into_inner());
    let (scope, wanted) = (principal.account_scope(), id.clone());
    if include.tags()? {
        let found = state.store.read_snapshot(move |uow| link_tags::find(uow, scope, &wanted)).await?;
        let (link, tags) = found.ok_or_else(|| not_found(&id))?;
        return Ok(with_tags(link, tags));
    }
    let found = state.store.read(move |uow| links::find(uow, scope, &wanted)).await?;
    found.map(plain).ok_or_else(|| not_found(&id))
}

/// Change a link
///
/// Its URL, its title or its notes; JSON merge patch (RFC 7396).
#[utoipa::path(
    tag = "link", path = "/link/{link_id}", security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    params(("link_id" = String, Path, description = "The id of the link"), IfMatchHeader, IdempotencyKeyHeader),
    request_body(
        content((LinkChangeDto = "application/merge-patch+json"), (LinkChangeDto = "application/json")),
    ),
    responses(
        (status = 200, description = "The link as it is now", body = LinkDto,
            headers(("ETag" = String, description = "Its version"),
                ("Idempotency-Replayed" = Option<String>, description = "`true`: the answer to an earlier request with this key"))),
        Authenticated, WithJsonBody, WithIfMatch,
        (status = 404, description = "There is no such link", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "link_not_found", "Link with link_id blah not found"))),
        (status = 409, description = "There is another link with this URL", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(409, "link_exists", "Link with link https://www.example.com exists"))),
        (status = 422, description = "The body is not valid", body = Problem,
            content_type = "application/problem+json",
            examples(
                ("invalid" = (value = json!(problem(422, "validation_failed", "link must be 1 to 8192 bytes long")))),
                ("key_reused" = (value = json!(problem(422, "idempotency_key_reused",
                    "The Idempotency-Key was used for another request")))),
            )),
    ),
)]
#[patch("/link/{link_id}")]
pub async fn change_link(
    Auth(principal, input, _): Auth<WriteData, WithId<(IfMatch, IdempotentJson<LinkChangeDto>)>>,
    state: Data<AppState>,
) -> Result<Reply, ApiError> {
    let (id, (if_match, IdempotentJson(key, body))) = input;
    let id = IdRef::new(id.into_inner());
    let (scope, wanted, at) = (principal.account_scope(), id.clone(), state.now());
    let (change, expected) = (body.into_change(&state.url_identity)?, if_match.version());
    let use_case =
        move |uow: &mut dyn UnitOfWork| editing::change_link(uow, scope, &wanted, &change, &expected, at);
    let changed = state.write_once(&principal, &key, use_case, plain).await;
    changed.map_err(|error| error.map(|error| edit_error(error, &id)).into())
}

/// Set the tags of a link
///
/// These and no others, by name or by id. `If-Match` takes the `ETag` of the link with `include=tags`.
#[utoipa::path(
    tag = "link", path = "/link/{link_id}/tags", request_body = LinkTagsDto,
    security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    params(("link_id" = String, Path, description = "The id of the link"), IfMatchHeader),
    responses(
        (status = 200, description = "The link with its tags as they are now", body = LinkDto,
            headers(("ETag" = String, description = "Its version, that of its tags included"))),
        Authenticated, WithJsonBody, WithIfMatch,
        (status = 404, description = "There is no such link", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "link_not_found", "Link with link_id blah not found"))),
        (status = 422, description = "The body is not valid, or there is no such tag", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "tag_not_found", "Tag with tag_id blah not found"))),
    ),
)]
#[put("/link/{link_id}/tags")]
pub async fn set_link_tags(
    Auth(principal, input, _): Auth<WriteData, WithId<(IfMatch, Json<LinkTagsDto>)>>,
    state: Data<AppState>,
) -> Result<Versioned<LinkDto>, ApiError> {
    let (id, (if_match, Json(body))) = input;
    let id = IdRef::new(id.into_inner());
    let (scope, wanted, at) = (principal.account_scope(), id.clone(), state.now());
    let (choices, expected) = (body.into_choices()?, if_match.included());
    let set =
        state.store.write(move |uow| link_tags::set(uow, scope, &wanted, &choices, &expected, at)).await;
    let (link, tags) = set.map_err(|error| match error {
        SetTagsError::Edit(error) => edit_error(error, &id),
        other @ SetTagsError::TagNotFound(_) => other.into(),
    })?;
    Ok(with_tags(link, tags))
}

/// Delete a link
///
/// Takes its tags off and removes it; the tags themselves stay.
#[utoipa::path(
    tag = "link", path = "/link/{link_id}", security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    params(("link_id" = String, Path, description = "The id of the link"), IfMatchHeader),
    responses(
        (status = 200, description = "It is gone", body = String, content_type = "application/json", example = json!("OK")),
        Authenticated, WithIfMatch,
        (status = 404, description = "There is no such link", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "link_not_found", "Link with link_id blah not found"))),
    ),
)]
#[delete("/link/{link_id}")]
pub async fn delete_link(
    Auth(principal, input, _): Auth<WriteData, WithId<IfMatch>>,
    state: Data<AppState>,
) -> Result<web::Json<&'static str>, ApiError> {
    let (id, if_match) = input;
    let id = IdRef::new(id.into_inner());
    let (scope, wanted, expected) = (principal.account_scope(), id.clone(), if_match.version());
    let deleted = state.store.write(move |uow| editing::delete_link(uow, scope, &wanted, &expected)).await?;
    if deleted { Ok(web::Json("OK")) } else { Err(not_found(&id)) }
}

pub(super) fn created(link: Link) -> Created<LinkDto> {
    Created { location: format!("/link/{}", link.id), object: link.into() }
}

pub(super) fn plain(link: Link) -> Versioned<LinkDto> {
    Versioned { version: link.version.to_string(), object: link.into() }
}

pub(super) fn with_tags(link: Link, tags: Vec<Tag>) -> Versioned<LinkDto> {
    let version = format!("{}.{}", link.version, link_tags::version(&tags));
    Versioned { version, object: LinkDto::with_tags(link, tags) }
}

fn edit_error<T>(error: EditError, id: &IdRef<T>) -> ApiError {
    match error {
        EditError::NotFound => not_found(id),
        other => other.into(),
    }
}

fn not_found<T>(id: &IdRef<T>) -> ApiError {
    ApiError::not_found("link_not_found", format!("Link with link_id {id} not found"))
}
