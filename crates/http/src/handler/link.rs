//! `/link`

use actix_web::web::{self, Data, Path};
use actix_web::{delete, get, post};
use taglink_domain::model::{IdRef, LinkPosition, Page};
use taglink_domain::port::{TagSelector, UnitOfWork};
use taglink_domain::use_case::links;

use super::Created;
use crate::dto::{LinkDto, ListLinks, NewLinkDto, PageParams, Paged};
use crate::error::{ApiError, Problem};
use crate::extract::needs::{ReadData, WriteData};
use crate::extract::{Auth, Json, Query};
use crate::openapi::{Authenticated, WithJsonBody, problem};
use crate::state::AppState;

/// List links
///
/// All of them, or those that carry a tag, in the order in which they were stored.
#[utoipa::path(
    tag = "link", path = "/link/", params(ListLinks, PageParams), security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The links", body = Vec<LinkDto>,
            headers(("Link" = Option<String>, description = "`rel=\"next\"`: the next page, while there is one"))),
        Authenticated,
    ),
)]
#[get("/link")]
pub async fn list_links(
    Auth(principal, (Query(filter), Query(page)), _): Auth<ReadData, (Query<ListLinks>, Query<PageParams>)>,
    state: Data<AppState>,
) -> Result<Paged<LinkDto>, ApiError> {
    let list = filter.list();
    let wanted = page.request::<LinkPosition>(&list)?;
    let Some(realm) = filter.realm(&principal) else {
        return Ok(page.answer::<LinkPosition, _, _>(&list, Page::empty()));
    };
    let found = match filter.selectors() {
        None => state.store.read(move |uow| links::list(uow, realm, &wanted)).await?,
        Some(tags) if tags.is_empty() => Page::empty(),
        Some(tags) => {
            // One tag, known by its id, is one statement.
            let is_single = matches!(tags.as_slice(), [TagSelector::Id(_)]);
            let tagged = move |uow: &mut dyn UnitOfWork| links::list_tagged(uow, realm, &tags, &wanted);
            if is_single {
                state.store.read(tagged).await?
            } else {
                state.store.read_snapshot(tagged).await?
            }
        }
    };
    Ok(page.answer::<LinkPosition, _, _>(&list, found))
}

/// Store a link under a tag
///
/// Finds or creates the link, finds or creates the tag, and puts the tag on the link. A URL is stored once: sent
/// again, the answer is the link that is there.
#[utoipa::path(
    tag = "link", path = "/link/", request_body = NewLinkDto, security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The link", body = LinkDto,
            headers(("Location" = String, description = "Where the link is"))),
        Authenticated, WithJsonBody,
        (status = 404, description = "There is no tag with this id", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "tag_not_found", "Tag with tag_id blah not found"))),
        (status = 422, description = "The body is not valid", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "tag_missing", "One of tag_id or tag must be specified"))),
    ),
)]
#[post("/link")]
pub async fn create_link(
    Auth(principal, Json(body), _): Auth<WriteData, Json<NewLinkDto>>,
    state: Data<AppState>,
) -> Result<Created<LinkDto>, ApiError> {
    let command = body.into_command(&principal, state.now())?;
    let link = state.store.write(move |uow| links::create(uow, &command)).await?;
    Ok(Created { location: format!("/link/{}", link.id), object: link.into() })
}

/// Get a link
#[utoipa::path(
    tag = "link", path = "/link/{link_id}", security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    params(("link_id" = String, Path, description = "The id of the link")),
    responses(
        (status = 200, description = "The link", body = LinkDto),
        Authenticated,
        (status = 404, description = "There is no such link", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "link_not_found", "Link with link_id blah not found"))),
    ),
)]
#[get("/link/{link_id}")]
pub async fn get_link(
    Auth(principal, id, _): Auth<ReadData, Path<String>>,
    state: Data<AppState>,
) -> Result<web::Json<LinkDto>, ApiError> {
    let id = IdRef::new(id.into_inner());
    let (realm, wanted) = (principal.realm(), id.clone());
    let found = state.store.read(move |uow| links::find(uow, realm, &wanted)).await?;
    found.map(|link| web::Json(link.into())).ok_or_else(|| not_found(&id))
}

/// Delete a link
///
/// Takes its tags off and removes it; the tags themselves stay.
#[utoipa::path(
    tag = "link", path = "/link/{link_id}", security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    params(("link_id" = String, Path, description = "The id of the link")),
    responses(
        (status = 200, description = "It is gone", body = String, content_type = "application/json", example = json!("OK")),
        Authenticated,
        (status = 404, description = "There is no such link", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "link_not_found", "Link with link_id blah not found"))),
    ),
)]
#[delete("/link/{link_id}")]
pub async fn delete_link(
    Auth(principal, id, _): Auth<WriteData, Path<String>>,
    state: Data<AppState>,
) -> Result<web::Json<&'static str>, ApiError> {
    let id = IdRef::new(id.into_inner());
    let (realm, wanted) = (principal.realm(), id.clone());
    let deleted = state.store.write(move |uow| links::delete(uow, realm, &wanted)).await?;
    if deleted { Ok(web::Json("OK")) } else { Err(not_found(&id)) }
}

fn not_found<T>(id: &IdRef<T>) -> ApiError {
    ApiError::not_found("link_not_found", format!("Link with link_id {id} not found"))
}
