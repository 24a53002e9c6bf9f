//! `/health`

use actix_web::get;
use actix_web::web::{Data, Json};
use serde::Serialize;
use taglink_domain::port::RepositoryError;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::openapi::Anyone;
use crate::state::AppState;

/// How the service feels.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    #[schema(example = "ok")]
    status: &'static str,
}

const OK: Json<Health> = Json(Health { status: "ok" });

/// Is it alive?
///
/// Answers as long as the process can; asks nothing of the database.
#[utoipa::path(
    tag = "health", path = "/health/live", security(()),
    responses((status = 200, description = "It is alive", body = Health), Anyone),
)]
#[get("/health/live")]
pub async fn live() -> Json<Health> {
    OK
}

/// Is it ready?
///
/// Answers 200 while the database answers, else 503. The status is `read-only` where the database takes no writes, such as
/// on a standby.
#[utoipa::path(
    tag = "health", path = "/health/ready", security(()),
    responses((status = 200, description = "It is ready", body = Health), Anyone),
)]
#[get("/health/ready")]
pub async fn ready(state: Data<AppState>) -> Result<Json<Health>, ApiError> {
    let asked = state.store.read(|uow| {
        uow.ping()?;
        uow.is_read_only()
    });
    let is_read_only = asked.await.map_err(|error: RepositoryError| ApiError::from(error))?;
    Ok(if is_read_only { Json(Health { status: "read-only" }) } else { OK })
}
