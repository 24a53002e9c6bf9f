//! The principal of a request.

use taglink_domain::model::{AccountId, AccountScope, ApiTokenId, IdRef, Owner, SessionId, Subject, UserId};
use thiserror::Error;

use crate::scope::{Role, Scopes};

/// Whom a valid bearer token speaks for. Only [`AuthService::authenticate`](crate::service::AuthService::authenticate)
/// makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Principal {
    /// Who holds the token.
    pub subject: Subject,
    /// The holder's epoch.
    pub epoch: i64,
    /// What the token may be used for.
    pub scopes: Scopes,
    /// What kind of token it is.
    pub credential: Credential,
}

/// What a bearer token belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An access token of a session: somebody has logged in.
    Session(SessionId),
    /// A personal API token.
    ApiToken(ApiTokenId),
}

/// Why nothing can be created for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OwnerError {
    #[error("The account_id field is required for the admin scope")]
    Required,
    #[error("The account_id field should not be provided for account scope")]
    NotAllowed,
}

impl Principal {
    /// Whose rows the principal may see and change.
    #[must_use]
    pub fn account_scope(&self) -> AccountScope {
        match (self.scopes.role, self.subject) {
            (Role::Admin, _) => AccountScope::All,
            (Role::Account, Subject::Account(own)) => AccountScope::One(own),
            // An account never holds another role: `authenticate` sees to it.
            (Role::Plain | Role::Account, _) => AccountScope::One(AccountId::SHARED),
        }
    }

    /// [`Self::account_scope`], limited to one account if the client names one; `None` if the client may not use it.
    #[must_use]
    pub fn account_scope_of(&self, account: Option<&IdRef<AccountId>>) -> Option<AccountScope> {
        let Some(account) = account else { return Some(self.account_scope()) };
        account.id().filter(|id| self.account_scope().contains(*id)).map(AccountScope::One)
    }

    /// For whom the principal creates something, when the client names this account, or none.
    ///
    /// # Errors
    /// If an admin names none, or somebody else another than its own.
    pub fn owner(&self, named: Option<IdRef<AccountId>>) -> Result<Owner, OwnerError> {
        let own = match self.account_scope() {
            AccountScope::All => return named.map(Owner::chosen).ok_or(OwnerError::Required),
            AccountScope::One(own) => own,
        };
        if named.is_some_and(|named| named.id() != Some(own)) {
            return Err(OwnerError::NotAllowed);
        }
        Ok(match self.scopes.role {
            Role::Account => Owner::own(own),
            Role::Plain | Role::Admin => Owner::shared(),
        })
    }

    /// The user, if it is one.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        match self.subject {
            Subject::User(id) => Some(id),
            Subject::Account(_) => None,
        }
    }

    /// The session, if there is one.
    #[must_use]
    pub fn session_id(&self) -> Option<SessionId> {
        match self.credential {
            Credential::Session(id) => Some(id),
            Credential::ApiToken(_) => None,
        }
    }
}
