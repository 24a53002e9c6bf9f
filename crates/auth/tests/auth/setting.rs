//! What each test starts from: an authentication service with a store and a clock of its own, a user, two admins and
//! an account.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use taglink_auth::ThrottleLimits;
use taglink_auth::key::SigningKeys;
use taglink_auth::password::{HashingLimits, hash_password};
use taglink_auth::principal::Principal;
use taglink_auth::scope::{Role, Scopes};
use taglink_auth::service::{
    AuthConfig, AuthService, AuthenticateError, Client, CreateApiToken, Login, LoginError, NewApiToken,
    Refresh, RefreshError, Tokens,
};
use taglink_auth::token::DEFAULT_ISSUER;
use taglink_domain::model::{
    ApiTokenName, Email, IdRef, Session, SessionId, Subject, Timestamp, User, UserChange, UserId, Username,
};
use taglink_domain::port::{RepositoryError, UnitOfWork};
use taglink_domain::use_case::accounts::{self, CreateAccount};
use taglink_domain::use_case::users::{self, CreateUser};

use crate::clock::TestClock;
use crate::store::TestStore;

pub(crate) const SECRET: &str = "a3f1c27be09d4586f2b7714c0d9e5a68";
pub(crate) const EARLIER_SECRET: &str = "77e0b1fa5cd24d9c8e3360b4a19f28d5";
pub(crate) const USERNAME: &str = "apiuser";
pub(crate) const ADMIN: &str = "boss";
pub(crate) const EMAIL: &str = "alice@example.org";
pub(crate) const PASSWORD: &str = "correct horse";
/// From where logins come unless it is said.
pub(crate) const ADDRESS: &str = "192.0.2.1";
/// Longer than the hashing of a test takes by orders of magnitude, so that it is what is measured.
pub(crate) const FLOOR: Duration = Duration::from_secs(1000);
/// Of access tokens, in seconds.
pub(crate) const LIFETIME: u64 = 100;
/// Of sessions, in days.
pub(crate) const SESSION_DAYS: u64 = 30;

pub(crate) struct Setting {
    pub(crate) auth: AuthService,
    pub(crate) store: Arc<TestStore>,
    pub(crate) clock: Arc<TestClock>,
    /// The user [`USERNAME`], who is no admin.
    pub(crate) user_id: UserId,
    /// The user [`ADMIN`]; the service is never without another admin.
    pub(crate) admin: Subject,
    /// The account [`EMAIL`].
    pub(crate) account: Subject,
}

pub(crate) fn keys() -> SigningKeys {
    SigningKeys::new(&SECRET.into(), &[EARLIER_SECRET.into()]).unwrap()
}

pub(crate) fn limits(per_address: u32, per_name_and_address: u32, per_name: u32) -> ThrottleLimits {
    let limit = |number| NonZeroU32::new(number).unwrap();
    ThrottleLimits {
        per_address: limit(per_address),
        per_name_and_address: limit(per_name_and_address),
        per_name: limit(per_name),
    }
}

/// A configuration that throttles nobody.
pub(crate) fn config() -> AuthConfig {
    AuthConfig {
        keys: keys(),
        issuer: DEFAULT_ISSUER.into(),
        access_token_lifetime: Duration::from_secs(LIFETIME),
        session_lifetime: Duration::from_secs(SESSION_DAYS * 24 * 60 * 60),
        login_failure_floor: FLOOR,
        hashing: HashingLimits { permits: 1, waiting: 32 },
        throttle: limits(10_000, 10_000, 10_000),
    }
}

/// A hash of [`PASSWORD`], made once for all tests of the process.
pub(crate) fn hashed_password() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hash_password(&PASSWORD.into()).unwrap())
}

impl Setting {
    pub(crate) fn new() -> Self {
        Self::with(config(), hashed_password())
    }

    /// A setting in which all have this stored hash.
    pub(crate) fn with(config: AuthConfig, hashed_password: &str) -> Self {
        let (store, clock) = (Arc::new(TestStore::new()), Arc::new(TestClock::new()));
        let hash = hashed_password.to_owned();
        let (user, admin, account) = store
            .elsewhere::<_, RepositoryError>(|uow| {
                let user = insert_user(uow, USERNAME, false, &hash);
                insert_user(uow, "keeper", true, &hash);
                Ok((user, insert_user(uow, ADMIN, true, &hash), insert_account(uow, EMAIL, &hash)))
            })
            .unwrap();
        let Subject::User(user_id) = user else { unreachable!() };
        let auth = AuthService::new(store.clone(), clock.clone(), config);
        Self { auth, store, clock, user_id, admin, account }
    }

    /// Another process on the same store, and what it knows when it has just been started.
    pub(crate) fn restarted(&self, config: AuthConfig) -> Self {
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        let auth = AuthService::new(store.clone(), clock.clone(), config);
        Self { auth, store, clock, ..*self }
    }

    pub(crate) async fn login(&self, username: &str, password: &str) -> Result<Tokens, LoginError> {
        self.login_for_scope(username, password, "").await
    }

    pub(crate) async fn login_for_scope(
        &self,
        username: &str,
        password: &str,
        scope: &str,
    ) -> Result<Tokens, LoginError> {
        self.login_from(ADDRESS, username, password, scope).await
    }

    pub(crate) async fn login_from(
        &self,
        address: &str,
        username: &str,
        password: &str,
        scope: &str,
    ) -> Result<Tokens, LoginError> {
        let client = Client { address: ip(address), user_agent: Some("a browser".into()) };
        let login =
            Login { username: username.into(), password: password.into(), scope: scope.into(), client };
        self.auth.login(login).await
    }

    /// Logs in as whoever may have these scopes.
    pub(crate) async fn tokens(&self, scope: &str) -> Tokens {
        let name = match Scopes::parse(scope).unwrap().role {
            Role::Plain => USERNAME,
            Role::Admin => ADMIN,
            Role::Account => EMAIL,
        };
        self.login_for_scope(name, PASSWORD, scope).await.unwrap()
    }

    /// The access token of a user's fresh login.
    pub(crate) async fn token(&self) -> String {
        self.tokens("").await.access.access_token
    }

    pub(crate) async fn authenticate(&self, token: &str) -> Result<Principal, AuthenticateError> {
        self.auth.authenticate(token).await
    }

    pub(crate) async fn principal(&self, tokens: &Tokens) -> Principal {
        self.authenticate(&tokens.access.access_token).await.unwrap()
    }

    pub(crate) async fn refresh(&self, refresh_token: &SecretString) -> Result<Tokens, RefreshError> {
        self.refresh_for_scope(refresh_token, "").await
    }

    pub(crate) async fn refresh_for_scope(
        &self,
        refresh_token: &SecretString,
        scope: &str,
    ) -> Result<Tokens, RefreshError> {
        let refresh = Refresh { refresh_token: refresh_token.clone(), scope: scope.into() };
        self.auth.refresh(&refresh).await
    }

    /// Makes an API token that does not expire.
    pub(crate) async fn api_token(&self, principal: &Principal) -> NewApiToken {
        self.auth.create_api_token(principal, wish(None)).await.unwrap()
    }

    /// The stored session, if there is one.
    pub(crate) fn session(&self, id: SessionId) -> Option<Session> {
        self.store.elsewhere::<_, RepositoryError>(|uow| uow.session(id)).unwrap()
    }

    /// The stored user.
    pub(crate) fn user(&self) -> User {
        let user = self.store.elsewhere::<_, RepositoryError>(|uow| uow.user(self.user_id)).unwrap();
        user.unwrap()
    }

    /// Changes the user behind the service's back, as another process does.
    pub(crate) fn change_user(&self, change: &UserChange) {
        let id = IdRef::from(self.user_id);
        let at = self.now();
        self.store.elsewhere(|uow| users::change(uow, &id, change, at)).unwrap();
    }

    /// Disables the user behind the service's back.
    pub(crate) fn disable_user(&self) {
        self.change_user(&UserChange { disabled: Some(true), ..UserChange::default() });
    }

    /// Removes the user behind the service's back.
    pub(crate) fn remove_user(&self) {
        let id = IdRef::from(self.user_id);
        self.store.elsewhere(|uow| users::remove(uow, &id)).unwrap();
    }

    pub(crate) fn now(&self) -> Timestamp {
        taglink_domain::model::Clock::now(self.clock.as_ref())
    }
}

pub(crate) fn ip(address: &str) -> IpAddr {
    address.parse().unwrap()
}

/// A wish for an API token that does not expire.
pub(crate) fn wish(scopes: Option<&str>) -> CreateApiToken {
    let scopes = scopes.map(|scopes| Scopes::parse(scopes).unwrap());
    CreateApiToken { name: ApiTokenName::parse("a script").unwrap(), scopes, lifetime: None }
}

pub(crate) fn shown(secret: &SecretString) -> &str {
    secret.expose_secret()
}

pub(crate) fn insert_user(uow: &mut dyn UnitOfWork, name: &str, is_admin: bool, hash: &str) -> Subject {
    let username = Username::parse(name).unwrap();
    let command = CreateUser { username, hashed_password: hash.into(), is_admin, at: beginning() };
    Subject::User(users::create(uow, &command).unwrap().id)
}

pub(crate) fn insert_account(uow: &mut dyn UnitOfWork, email: &str, hash: &str) -> Subject {
    let email = Email::parse(email.into()).unwrap();
    let command = CreateAccount { email, hashed_password: hash.into(), at: beginning() };
    Subject::Account(accounts::create(uow, &command).unwrap().id)
}

fn beginning() -> Timestamp {
    taglink_domain::model::Clock::now(&TestClock::new())
}
