//! `/link/lookup`

use actix_web::post;
use actix_web::web::{self, Data};
use taglink_domain::model::LinkUrl;
use taglink_domain::use_case::lookup;

use crate::dto::{LookUpDto, LookedUpDto};
use crate::error::{ApiError, Problem};
use crate::extract::needs::ReadData;
use crate::extract::{Auth, Json};
use crate::openapi::{Authenticated, WithJsonBody, problem};
use crate::state::AppState;

/// Look URLs up
///
/// Which of up to 1000 URLs are stored, with their tags, in the order in which they were asked for. Changes nothing, hence
/// a token that may only read is enough. The body may be 1 MiB large.
#[utoipa::path(
    tag = "link", path = "/link/lookup", request_body = LookUpDto,
    security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "What was found, for each URL", body = Vec<LookedUpDto>),
        Authenticated, WithJsonBody,
        (status = 413, description = "The body is too large", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(413, "body_too_large", "The body must not be larger than 1048576 bytes"))),
        (status = 422, description = "The body is not valid", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "validation_failed", "links must not be more than 1000"))),
    ),
)]
#[post("/link/lookup")]
pub async fn look_up_links(
    Auth(principal, Json(body), _): Auth<ReadData, Json<LookUpDto, { LookUpDto::MAX_BYTES }>>,
    state: Data<AppState>,
) -> Result<web::Json<Vec<LookedUpDto>>, ApiError> {
    let (owner, asked) = body.into_query(&principal, &state.url_identity)?;
    let urls: Vec<LinkUrl> = asked.iter().filter_map(|(_, url)| url.as_ref().ok().cloned()).collect();
    let found = state.store.read_snapshot(move |uow| lookup::find(uow, &owner, &urls)).await?;
    Ok(web::Json(asked.into_iter().map(|asked| LookedUpDto::new(asked, &found)).collect()))
}
