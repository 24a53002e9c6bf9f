//! `/oauth`: tokens to the letter of RFC 6749 and RFC 7009, and what describes them.

use actix_web::http::header;
use actix_web::web::{self, Data};
use actix_web::{Error, HttpResponse, get, post};
use taglink_auth::service::Tokens;

use crate::dto::{AuthorizationServerDto, Grant, RevocationForm, TokenDto, TokenForm, revoked_token};
use crate::error::{ApiError, GrantError, Problem};
use crate::extract::{ClientInfo, Form};
use crate::openapi::{Anyone, OAuthClient, problem};
use crate::state::AppState;

/// Get tokens
///
/// The token endpoint of RFC 6749: a password (section 4.3) or a refresh token (section 6) becomes an access token and a
/// refresh token. Clients are public: an id is not needed, and a secret must be empty or left out.
#[utoipa::path(
    tag = "oauth", path = "/oauth/token", security(()),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The tokens", body = TokenDto,
            headers(("Cache-Control" = String, description = "`no-store`"))),
        OAuthClient,
        (status = 400, description = "RFC 6749, 5.2: `error` says why", body = Problem, content_type = "application/json",
            headers(("Cache-Control" = String, description = "`no-store`")),
            example = json!(problem(400, "invalid_credentials", "Incorrect username or password"))),
        (status = 408, description = "The form did not arrive in time", body = Problem, content_type = "application/json",
            example = json!(problem(408, "body_timeout", "The body did not arrive in time"))),
        (status = 413, description = "The form is too large", body = Problem, content_type = "application/json",
            example = json!(problem(413, "body_too_large", "The body must not be larger than 4096 bytes"))),
        (status = 429, description = "Too many failed logins", body = Problem, content_type = "application/json",
            headers(("Retry-After" = u64, description = "After how many seconds to try again")),
            example = json!(problem(429, "too_many_failures", "Too many failed logins, please try again later"))),
    ),
)]
#[post("/oauth/token")]
pub async fn create_oauth_token(
    form: Result<Form, Error>,
    ClientInfo(client): ClientInfo,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let read = form.map_err(ApiError::from_extractor).and_then(|form| Grant::read(form, client, true));
    let issued = match read {
        Ok(grant) => issue(&state, grant).await.map_err(GrantError::into_oauth_error),
        Err(error) => Err(error),
    };
    issued.map(answer).map_err(|error| error.into_oauth_error().not_stored())
}

/// Revoke a token
///
/// RFC 7009: ends the session of an access token or a refresh token, or revokes an API token. Whether the token was good
/// makes no difference to the answer.
#[utoipa::path(
    tag = "oauth", path = "/oauth/revoke", security(()),
    request_body(content = RevocationForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token is not good any more", body = String, content_type = "application/json", example = json!("OK")),
        OAuthClient,
        (status = 400, description = "The form is not valid", body = Problem, content_type = "application/json",
            example = json!(problem(400, "validation_failed", "token: field required"))),
        (status = 408, description = "The form did not arrive in time", body = Problem, content_type = "application/json",
            example = json!(problem(408, "body_timeout", "The body did not arrive in time"))),
        (status = 413, description = "The form is too large", body = Problem, content_type = "application/json",
            example = json!(problem(413, "body_too_large", "The body must not be larger than 4096 bytes"))),
    ),
)]
#[post("/oauth/revoke")]
pub async fn revoke_oauth_token(
    form: Result<Form, Error>,
    state: Data<AppState>,
) -> Result<web::Json<&'static str>, ApiError> {
    let token = form.map_err(ApiError::from_extractor).and_then(revoked_token);
    let revoked = match token {
        Ok(token) => state.auth.revoke(&token).await.map_err(ApiError::from),
        Err(error) => Err(error),
    };
    revoked.map(|()| web::Json("OK")).map_err(ApiError::into_oauth_error)
}

/// Describe the authorization server
///
/// RFC 8414. It is there if the service knows its public URL.
#[utoipa::path(
    tag = "oauth", path = "/.well-known/oauth-authorization-server", security(()),
    responses(
        (status = 200, description = "The metadata", body = AuthorizationServerDto),
        Anyone,
        (status = 404, description = "`server.public_url` is not set", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "not_found", "Not Found"))),
    ),
)]
#[get("/.well-known/oauth-authorization-server")]
pub async fn describe_authorization_server(
    state: Data<AppState>,
) -> Result<web::Json<AuthorizationServerDto>, ApiError> {
    let public_url = state.public_url.as_deref().ok_or_else(ApiError::unknown_path)?;
    Ok(web::Json(AuthorizationServerDto::at(public_url)))
}

/// Gives what was asked for.
pub(super) async fn issue(state: &AppState, grant: Grant) -> Result<Tokens, GrantError> {
    match grant {
        Grant::Password(login) => Ok(state.auth.login(login).await?),
        Grant::Refresh(refresh) => Ok(state.auth.refresh(&refresh).await?),
    }
}

/// The answer that nobody may keep (RFC 6749, 5.1).
pub(super) fn answer(tokens: Tokens) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::PRAGMA, "no-cache"))
        .json(TokenDto::from(tokens))
}
