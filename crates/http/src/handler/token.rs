//! `/token`

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpResponse, post};

use crate::dto::{LoginForm, TokenDto};
use crate::error::{ApiError, Problem};
use crate::extract::Form;
use crate::openapi::{Anyone, problem};
use crate::state::AppState;

/// Log in
///
/// Turns a username and a password into an access token. A client id and secret are not needed, and ignored.
#[utoipa::path(
    tag = "token", path = "/token/", security(()),
    request_body(content = LoginForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token", body = TokenDto,
            headers(("Cache-Control" = String, description = "`no-store`"))),
        Anyone,
        (status = 401, description = "Wrong username or password", body = Problem,
            content_type = "application/problem+json",
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
    ),
)]
#[post("/token")]
pub async fn create_token(form: Form, state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    let login = LoginForm::login(form)?;
    let token = state.auth.login(login).await.map_err(|error| {
        ApiError::from(error)
            .with_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
            .with_header(header::PRAGMA, HeaderValue::from_static("no-cache"))
    })?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::PRAGMA, "no-cache"))
        .json(TokenDto::from(token)))
}
