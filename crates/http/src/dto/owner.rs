//! `account_id`: for whom something is created, and whose rows are listed.

use taglink_auth::principal::{OwnerError, Principal};
use taglink_domain::model::{AccountScope, IdRef, Owner};

use super::body_id;
use crate::error::{ApiError, FieldError};

/// For whom the principal creates something.
///
/// # Errors
/// 422 if the principal must name an account and does not, or may not name this one.
pub(super) fn owner(principal: &Principal, account_id: Option<String>) -> Result<Owner, ApiError> {
    let named = account_id.map(|id| body_id("account_id", id)).transpose();
    let named = named.map_err(|error| ApiError::invalid(vec![error]))?;
    principal.owner(named).map_err(|error| {
        let (code, kind) = match error {
            OwnerError::Required => ("account_id_required", "missing"),
            OwnerError::NotAllowed => ("account_id_not_allowed", "value_error"),
        };
        ApiError::broken_rule(code, FieldError::body("account_id", kind, &error))
    })
}

/// Whose rows the principal asks for; nothing if it may not see them, or nobody has this id.
pub(super) fn account_scope(principal: &Principal, account_id: Option<&str>) -> Option<AccountScope> {
    principal.account_scope_of(account_id.map(|id| IdRef::new(id.to_owned())).as_ref())
}
