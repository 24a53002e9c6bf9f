//! `/session`

use actix_web::web::{self, Data, Path};
use actix_web::{delete, get};
use taglink_domain::model::{IdRef, SessionId, SessionPosition};
use taglink_domain::use_case::sessions;

use crate::dto::{List, PageParams, Paged, SessionDto};
use crate::error::{ApiError, Problem};
use crate::extract::needs::ManageOwnCredentials;
use crate::extract::{Auth, Query};
use crate::openapi::{Authenticated, problem};
use crate::state::AppState;

/// List one's sessions
///
/// Those that can still be refreshed, in the order in which they began.
#[utoipa::path(
    tag = "session", path = "/session/", params(PageParams), security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, description = "The sessions", body = Vec<SessionDto>,
            headers(("Link" = Option<String>, description = "`rel=\"next\"`: the next page, while there is one"))),
        Authenticated,
    ),
)]
#[get("/session")]
pub async fn list_sessions(
    Auth(principal, Query(page), _): Auth<ManageOwnCredentials, Query<PageParams>>,
    state: Data<AppState>,
) -> Result<Paged<SessionDto>, ApiError> {
    let list = List::new("session", &[]);
    let (subject, now) = (principal.subject, state.now());
    let wanted = page.request::<SessionPosition>(&list)?;
    let found = state.store.read(move |uow| sessions::list(uow, subject, now, &wanted)).await?;
    let current = principal.session_id();
    let to_dto = |session| SessionDto::shown_to(current, session);
    Ok(page.answer_with::<SessionPosition, _, _>(&list, found, to_dto))
}

/// Log out everywhere
///
/// Ends all of one's sessions, also the one that asks, and all of one's API tokens.
#[utoipa::path(
    tag = "session", path = "/session/", security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, description = "They have ended", body = String, content_type = "application/json", example = json!("OK")),
        Authenticated,
    ),
)]
#[delete("/session")]
pub async fn end_sessions(
    Auth(principal, (), _): Auth<ManageOwnCredentials>,
    state: Data<AppState>,
) -> Result<web::Json<&'static str>, ApiError> {
    state.auth.end_everything(principal.subject).await?;
    Ok(web::Json("OK"))
}

/// End a session
///
/// One of one's own: its refresh token and its access tokens are refused from now on.
#[utoipa::path(
    tag = "session", path = "/session/{session_id}", security(("OAuth2PasswordBearer" = [])),
    params(("session_id" = String, Path, description = "The id of the session")),
    responses(
        (status = 200, description = "It has ended", body = String, content_type = "application/json", example = json!("OK")),
        Authenticated,
        (status = 404, description = "One has no such session", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "session_not_found", "Session with session_id 'blah' not found"))),
    ),
)]
#[delete("/session/{session_id}")]
pub async fn end_session(
    Auth(principal, id, _): Auth<ManageOwnCredentials, Path<String>>,
    state: Data<AppState>,
) -> Result<web::Json<&'static str>, ApiError> {
    let id: IdRef<SessionId> = IdRef::new(id.into_inner());
    let ended = match id.id() {
        Some(known) => state.auth.end_session(principal.subject, known).await?,
        None => false,
    };
    if ended {
        Ok(web::Json("OK"))
    } else {
        let detail = format!("Session with session_id '{id}' not found");
        Err(ApiError::not_found("session_not_found", detail))
    }
}
