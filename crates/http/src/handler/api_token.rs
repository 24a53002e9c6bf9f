//! `/api-token`

use actix_web::http::header;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpResponse, delete, get, post};
use taglink_domain::model::{ApiTokenId, ApiTokenPosition, IdRef};
use taglink_domain::use_case::api_tokens;

use crate::dto::{ApiTokenDto, ApiTokenWithSecretDto, List, NewApiTokenDto, PageParams, Paged};
use crate::error::{ApiError, Problem};
use crate::extract::needs::ManageOwnCredentials;
use crate::extract::{Auth, Json, Query};
use crate::openapi::{Authenticated, WithJsonBody, problem};
use crate::state::AppState;

/// List one's API tokens
///
/// Without their secrets, in the order in which they were made; those that have expired as well.
#[utoipa::path(
    tag = "api-token", path = "/api-token/", params(PageParams), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, description = "The API tokens", body = Vec<ApiTokenDto>,
            headers(("Link" = Option<String>, description = "`rel=\"next\"`: the next page, while there is one"))),
        Authenticated,
    ),
)]
#[get("/api-token")]
pub async fn list_api_tokens(
    Auth(principal, Query(page), _): Auth<ManageOwnCredentials, Query<PageParams>>,
    state: Data<AppState>,
) -> Result<Paged<ApiTokenDto>, ApiError> {
    let list = List::new("api-token", &[]);
    let (subject, wanted) = (principal.subject, page.request::<ApiTokenPosition>(&list)?);
    let found = state.store.read(move |uow| api_tokens::list(uow, subject, &wanted)).await?;
    Ok(page.answer::<ApiTokenPosition, _, _>(&list, found))
}

/// Make an API token
///
/// For scripts, which then need no password. The answer holds the token itself, this once.
#[utoipa::path(
    tag = "api-token", path = "/api-token/", request_body = NewApiTokenDto, security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, description = "The API token", body = ApiTokenWithSecretDto,
            headers(
                ("Location" = String, description = "Where the API token is"),
                ("Cache-Control" = String, description = "`no-store`"),
            )),
        Authenticated, WithJsonBody,
        (status = 422, description = "The body is not valid, or the scope is more than that of the login", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "scope_too_wide", "scope must be no more than that of the login, which is \"\""))),
    ),
)]
#[post("/api-token")]
pub async fn create_api_token(
    Auth(principal, Json(body), _): Auth<ManageOwnCredentials, Json<NewApiTokenDto>>,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let new = state.auth.create_api_token(&principal, body.into_command()?).await?;
    let created = ApiTokenWithSecretDto::from(new);
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::LOCATION, format!("/api-token/{}", created.token.api_token_id)))
        .json(created))
}

/// Revoke an API token
#[utoipa::path(
    tag = "api-token", path = "/api-token/{api_token_id}", security(("OAuth2PasswordBearer" = [])),
    params(("api_token_id" = String, Path, description = "The id of the API token")),
    responses(
        (status = 200, description = "It is refused from now on", body = String, content_type = "application/json", example = json!("OK")),
        Authenticated,
        (status = 404, description = "One has no such API token", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "api_token_not_found", "API token with api_token_id 'blah' not found"))),
    ),
)]
#[delete("/api-token/{api_token_id}")]
pub async fn revoke_api_token(
    Auth(principal, id, _): Auth<ManageOwnCredentials, Path<String>>,
    state: Data<AppState>,
) -> Result<web::Json<&'static str>, ApiError> {
    let id: IdRef<ApiTokenId> = IdRef::new(id.into_inner());
    let (subject, wanted) = (principal.subject, id.clone());
    let revoked = state.store.write(move |uow| api_tokens::revoke(uow, subject, &wanted)).await?;
    let Some(known) = id.id().filter(|_| revoked) else {
        let detail = format!("API token with api_token_id '{id}' not found");
        return Err(ApiError::not_found("api_token_not_found", detail));
    };
    state.auth.invalidate_api_token(known);
    Ok(web::Json("OK"))
}
