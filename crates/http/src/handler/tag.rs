//! `/tag`

use actix_web::web::{self, Data, Path};
use actix_web::{delete, get, post};
use taglink_domain::model::{IdRef, Page, TagPosition};
use taglink_domain::use_case::tags;

use super::Created;
use crate::dto::{ListTags, NewTagDto, PageParams, Paged, TagDto};
use crate::error::{ApiError, Problem};
use crate::extract::needs::{ReadData, WriteData};
use crate::extract::{Auth, Json, Query};
use crate::openapi::{Authenticated, WithJsonBody, problem};
use crate::state::AppState;

/// List tags
///
/// All of them, or the one of a name, in the order in which they were stored.
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
    let wanted = page.request::<TagPosition>(&list)?;
    let (Some(realm), Ok(name)) = (filter.realm(&principal), filter.name()) else {
        return Ok(page.answer::<TagPosition, _, _>(&list, Page::empty()));
    };
    let found = state.store.read(move |uow| tags::list(uow, realm, name.as_ref(), &wanted)).await?;
    Ok(page.answer::<TagPosition, _, _>(&list, found))
}

/// Create a tag
#[utoipa::path(
    tag = "tag", path = "/tag/", request_body = NewTagDto, security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The tag", body = TagDto,
            headers(("Location" = String, description = "Where the tag is"))),
        Authenticated, WithJsonBody,
        (status = 409, description = "There is a tag of this name", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(409, "tag_exists", "Tag with name example exists"))),
        (status = 422, description = "The body is not valid", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "validation_failed", "tag must be 1 to 255 characters long"))),
    ),
)]
#[post("/tag")]
pub async fn create_tag(
    Auth(principal, Json(body), _): Auth<WriteData, Json<NewTagDto>>,
    state: Data<AppState>,
) -> Result<Created<TagDto>, ApiError> {
    let command = body.into_command(&principal, state.now())?;
    let tag = state.store.write(move |uow| tags::create(uow, &command)).await?;
    Ok(Created { location: format!("/tag/{}", tag.id), object: tag.into() })
}

/// Get a tag
#[utoipa::path(
    tag = "tag", path = "/tag/{tag_id}", security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    params(("tag_id" = String, Path, description = "The id of the tag")),
    responses(
        (status = 200, description = "The tag", body = TagDto),
        Authenticated,
        (status = 404, description = "There is no such tag", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "tag_not_found", "Tag with tag_id blah not found"))),
    ),
)]
#[get("/tag/{tag_id}")]
pub async fn get_tag(
    Auth(principal, id, _): Auth<ReadData, Path<String>>,
    state: Data<AppState>,
) -> Result<web::Json<TagDto>, ApiError> {
    let id = IdRef::new(id.into_inner());
    let (realm, wanted) = (principal.realm(), id.clone());
    let found = state.store.read(move |uow| tags::find(uow, realm, &wanted)).await?;
    found.map(|tag| web::Json(tag.into())).ok_or_else(|| not_found(&id))
}

/// Delete a tag
///
/// Takes it off its links and removes it; the links themselves stay.
#[utoipa::path(
    tag = "tag", path = "/tag/{tag_id}", security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    params(("tag_id" = String, Path, description = "The id of the tag")),
    responses(
        (status = 200, description = "It is gone", body = String, content_type = "application/json", example = json!("OK")),
        Authenticated,
        (status = 404, description = "There is no such tag", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "tag_not_found", "Tag with tag_id blah not found"))),
    ),
)]
#[delete("/tag/{tag_id}")]
pub async fn delete_tag(
    Auth(principal, id, _): Auth<WriteData, Path<String>>,
    state: Data<AppState>,
) -> Result<web::Json<&'static str>, ApiError> {
    let id = IdRef::new(id.into_inner());
    let (realm, wanted) = (principal.realm(), id.clone());
    let deleted = state.store.write(move |uow| tags::delete(uow, realm, &wanted)).await?;
    if deleted { Ok(web::Json("OK")) } else { Err(not_found(&id)) }
}

fn not_found<T>(id: &IdRef<T>) -> ApiError {
    ApiError::not_found("tag_not_found", format!("Tag with tag_id {id} not found"))
}
