//! The service itself, and what every request asks of it.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;
use taglink_domain::model::{ApiTokenId, Clock, Subject, Timestamp};
use taglink_domain::port::{RepositoryError, Store};
use taglink_domain::use_case::api_tokens;
use thiserror::Error;

use crate::key::{DerivationKey, SigningKeys};
use crate::password::{HashingError, HashingLimits, NewPassword, PasswordHasher};
use crate::principal::{CacheKey, Credential, Known, KnownApiToken, Principal, PrincipalCache};
use crate::scope::{Role, Scopes};
use crate::secret::SecretKind;
use crate::throttle::{Throttle, ThrottleLimits};
use crate::token::{Grant, TokenIssuer};

/// How tokens are made, and how logins are bounded.
#[derive(Clone, Debug)]
pub struct AuthConfig {
    pub keys: SigningKeys,
    /// The `iss` of tokens: the public URL of the service, or [`DEFAULT_ISSUER`](crate::token::DEFAULT_ISSUER).
    pub issuer: String,
    /// How long an access token is valid; counted in whole seconds.
    pub access_token_lifetime: Duration,
    /// How long a session can be refreshed after the login.
    pub session_lifetime: Duration,
    /// How long a failed login takes at least. It should be longer than the slowest stored scheme takes: 300 ms for
    /// bcrypt of cost 12.
    pub login_failure_floor: Duration,
    pub hashing: HashingLimits,
    pub throttle: ThrottleLimits,
}

/// Why a bearer token does not let anybody in.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AuthenticateError {
    /// Forged, expired or revoked, or its subject is gone or disabled.
    #[error("Could not validate credentials")]
    Invalid,
    /// Nobody can tell at present.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Logs subjects in and authenticates their requests. One for each process, shared by all threads.
pub struct AuthService {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) hasher: PasswordHasher,
    pub(super) tokens: TokenIssuer,
    pub(super) derivation_keys: Vec<DerivationKey>,
    pub(super) session_lifetime: Duration,
    pub(super) login_failure_floor: Duration,
    pub(super) throttle: Arc<Throttle>,
    pub(super) principals: PrincipalCache,
    /// When the use of API tokens was last written down.
    touched: Cache<ApiTokenId, Timestamp>,
}

/// How exact it is told when an API token was last used, in microseconds.
const LAST_USE_PRECISION: i64 = 60_000_000;

/// For how many API tokens it is remembered that their use was written down.
const TOUCHED: usize = 10_000;

impl AuthService {
    /// Wires the service up.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, config: AuthConfig) -> Self {
        Self {
            principals: PrincipalCache::new(Arc::clone(&store)),
            store,
            clock,
            hasher: PasswordHasher::new(config.hashing),
            derivation_keys: config.keys.derivation_keys().to_vec(),
            tokens: TokenIssuer::new(config.keys, config.issuer, config.access_token_lifetime),
            session_lifetime: config.session_lifetime,
            login_failure_floor: config.login_failure_floor,
            throttle: Arc::new(Throttle::new(config.throttle)),
            touched: Cache::new(TOUCHED),
        }
    }

    /// Says whom a bearer token speaks for: an access token, or a personal API token.
    ///
    /// # Errors
    /// If the token is not one of ours, has expired or was revoked, or its subject is gone, disabled, no longer an admin
    /// or of another epoch; what others changed counts after one second at the latest.
    pub async fn authenticate(&self, token: &str) -> Result<Principal, AuthenticateError> {
        let now = self.clock.now();
        let principal = if let Some(hash) = SecretKind::ApiToken.read(token) {
            let known = self.principals.known(CacheKey::ApiToken(hash), now).await?;
            known.and_then(|known| self.by_api_token(&known, now))
        } else {
            let grant = self.tokens.verify(token, now).map_err(|reason| {
                tracing::debug!(%reason, "bearer token refused");
                AuthenticateError::Invalid
            })?;
            let known = self.principals.known(CacheKey::Session(grant.session_id), now).await?;
            known.and_then(|known| by_access_token(&grant, &known))
        };
        principal.ok_or_else(|| {
            tracing::debug!("bearer token refused: it was revoked, or its subject has changed");
            AuthenticateError::Invalid
        })
    }

    fn by_api_token(&self, known: &Known, now: Timestamp) -> Option<Principal> {
        let token =
            known.api_token.filter(|token| token.expires_at.is_none_or(|expires_at| expires_at > now))?;
        let principal = principal(known, token.scopes, Credential::ApiToken(token.id))?;
        self.note_use(&token, now);
        Some(principal)
    }

    /// Writes down that an API token was used, at most once a minute. The request does not wait for it.
    fn note_use(&self, token: &KnownApiToken, now: Timestamp) {
        let id = token.id;
        let is_recent = |at: Timestamp| now.micros().saturating_sub(at.micros()) <= LAST_USE_PRECISION;
        if token.last_used_at.is_some_and(is_recent) || self.touched.get(&id).is_some_and(is_recent) {
            return;
        }
        self.touched.insert(id, now);
        // The job runs whether or not its answer is waited for. If it fails, the next minute brings another.
        drop(self.store.write(move |uow| api_tokens::touch(uow, id, now)));
    }

    /// Makes a change to a subject count at once for its credentials. To be called when the change has been committed.
    pub fn invalidate(&self, subject: Subject) {
        self.principals.forget_subject(subject);
    }

    /// Makes the end of an API token count at once. To be called when it has been committed.
    pub fn invalidate_api_token(&self, id: ApiTokenId) {
        self.principals.forget_api_token(id);
    }

    /// Hashes a password that is to be set, within the limits that logins obey.
    ///
    /// # Errors
    /// If too many passwords are being hashed, or the machine has no memory or randomness left.
    pub async fn hash_new_password(&self, password: NewPassword) -> Result<String, HashingError> {
        self.hasher.hash(password).await
    }
}

fn by_access_token(grant: &Grant, known: &Known) -> Option<Principal> {
    let is_current = known.status.epoch == grant.epoch && known.status.subject == grant.subject;
    principal(known, grant.scopes, Credential::Session(grant.session_id)).filter(|_| is_current)
}

/// The principal, if its subject may still use these scopes.
fn principal(known: &Known, scopes: Scopes, credential: Credential) -> Option<Principal> {
    let status = known.status;
    let may_use_role = match (scopes.role, status.subject) {
        (Role::Plain, Subject::User(_)) | (Role::Account, Subject::Account(_)) => true,
        (Role::Admin, Subject::User(_)) => status.is_admin,
        (Role::Account, Subject::User(_)) | (Role::Plain | Role::Admin, Subject::Account(_)) => false,
    };
    (may_use_role && !status.disabled).then_some(Principal {
        subject: status.subject,
        epoch: status.epoch,
        scopes,
        credential,
    })
}
