//! `/user`

use actix_web::web::{self, Data, Path};
use actix_web::{delete, get, patch, post};
use taglink_domain::model::{IdRef, Page, Subject, UserChange, UserId, UserPosition};
use taglink_domain::use_case::users::{self, CreateUser};

use super::Created;
use super::account::missing_current_password;
use crate::dto::{ListUsers, NewUserDto, PageParams, Paged, PasswordChangeDto, UserChangeDto, UserDto};
use crate::error::{ApiError, Problem};
use crate::extract::needs::{ChangeOwnPassword, ManageUsers, ReadOwnUser, ReadUsers};
use crate::extract::{Auth, ClientInfo, Json, Query, WithId};
use crate::openapi::{Authenticated, WithJsonBody, problem};
use crate::state::AppState;

/// List users
///
/// In the order in which they were created.
#[utoipa::path(
    tag = "user", path = "/user/", params(ListUsers, PageParams),
    security(("OAuth2PasswordBearer" = ["admin"]), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The users", body = Vec<UserDto>,
            headers(("Link" = Option<String>, description = "`rel=\"next\"`: the next page, while there is one"))),
        Authenticated,
    ),
)]
#[get("/user")]
pub async fn list_users(
    Auth(_admin, (Query(filter), Query(page)), _): Auth<ReadUsers, (Query<ListUsers>, Query<PageParams>)>,
    state: Data<AppState>,
) -> Result<Paged<UserDto>, ApiError> {
    let list = filter.list();
    let wanted = page.request::<UserPosition>(&list)?;
    let Ok(name) = filter.name() else {
        return Ok(page.answer::<UserPosition, _, _>(&list, Page::empty()));
    };
    let found = state.store.read(move |uow| users::list(uow, name.as_ref(), &wanted)).await?;
    Ok(page.answer::<UserPosition, _, _>(&list, found))
}

/// Create a user
#[utoipa::path(
    tag = "user", path = "/user/", request_body = NewUserDto, security(("OAuth2PasswordBearer" = ["admin"])),
    responses(
        (status = 200, description = "The user", body = UserDto,
            headers(("Location" = String, description = "Where the user is"))),
        Authenticated, WithJsonBody,
        (status = 409, description = "There is a user of this name", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(409, "user_exists", "User with username bob exists"))),
        (status = 422, description = "The body is not valid", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "validation_failed", "password must be at least 8 bytes long"))),
    ),
)]
#[post("/user")]
pub async fn create_user(
    Auth(_admin, Json(body), _): Auth<ManageUsers, Json<NewUserDto>>,
    state: Data<AppState>,
) -> Result<Created<UserDto>, ApiError> {
    let new = body.parse()?;
    let hashed_password = state.auth.hash_new_password(new.password).await?;
    let command =
        CreateUser { username: new.username, hashed_password, is_admin: new.is_admin, at: state.now() };
    let user = state.store.write(move |uow| users::create(uow, &command)).await?;
    Ok(Created { location: format!("/user/{}", user.id), object: user.into() })
}

/// Get the user that one is
#[utoipa::path(
    tag = "user", path = "/user/me", security(("OAuth2PasswordBearer" = []), ("ApiToken" = [])),
    responses((status = 200, description = "The user", body = UserDto), Authenticated),
)]
#[get("/user/me")]
pub async fn get_own_user(
    Auth(principal, (), _): Auth<ReadOwnUser>,
    state: Data<AppState>,
) -> Result<web::Json<UserDto>, ApiError> {
    let id = principal.user_id().ok_or_else(ApiError::insufficient_scope)?;
    let found = state.store.read(move |uow| uow.user(id)).await?;
    found.map(|user| web::Json(user.into())).ok_or_else(ApiError::invalid_token)
}

/// Change one's own password
///
/// It ends all sessions and API tokens, also the session that asks: log in again.
#[utoipa::path(
    tag = "user", path = "/user/me/password", request_body = PasswordChangeDto,
    security(("OAuth2PasswordBearer" = [])),
    responses(
        (status = 200, description = "The password is set", body = String, content_type = "application/json", example = json!("OK")),
        Authenticated, WithJsonBody,
        (status = 422, description = "The body is not valid, or `current_password` is wrong", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "wrong_current_password", "current_password is not the password"))),
        (status = 429, description = "Too many wrong passwords", body = Problem,
            content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "After how many seconds to try again")),
            example = json!(problem(429, "too_many_failures", "Too many failed logins, please try again later"))),
    ),
)]
#[post("/user/me/password")]
pub async fn change_own_password(
    Auth(principal, Json(body), _): Auth<ChangeOwnPassword, Json<PasswordChangeDto>>,
    ClientInfo(client): ClientInfo,
    state: Data<AppState>,
) -> Result<web::Json<&'static str>, ApiError> {
    let password = body.password()?;
    state.auth.confirm_password(principal.subject, body.current_password, client.address).await?;
    let hashed_password = state.auth.hash_new_password(password).await?;
    if state.auth.set_own_password(principal.subject, hashed_password).await? {
        Ok(web::Json("OK"))
    } else {
        Err(ApiError::invalid_token())
    }
}

/// Get a user
#[utoipa::path(
    tag = "user", path = "/user/{user_id}",
    security(("OAuth2PasswordBearer" = ["admin"]), ("ApiToken" = [])),
    params(("user_id" = String, Path, description = "The id of the user")),
    responses(
        (status = 200, description = "The user", body = UserDto),
        Authenticated,
        (status = 404, description = "There is no such user", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "user_not_found", "User with user_id 'blah' not found"))),
    ),
)]
#[get("/user/{user_id}")]
pub async fn get_user(
    Auth(_admin, id, _): Auth<ReadUsers, Path<String>>,
    state: Data<AppState>,
) -> Result<web::Json<UserDto>, ApiError> {
    let id: IdRef<UserId> = IdRef::new(id.into_inner());
    let wanted = id.clone();
    let found = state.store.read(move |uow| users::find(uow, &wanted)).await?;
    found.map(|user| web::Json(user.into())).ok_or_else(|| users::UserError::NotFound(id).into())
}

/// Change a user
///
/// Make it an admin or no admin, disable or enable it, set its password. A new password, a demotion and a disabling end
/// its sessions and API tokens. Whoever changes their own password must send `current_password`.
#[utoipa::path(
    tag = "user", path = "/user/{user_id}", request_body = UserChangeDto,
    security(("OAuth2PasswordBearer" = ["admin"])),
    params(("user_id" = String, Path, description = "The id of the user")),
    responses(
        (status = 200, description = "The user as it is now", body = UserDto),
        Authenticated, WithJsonBody,
        (status = 404, description = "There is no such user", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "user_not_found", "User with user_id 'blah' not found"))),
        (status = 409, description = "It is the last admin", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(409, "last_admin", "The last admin cannot be removed, disabled or demoted"))),
        (status = 422, description = "The body is not valid, or `current_password` is missing or wrong", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "validation_failed", "password must be at least 8 bytes long"))),
        (status = 429, description = "Too many wrong passwords", body = Problem,
            content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "After how many seconds to try again")),
            example = json!(problem(429, "too_many_failures", "Too many failed logins, please try again later"))),
    ),
)]
#[patch("/user/{user_id}")]
pub async fn change_user(
    Auth(principal, input, _): Auth<ManageUsers, WithId<Json<UserChangeDto>>>,
    ClientInfo(client): ClientInfo,
    state: Data<AppState>,
) -> Result<web::Json<UserDto>, ApiError> {
    let (id, Json(body)) = input;
    let id: IdRef<UserId> = IdRef::new(id.into_inner());
    let password = body.password()?;
    if password.is_some() && id.id() == principal.user_id() {
        let current = body.current_password.ok_or_else(missing_current_password)?;
        state.auth.confirm_password(principal.subject, current, client.address).await?;
    }
    let hashed_password = match password {
        Some(password) => Some(state.auth.hash_new_password(password).await?),
        None => None,
    };
    let change = UserChange { is_admin: body.is_admin, disabled: body.disabled, hashed_password };
    let at = state.now();
    let user = state.store.write(move |uow| users::change(uow, &id, &change, at)).await?;
    state.auth.invalidate(Subject::User(user.id));
    Ok(web::Json(user.into()))
}

/// Delete a user
///
/// Removes it with its sessions and API tokens. What it stored for accounts stays.
#[utoipa::path(
    tag = "user", path = "/user/{user_id}", security(("OAuth2PasswordBearer" = ["admin"])),
    params(("user_id" = String, Path, description = "The id of the user")),
    responses(
        (status = 200, description = "It is gone", body = String, content_type = "application/json", example = json!("OK")),
        Authenticated,
        (status = 404, description = "There is no such user", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "user_not_found", "User with user_id 'blah' not found"))),
        (status = 409, description = "It is the last admin", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(409, "last_admin", "The last admin cannot be removed, disabled or demoted"))),
    ),
)]
#[delete("/user/{user_id}")]
pub async fn delete_user(
    Auth(_admin, id, _): Auth<ManageUsers, Path<String>>,
    state: Data<AppState>,
) -> Result<web::Json<&'static str>, ApiError> {
    let id: IdRef<UserId> = IdRef::new(id.into_inner());
    let wanted = id.clone();
    state.store.write(move |uow| users::remove(uow, &wanted)).await?;
    if let Some(id) = id.id() {
        state.auth.invalidate(Subject::User(id));
    }
    Ok(web::Json("OK"))
}
