//! `/change`

use actix_web::get;
use actix_web::web::Data;
use taglink_domain::use_case::changes;

use crate::dto::{ChangeDto, FollowChanges, Followed};
use crate::error::{ApiError, Problem};
use crate::extract::needs::ReadData;
use crate::extract::{Auth, Query};
use crate::openapi::{Authenticated, problem};
use crate::state::AppState;

/// Follow what changes
///
/// The links, tags and taglinks of an account that were stored, changed or removed, in the order in which the feed
/// learned of it. Each comes as it is now, which may be later than the change; then another change tells of it again.
/// The header `Link` says where to go on, also from an empty answer: ask there again later.
///
/// To have a copy: ask with `after=latest`, keep what `Link` says, read the lists, then follow. Put each `upsert` in the
/// place of what has its ids, and remove what a `delete` names, if it is there.
#[utoipa::path(
    tag = "change", path = "/change/", params(FollowChanges), security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The changes that follow, or none yet", body = Vec<ChangeDto>,
            headers(("Link" = String, description = "`rel=\"next\"`: where to go on, always"))),
        Authenticated,
        (status = 410, description = "The changes that follow are no longer kept: everything has to be read anew",
            body = Problem, content_type = "application/problem+json",
            example = json!(problem(410, "cursor_expired", "The changes that follow are no longer kept: start again with after=latest, then read the lists anew"))),
        (status = 422, description = "A parameter is not valid, or an admin names no account", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "account_id_required", "The account_id field is required for the admin scope"))),
    ),
)]
#[get("/change")]
pub async fn list_changes(
    Auth(principal, Query(wanted), _): Auth<ReadData, Query<FollowChanges>>,
    state: Data<AppState>,
) -> Result<Followed, ApiError> {
    let query = wanted.query(&principal)?;
    let account = query.account;
    let found = changes::follow(state.store.as_ref(), query).await?;
    Ok(wanted.answer(account, found))
}
