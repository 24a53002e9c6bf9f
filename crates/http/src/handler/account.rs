//! `/account`

use std::sync::Arc;

use actix_web::rt;
use actix_web::web::{self, Data, Path};
use actix_web::{delete, get, patch, post};
use taglink_domain::model::{AccountChange, AccountId, AccountPosition, AccountScope, IdRef, Page, Subject};
use taglink_domain::use_case::accounts::{self, AccountError, CreateAccount};

use super::Created;
use crate::dto::{AccountChangeDto, AccountDto, ListAccounts, NewAccountDto, PageParams, Paged};
use crate::error::{ApiError, FieldError, Problem};
use crate::extract::needs::{ChangeAccountCredentials, CreateAccounts, ReadAccounts, RemoveAccounts};
use crate::extract::{Auth, ClientInfo, Json, Query, WithId};
use crate::openapi::{Authenticated, WithJsonBody, problem};
use crate::state::AppState;

/// List accounts
///
/// For an admin all of them, for an account itself, in the order in which they were created.
#[utoipa::path(
    tag = "account", path = "/account/", params(ListAccounts, PageParams),
    security(("OAuth2PasswordBearer" = ["admin"]), ("OAuth2PasswordBearer" = ["account"]), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The accounts", body = Vec<AccountDto>,
            headers(("Link" = Option<String>, description = "`rel=\"next\"`: the next page, while there is one"))),
        Authenticated,
    ),
)]
#[get("/account")]
pub async fn list_accounts(
    Auth(principal, (Query(filter), Query(page)), _): Auth<
        ReadAccounts,
        (Query<ListAccounts>, Query<PageParams>),
    >,
    state: Data<AppState>,
) -> Result<Paged<AccountDto>, ApiError> {
    let list = filter.list();
    let (scope, wanted) = (principal.account_scope(), page.request::<AccountPosition>(&list)?);
    let Ok(email) = filter.email() else {
        return Ok(page.answer::<AccountPosition, _, _>(&list, Page::empty()));
    };
    let found = state.store.read(move |uow| accounts::list(uow, scope, email.as_ref(), &wanted)).await?;
    Ok(page.answer::<AccountPosition, _, _>(&list, found))
}

/// Create an account
#[utoipa::path(
    tag = "account", path = "/account/", request_body = NewAccountDto,
    security(("OAuth2PasswordBearer" = ["admin"]), ("ApiToken" = [])),
    responses(
        (status = 200, description = "The account", body = AccountDto,
            headers(("Location" = String, description = "Where the account is"))),
        Authenticated, WithJsonBody,
        (status = 409, description = "There is an account with this email", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(409, "account_exists", "Account with email alice@example.org exists"))),
        (status = 422, description = "The body is not valid", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "validation_failed", "password must be at least 8 bytes long"))),
    ),
)]
#[post("/account")]
pub async fn create_account(
    Auth(_admin, Json(body), _): Auth<CreateAccounts, Json<NewAccountDto>>,
    state: Data<AppState>,
) -> Result<Created<AccountDto>, ApiError> {
    let (email, password) = body.parse()?;
    let hashed_password = state.auth.hash_new_password(password).await?;
    let command = CreateAccount { email, hashed_password, at: state.now() };
    let account = state.store.write(move |uow| accounts::create(uow, &command)).await?;
    Ok(Created { location: format!("/account/{}", account.id), object: account.into() })
}

/// Get an account
#[utoipa::path(
    tag = "account", path = "/account/{account_id}",
    security(("OAuth2PasswordBearer" = ["admin"]), ("OAuth2PasswordBearer" = ["account"]), ("ApiToken" = [])),
    params(("account_id" = String, Path, description = "The id of the account")),
    responses(
        (status = 200, description = "The account", body = AccountDto),
        Authenticated,
        (status = 404, description = "There is no such account", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "account_not_found", "Account with account_id 'blah' not found"))),
    ),
)]
#[get("/account/{account_id}")]
pub async fn get_account(
    Auth(principal, id, _): Auth<ReadAccounts, Path<String>>,
    state: Data<AppState>,
) -> Result<web::Json<AccountDto>, ApiError> {
    let id = IdRef::new(id.into_inner());
    let (scope, wanted) = (principal.account_scope(), id.clone());
    let found = state.store.read(move |uow| accounts::find(uow, scope, &wanted)).await?;
    found.map(|account| web::Json(account.into())).ok_or_else(|| not_found(&id))
}

/// Change an account
///
/// Its email, its password, or both; the account itself must send its `current_password`. A new password ends its
/// sessions and API tokens.
#[utoipa::path(
    tag = "account", path = "/account/{account_id}", request_body = AccountChangeDto,
    security(("OAuth2PasswordBearer" = ["admin"]), ("OAuth2PasswordBearer" = ["account"])),
    params(("account_id" = String, Path, description = "The id of the account")),
    responses(
        (status = 200, description = "The account as it is now", body = AccountDto),
        Authenticated, WithJsonBody,
        (status = 404, description = "There is no such account", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "account_not_found", "Account with account_id 'blah' not found"))),
        (status = 409, description = "There is an account with this email", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(409, "account_exists", "Account with email alice@example.org exists"))),
        (status = 422, description = "The body is not valid, or `current_password` is missing or wrong", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(422, "wrong_current_password", "current_password is not the password"))),
        (status = 429, description = "Too many wrong passwords", body = Problem,
            content_type = "application/problem+json",
            headers(("Retry-After" = u64, description = "After how many seconds to try again")),
            example = json!(problem(429, "too_many_failures", "Too many failed logins, please try again later"))),
    ),
)]
#[patch("/account/{account_id}")]
pub async fn change_account(
    Auth(principal, input, _): Auth<ChangeAccountCredentials, WithId<Json<AccountChangeDto>>>,
    ClientInfo(client): ClientInfo,
    state: Data<AppState>,
) -> Result<web::Json<AccountDto>, ApiError> {
    let (id, Json(body)) = input;
    let id: IdRef<AccountId> = IdRef::new(id.into_inner());
    let scope = principal.account_scope();
    if scope != AccountScope::All && id.id().map(AccountScope::One) != Some(scope) {
        return Err(not_found(&id));
    }
    let wish = body.parse()?;
    let changes_something = wish.email.is_some() || wish.password.is_some();
    if changes_something && scope != AccountScope::All {
        let current = wish.current_password.ok_or_else(missing_current_password)?;
        state.auth.confirm_password(principal.subject, current, client.address).await?;
    }
    let hashed_password = match wish.password {
        Some(password) => Some(state.auth.hash_new_password(password).await?),
        None => None,
    };
    let (change, at) = (AccountChange { email: wish.email, hashed_password }, state.now());
    let changed = state.store.write(move |uow| accounts::change(uow, scope, &id, &change, at)).await;
    let account = changed.map_err(|error| match error {
        // It was there a moment ago: the account was removed in mid-request.
        AccountError::NotFound(_) if scope != AccountScope::All => ApiError::invalid_token(),
        other => other.into(),
    })?;
    state.auth.invalidate(Subject::Account(account.id));
    Ok(web::Json(account.into()))
}

/// Delete an account
///
/// Removes it with all its links, tags, taglinks, sessions and API tokens. From the beginning nobody finds it or can log
/// in as it.
#[utoipa::path(
    tag = "account", path = "/account/{account_id}",
    security(("OAuth2PasswordBearer" = ["admin"]), ("OAuth2PasswordBearer" = ["account"]), ("ApiToken" = [])),
    params(("account_id" = String, Path, description = "The id of the account")),
    responses(
        (status = 200, description = "It is gone", body = String, content_type = "application/json", example = json!("OK")),
        Authenticated,
        (status = 404, description = "There is no such account", body = Problem,
            content_type = "application/problem+json",
            example = json!(problem(404, "account_not_found", "Account with account_id 'blah' not found"))),
    ),
)]
#[delete("/account/{account_id}")]
pub async fn delete_account(
    Auth(principal, id, _): Auth<RemoveAccounts, Path<String>>,
    state: Data<AppState>,
) -> Result<web::Json<&'static str>, ApiError> {
    let id = IdRef::new(id.into_inner());
    let (scope, wanted) = (principal.account_scope(), id.clone());
    let at = state.now();
    let begun = state.store.write(move |uow| accounts::begin_deletion(uow, scope, &wanted, at)).await?;
    let Some(known) = id.id().filter(|_| begun) else { return Err(not_found(&id)) };
    state.auth.invalidate(Subject::Account(known));
    // It goes on if the client leaves; what a crash interrupts is done after the next start.
    let store = Arc::clone(&state.store);
    let finished = rt::spawn(async move { accounts::finish_deletion(store.as_ref(), known).await });
    finished.await.map_err(|error| ApiError::internal(error.to_string()))??;
    Ok(web::Json("OK"))
}

fn not_found<T>(id: &IdRef<T>) -> ApiError {
    ApiError::not_found("account_not_found", format!("Account with account_id '{id}' not found"))
}

/// 422 for a change of one's own that comes without the password.
pub(super) fn missing_current_password() -> ApiError {
    ApiError::invalid(vec![FieldError::body("current_password", "missing", "field required")])
}
