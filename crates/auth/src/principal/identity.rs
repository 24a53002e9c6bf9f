//! The principal of a request.

use taglink_domain::model::{AccountId, Realm, UserId};

use crate::scope::Scopes;

/// Whom a valid token speaks for. Only [`AuthService::authenticate`](crate::service::AuthService::authenticate)
/// makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Principal {
    /// The user who logged in.
    pub user_id: UserId,
    /// What the token may be used for.
    pub scopes: Scopes,
}

impl Principal {
    /// Whose rows the principal may see.
    #[must_use]
    pub fn realm(&self) -> Realm {
        Realm::One(self.account_id())
    }

    /// The account that owns what the principal creates: the shared one.
    #[must_use]
    pub fn account_id(&self) -> AccountId {
        AccountId::SHARED
    }
}
