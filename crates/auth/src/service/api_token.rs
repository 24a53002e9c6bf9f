//! Making personal API tokens.

use chrono::TimeDelta;
use secrecy::SecretString;
use taglink_domain::model::{ApiToken, ApiTokenId, ApiTokenName};
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::api_tokens;
use thiserror::Error;

use super::AuthService;
use crate::principal::Principal;
use crate::scope::Scopes;
use crate::secret::SecretKind;

/// A wish for an API token.
#[derive(Clone, Debug)]
pub struct CreateApiToken {
    pub name: ApiTokenName,
    /// What it may be used for; nothing for as much as the one who makes it.
    pub scopes: Option<Scopes>,
    /// For how long it is good; nothing for as long as its subject is.
    pub lifetime: Option<TimeDelta>,
}

/// A fresh API token, whose secret is shown this once.
#[derive(Clone, Debug)]
pub struct NewApiToken {
    pub secret: SecretString,
    pub token: ApiToken,
}

/// Why no API token was made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CreateApiTokenError {
    /// It would be allowed more than the one who makes it.
    #[error("scope must be no more than that of the login, which is \"{0}\"")]
    ScopeTooWide(Scopes),
    /// The one who makes it has changed or gone since it was authenticated.
    #[error("Could not validate credentials")]
    Outdated,
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// No randomness.
    #[error("{0}")]
    Internal(String),
}

impl AuthService {
    /// Makes an API token for the principal.
    ///
    /// # Errors
    /// If it would be allowed more than the principal is.
    pub async fn create_api_token(
        &self,
        principal: &Principal,
        command: CreateApiToken,
    ) -> Result<NewApiToken, CreateApiTokenError> {
        let scopes = command.scopes.unwrap_or(principal.scopes);
        if !scopes.is_within(principal.scopes) {
            return Err(CreateApiTokenError::ScopeTooWide(principal.scopes));
        }
        let (secret, hash) =
            SecretKind::ApiToken.make().map_err(|error| CreateApiTokenError::Internal(error.to_string()))?;
        let now = self.clock.now();
        let token = ApiToken {
            id: ApiTokenId::new(),
            subject: principal.subject,
            name: command.name.as_str().to_owned(),
            scope: scopes.to_string(),
            epoch: principal.epoch,
            created_at: now,
            expires_at: command.lifetime.map(|lifetime| now.plus(lifetime)),
            last_used_at: None,
        };
        let stored = token.clone();
        if self.store.write(move |uow| api_tokens::create(uow, &stored, hash)).await? {
            Ok(NewApiToken { secret, token })
        } else {
            Err(CreateApiTokenError::Outdated)
        }
    }
}
