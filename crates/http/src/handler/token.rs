//! `/token`: the login of the tutorial.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};

use super::oauth::{answer, issue};
use crate::dto::{Grant, TokenDto, TokenForm};
use crate::error::{ApiError, Problem};
use crate::extract::{ClientInfo, Form};
use crate::openapi::{Anyone, problem};
use crate::state::AppState;

/// Log in
///
/// Turns a username and a password into an access token and a refresh token, or a refresh token into the next ones. A
/// client id and secret are not needed, and ignored. `/oauth/token` does the same to the letter of RFC 6749.
#[utoipa::path(
    tag = "token", path = "/token/", security(()),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token", body = TokenDto,
            headers(("Cache-Control" = String, description = "`no-store`"))),
        Anyone,
        (status = 401, description = "Wrong username or password, a scope that cannot be had, or a refresh token that is not good",
            body = Problem, content_type = "application/problem+json",
            headers(("WWW-Authenticate" = String, description = "The challenge")),
            example = json!(problem(401, "invalid_credentials", "Incorrect username or password"))),
        (status = 408, description = "The form did not arrive in time", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(408, "body_timeout", "The body did not arrive in time"))),
        (status = 413, description = "The form is too large", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(413, "body_too_large", "The body must not be larger than 4096 bytes"))),
        (status = 415, description = "The form is compressed", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(415, "unsupported_media_type", "compressed bodies are not supported"))),
        (status = 422, description = "The form is not valid", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "validation_failed", "username: field required"))),
        (status = 429, description = "Too many failed logins", body = Problem,
            content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "After how many seconds to try again")),
            example = json!(problem(429, "too_many_failures", "Too many failed logins, please try again later"))),
    ),
)]
#[post("/token")]
pub async fn create_token(
    form: Form,
    ClientInfo(client): ClientInfo,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let grant = Grant::read(form, client, false)?;
    Ok(answer(issue(&state, grant).await.map_err(|error| ApiError::from(error).not_stored())?))
}
