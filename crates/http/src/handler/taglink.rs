//! `/taglink`

use actix_web::web::{self, Data};
use actix_web::{delete, get, post};
use taglink_domain::model::{AccountScope, Page, TagLink, TagLinkPosition};
use taglink_domain::port::UnitOfWork;
use taglink_domain::use_case::taglinks;

use super::{Created, Reply};
use crate::dto::{DeleteTagLinks, ListTagLinks, NewTagLinkDto, PageParams, Paged, TagLinkDto};
use crate::error::{ApiError, Problem};
use crate::extract::needs::{ReadData, WriteData};
use crate::extract::{Auth, IdempotentJson, Query};
use crate::openapi::{Authenticated, IdempotencyKeyHeader, WithJsonBody, problem};
use crate::state::AppState;

/// List taglinks
///
/// All of them, or those that agree with every filter given, in the order in which they were stored.
#[utoipa::path(
    tag = "taglink", path = "/taglink/", params(ListTagLinks, PageParams), security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The taglinks", body = Vec<TagLinkDto>,
            headers(("Link" = Option<String>, description = "`rel=\"next\"`: the next page, while there is one"))),
        Authenticated,
    ),
)]
#[get("/taglink")]
pub async fn list_taglinks(
    Auth(principal, (Query(filter), Query(page)), _): Auth<
        ReadData,
        (Query<ListTagLinks>, Query<PageParams>),
    >,
    state: Data<AppState>,
) -> Result<Paged<TagLinkDto>, ApiError> {
    let list = filter.list();
    let wanted = page.request::<TagLinkPosition>(&list)?;
    let Some(scope) = filter.account_scope(&principal) else {
        return Ok(page.answer::<TagLinkPosition, _, _>(&list, Page::empty()));
    };
    let query = filter.query();
    let listed = move |uow: &mut dyn UnitOfWork| taglinks::list(uow, scope, &query, &wanted);
    let found = match scope {
        AccountScope::One(_) => state.store.read(listed).await?,
        // Looks for the tag or the link first.
        AccountScope::All => state.store.read_snapshot(listed).await?,
    };
    Ok(page.answer::<TagLinkPosition, _, _>(&list, found))
}

/// Put a tag on a link
#[utoipa::path(
    tag = "taglink", path = "/taglink/", request_body = NewTagLinkDto, params(IdempotencyKeyHeader), security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The taglink", body = TagLinkDto,
            headers(("Location" = String, description = "Where the taglink is"),
                ("Idempotency-Replayed" = Option<String>, description = "`true`: the answer to an earlier request with this key"))),
        Authenticated, WithJsonBody,
        (status = 409, description = "The link carries the tag already", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(409, "taglink_exists", "TagLink with tag_id a and link_id b exists"))),
        (status = 422, description = "The body is not valid, or there is no such tag or link", body = Problem,
            content_type = "application/problem+json",
            examples(
                ("invalid" = (value = json!(problem(422, "tag_not_found", "Tag with tag_id blah not found")))),
                ("key_reused" = (value = json!(problem(422, "idempotency_key_reused",
                    "The Idempotency-Key was used for another request")))),
            )),
    ),
)]
#[post("/taglink")]
pub async fn create_taglink(
    Auth(principal, IdempotentJson(key, body), _): Auth<WriteData, IdempotentJson<NewTagLinkDto>>,
    state: Data<AppState>,
) -> Result<Reply, ApiError> {
    let command = body.into_command(&principal, state.now())?;
    let created =
        state.write_once(&principal, &key, move |uow| taglinks::create(uow, &command), created).await;
    Ok(created?)
}

pub(super) fn created(taglink: TagLink) -> Created<TagLinkDto> {
    let location = format!("/taglink/?tag_id={}&link_id={}", taglink.tag_id, taglink.link_id);
    Created { location, object: taglink.into() }
}

/// Take tags off links
///
/// Removes every taglink that agrees with the filters, if any does. At least one filter must be given.
#[utoipa::path(
    tag = "taglink", path = "/taglink/", params(DeleteTagLinks), security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "They are gone, if there were any", body = String, content_type = "application/json", example = json!("OK")),
        Authenticated,
        (status = 422, description = "There is no filter", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "filter_missing", "One or both of tag_id or link_id must be specified"))),
    ),
)]
#[delete("/taglink")]
pub async fn delete_taglinks(
    Auth(principal, Query(filter), _): Auth<WriteData, Query<DeleteTagLinks>>,
    state: Data<AppState>,
) -> Result<web::Json<&'static str>, ApiError> {
    let (scope, query) = (principal.account_scope(), filter.into_query()?);
    taglinks::delete_in_parts(state.store.as_ref(), scope, query).await?;
    Ok(web::Json("OK"))
}
