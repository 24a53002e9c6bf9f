//! Personal API tokens: credentials for scripts.

use super::sessions::current_status;
use crate::model::{
    ApiToken, ApiTokenId, ApiTokenPosition, IdRef, Page, PageRequest, SecretHash, Subject, SubjectStatus,
    Timestamp,
};
use crate::port::{RepositoryError, UnitOfWork};

/// Stores an API token by the hash of its secret. False if the subject has changed or gone since it was authenticated.
///
/// # Errors
/// Those of the storage.
pub fn create(uow: &mut dyn UnitOfWork, token: &ApiToken, hash: SecretHash) -> Result<bool, RepositoryError> {
    if current_status(uow, token.subject, token.epoch)?.is_none() {
        return Ok(false);
    }
    uow.insert_api_token(token, hash)?;
    Ok(true)
}

/// The API token with this hash and how its subject stands, if both are still good at `now`.
///
/// # Errors
/// Those of the storage.
pub fn find_valid(
    uow: &mut dyn UnitOfWork,
    hash: SecretHash,
    now: Timestamp,
) -> Result<Option<(ApiToken, SubjectStatus)>, RepositoryError> {
    let found = uow.api_token_with_status(hash)?;
    Ok(found.filter(|(token, status)| {
        let is_current = !status.disabled && status.epoch == token.epoch;
        is_current && token.expires_at.is_none_or(|expires_at| expires_at > now)
    }))
}

/// A page of the subject's API tokens.
///
/// # Errors
/// Those of the storage.
pub fn list(
    uow: &mut dyn UnitOfWork,
    subject: Subject,
    page: &PageRequest<ApiTokenPosition>,
) -> Result<Page<ApiToken>, RepositoryError> {
    uow.api_tokens(subject, page)
}

/// Revokes an API token of the subject; false if it has none of this id.
///
/// # Errors
/// Those of the storage.
pub fn revoke(
    uow: &mut dyn UnitOfWork,
    subject: Subject,
    id: &IdRef<ApiTokenId>,
) -> Result<bool, RepositoryError> {
    id.id().map_or(Ok(false), |id| uow.delete_api_token(subject, id))
}

/// Revokes the API token with this hash; false if there is none.
///
/// # Errors
/// Those of the storage.
pub fn revoke_by_secret(uow: &mut dyn UnitOfWork, hash: SecretHash) -> Result<bool, RepositoryError> {
    let Some((token, _)) = uow.api_token_with_status(hash)? else { return Ok(false) };
    uow.delete_api_token(token.subject, token.id)
}

/// Notes that a token was used, at most once a minute.
///
/// # Errors
/// Those of the storage.
pub fn touch(uow: &mut dyn UnitOfWork, id: ApiTokenId, at: Timestamp) -> Result<(), RepositoryError> {
    uow.touch_api_token(id, at, at.plus(-chrono::TimeDelta::minutes(1)))
}
