//! What each test starts from: an authentication service with a store, a clock and one user of its own.

use std::sync::Arc;
use std::time::Duration;

use taglink_auth::key::SigningKeys;
use taglink_auth::password::{HashingLimits, hash_password};
use taglink_auth::service::{AuthConfig, AuthService, Login, LoginError};
use taglink_auth::token::{DEFAULT_ISSUER, IssuedToken};
use taglink_domain::model::{Clock, User, UserId};

use crate::fake::{FakeClock, FakeStore};

pub(crate) const SECRET: &str = "a3f1c27be09d4586f2b7714c0d9e5a68";
pub(crate) const EARLIER_SECRET: &str = "77e0b1fa5cd24d9c8e3360b4a19f28d5";
pub(crate) const USERNAME: &str = "apiuser";
pub(crate) const PASSWORD: &str = "correct horse";
/// Longer than the hashing of a test takes by orders of magnitude, so that it is what is measured.
pub(crate) const FLOOR: Duration = Duration::from_secs(1000);
/// Of tokens, in seconds.
pub(crate) const LIFETIME: u64 = 100;

pub(crate) struct Setting {
    pub(crate) auth: AuthService,
    pub(crate) store: Arc<FakeStore>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) user_id: UserId,
}

pub(crate) fn keys() -> SigningKeys {
    SigningKeys::new(&SECRET.into(), &[EARLIER_SECRET.into()]).unwrap()
}

pub(crate) fn config() -> AuthConfig {
    AuthConfig {
        keys: keys(),
        issuer: DEFAULT_ISSUER.into(),
        access_token_lifetime: Duration::from_secs(LIFETIME),
        login_failure_floor: FLOOR,
        hashing: HashingLimits { permits: 1, waiting: 32 },
    }
}

impl Setting {
    pub(crate) fn new() -> Self {
        Self::with(config(), &hash_password(&PASSWORD.into()).unwrap())
    }

    pub(crate) fn with(config: AuthConfig, hashed_password: &str) -> Self {
        let (store, clock) = (Arc::new(FakeStore::default()), Arc::new(FakeClock::new()));
        let user = User {
            id: UserId::new(),
            username: USERNAME.into(),
            hashed_password: hashed_password.into(),
            is_admin: false,
            disabled: false,
            epoch: 7,
            created_at: clock.now(),
        };
        let user_id = user.id;
        store.state().users.push(user);
        let auth = AuthService::new(store.clone(), clock.clone(), config);
        Self { auth, store, clock, user_id }
    }

    pub(crate) async fn login(&self, username: &str, password: &str) -> Result<IssuedToken, LoginError> {
        self.login_for_scope(username, password, "").await
    }

    pub(crate) async fn login_for_scope(
        &self,
        username: &str,
        password: &str,
        scope: &str,
    ) -> Result<IssuedToken, LoginError> {
        let login = Login { username: username.into(), password: password.into(), scope: scope.into() };
        self.auth.login(login).await
    }

    pub(crate) async fn token(&self) -> String {
        self.login(USERNAME, PASSWORD).await.unwrap().access_token
    }

    pub(crate) fn change_user(&self, change: impl FnOnce(&mut User)) {
        change(&mut self.store.state().users[0]);
    }
}
