//! What every handler can reach.

use std::sync::Arc;
use std::time::Duration;

use taglink_auth::key::SigningKeys;
use taglink_auth::password::HashingLimits;
use taglink_auth::principal::Principal;
use taglink_auth::service::{AuthConfig, AuthService};
use taglink_auth::token::DEFAULT_ISSUER;
use taglink_domain::model::{Clock, Timestamp, UrlIdentity};
use taglink_domain::port::{Store, UnitOfWork, UseCaseError};
use taglink_domain::use_case::idempotency::{Given, OnceError, once};
use tokio::sync::Semaphore;

use crate::extract::Idempotent;
use crate::handler::{IntoAnswer, Reply};
use crate::settings::{ImportSettings, Network, Settings};

/// How many imports may have their rows in memory.
const IMPORTS_AT_ONCE: usize = 2;

/// The services behind the handlers; one for all workers.
pub struct AppState {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) auth: AuthService,
    pub(crate) clock: Arc<dyn Clock>,
    /// When two URLs are the same link.
    pub(crate) url_identity: UrlIdentity,
    /// How long the body of a request may take to arrive.
    pub(crate) body_timeout: Duration,
    /// How much can be imported at once.
    pub(crate) import: ImportSettings,
    /// What each import holds while its rows are in memory.
    pub(crate) import_permits: Semaphore,
    /// Under which URL clients reach the service, if that is configured.
    pub(crate) public_url: Option<String>,
    /// The proxies whose word on a client's address is believed.
    pub(crate) trusted_proxies: Vec<Network>,
}

impl AppState {
    /// Wires the services up.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, settings: &Settings, keys: SigningKeys) -> Self {
        let authentication = &settings.authentication;
        let issuer = settings.server.public_url.clone().unwrap_or_else(|| DEFAULT_ISSUER.to_owned());
        let config = AuthConfig {
            keys,
            issuer,
            access_token_lifetime: Duration::from_mins(authentication.access_token_minutes.into()),
            session_lifetime: Duration::from_hours(24 * u64::from(authentication.refresh_token_days)),
            login_failure_floor: Duration::from_millis(authentication.login_failure_floor_ms),
            hashing: HashingLimits::default(),
            throttle: settings.throttle.limits(),
        };
        Self {
            auth: AuthService::new(Arc::clone(&store), Arc::clone(&clock), config),
            store,
            clock,
            url_identity: settings.links.url_identity(),
            body_timeout: Duration::from_millis(settings.server.body_timeout_ms),
            import: settings.import,
            import_permits: Semaphore::new(IMPORTS_AT_ONCE),
            public_url: settings.server.public_url.clone(),
            trusted_proxies: settings.server.trusted_proxies.clone(),
        }
    }

    /// Runs a use case in a transaction of its own: once for each key, if the request has one. Then the answer is kept,
    /// in the same transaction, and given again.
    ///
    /// # Errors
    /// Those of the use case and the storage; if the key was used for another request.
    pub(crate) async fn write_once<T, E, A>(
        &self,
        principal: &Principal,
        key: &Idempotent,
        mut use_case: impl FnMut(&mut dyn UnitOfWork) -> Result<T, E> + Send + 'static,
        to_answer: impl Fn(T) -> A + Send + 'static,
    ) -> Result<Reply, OnceError<E>>
    where
        T: Send + 'static,
        E: UseCaseError,
        A: IntoAnswer,
    {
        let Some(request) = key.request(principal, self.now()) else {
            let done = self.store.write(use_case).await.map_err(OnceError::UseCase)?;
            let answer = to_answer(done).into_answer()?;
            return Ok(Given { answer, is_replayed: false }.into());
        };
        let once = move |uow: &mut dyn UnitOfWork| {
            once(uow, &request, |uow| Ok(to_answer(use_case(uow)?).into_answer()?))
        };
        self.store.write(once).await.map(Reply::from)
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
