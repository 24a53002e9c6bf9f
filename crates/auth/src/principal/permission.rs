//! What a principal may do: one rule for each kind of route.

use taglink_domain::model::Subject;

use super::{Credential, Principal};
use crate::scope::Role;

/// What a route needs its principal to be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Read links, tags and taglinks.
    ReadData,
    /// Change them.
    WriteData,
    /// Read accounts: all of them, or the own one.
    ReadAccounts,
    /// Create accounts.
    CreateAccounts,
    /// Remove an account: any, or the own one.
    RemoveAccounts,
    /// Change the email or the password of an account: of any, or of the own one.
    ChangeAccountCredentials,
    /// Read users.
    ReadUsers,
    /// Create, change and remove users.
    ManageUsers,
    /// Read the user that one is.
    ReadOwnUser,
    /// Change the password of the user that one is.
    ChangeOwnPassword,
    /// See and end one's own sessions and API tokens, and make API tokens.
    ManageOwnCredentials,
}

impl Principal {
    /// Whether the principal may do this at all; whose rows it may do it to, its scope says.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        let writes = !self.scopes.read_only;
        // A token that leaked from a script must not become a takeover.
        let manages_credentials = writes && matches!(self.credential, Credential::Session(_));
        let role = self.scopes.role;
        let is_user = matches!(self.subject, Subject::User(_));
        match permission {
            Permission::ReadData => true,
            Permission::WriteData => writes,
            Permission::ReadAccounts => role != Role::Plain,
            Permission::CreateAccounts => role == Role::Admin && writes,
            Permission::RemoveAccounts => role != Role::Plain && writes,
            Permission::ChangeAccountCredentials => role != Role::Plain && manages_credentials,
            Permission::ReadUsers => role == Role::Admin,
            Permission::ManageUsers => role == Role::Admin && manages_credentials,
            Permission::ReadOwnUser => is_user,
            Permission::ChangeOwnPassword => is_user && manages_credentials,
            Permission::ManageOwnCredentials => manages_credentials,
        }
    }
}
