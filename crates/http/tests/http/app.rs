//! A service with a database of its own, and those who use it.

use std::ops::Deref;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::Method;
use serde_json::{Value, json};
use taglink_auth::password::hash_password;
use taglink_domain::model::{Clock, Email, SystemClock, Username};
use taglink_domain::port::UnitOfWork;
use taglink_domain::use_case::accounts::{self, AccountError, CreateAccount};
use taglink_domain::use_case::users::{self, CreateUser, UserError};
use taglink_repository::{Backend, with_unit_of_work};

pub(crate) use crate::client::Client;
use crate::database::TestDatabase;
pub(crate) use crate::request::{Answer, DOCUMENT, Request, operation, text};
pub(crate) use crate::service::{SECRET, Service};

pub(crate) const USERNAME: &str = "apiuser";
pub(crate) const PASSWORD: &str = "correct horse & battery=staple";

/// The account of clients that know nothing of accounts.
pub(crate) const SHARED: &str = "00000000-0000-0000-0000-000000000000";

/// Hashing once is enough for all tests of a process.
static HASH: LazyLock<String> = LazyLock::new(|| hash_password(&PASSWORD.into()).unwrap());

pub(crate) struct TestApp {
    // In this order: the service ends before its database does.
    service: Service,
    pub(crate) database: TestDatabase,
    token: tokio::sync::OnceCell<String>,
}

impl Deref for TestApp {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

impl TestApp {
    pub(crate) fn new(backend: Backend) -> Self {
        Self::with_settings(backend, &[])
    }

    pub(crate) fn sqlite() -> Self {
        Self::new(Backend::Sqlite)
    }

    pub(crate) fn with_settings(backend: Backend, more: &[(&str, &str)]) -> Self {
        let database = TestDatabase::new(backend);
        let service = Service::start(&database, more);
        let app = Self { service, database, token: tokio::sync::OnceCell::new() };
        app.add_user(USERNAME, &HASH);
        app
    }

    /// Another process of the service, on the same database.
    pub(crate) fn another_service(&self, more: &[(&str, &str)]) -> Service {
        Service::start(&self.database, more)
    }

    /// Adds an admin, and returns its id.
    pub(crate) fn add_user(&self, name: &str, hashed_password: &str) -> String {
        self.create_user(name, hashed_password, true)
    }

    /// Adds a user who is no admin and has the usual password, and returns its id.
    pub(crate) fn add_plain_user(&self, name: &str) -> String {
        self.create_user(name, &HASH, false)
    }

    /// Adds an admin who has the usual password, and returns its id.
    pub(crate) fn add_admin(&self, name: &str) -> String {
        self.create_user(name, &HASH, true)
    }

    fn create_user(&self, name: &str, hashed_password: &str, is_admin: bool) -> String {
        let user = CreateUser {
            username: Username::parse(name).unwrap(),
            hashed_password: hashed_password.into(),
            is_admin,
            at: self.clock.now(),
        };
        self.with_users(|uow| users::create(uow, &user)).id.to_string()
    }

    /// Adds an account with the usual password, and returns its id.
    pub(crate) fn add_account(&self, email: &str) -> String {
        let email = Email::parse(email.to_owned()).unwrap();
        let account = CreateAccount { email, hashed_password: HASH.clone(), at: SystemClock.now() };
        let create = |uow: &mut dyn UnitOfWork| accounts::create(uow, &account);
        with_unit_of_work::<_, AccountError>(&self.database.url, create).unwrap().id.to_string()
    }

    /// Does what `taglink user` does, past the running service.
    pub(crate) fn with_users<T: Send>(
        &self,
        work: impl FnMut(&mut dyn UnitOfWork) -> Result<T, UserError> + Send,
    ) -> T {
        with_unit_of_work(&self.database.url, work).unwrap()
    }

    /// The first user, logged in as an admin.
    pub(crate) async fn admin(&self) -> Client<'_> {
        Client::login(self, USERNAME, "admin").await
    }

    /// A fresh account, logged in.
    pub(crate) async fn account(&self) -> Client<'_> {
        let email = format!("{}@example.org", unique("account"));
        self.add_account(&email);
        Client::login(self, &email, "account").await
    }

    /// A fresh user who is no admin, logged in without a scope.
    pub(crate) async fn user(&self) -> Client<'_> {
        let name = unique("user");
        self.add_plain_user(&name);
        Client::login(self, &name, "").await
    }

    /// A token of the first user, without a scope; asked for once.
    pub(crate) async fn token(&self) -> &str {
        self.token
            .get_or_init(|| async {
                let answer = self.login(USERNAME, PASSWORD).await.expect(200);
                answer["access_token"].as_str().unwrap().to_owned()
            })
            .await
    }

    async fn authorized(&self, method: Method, path: &str) -> Request {
        self.request(method, path).bearer(self.token().await)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.authorized(Method::GET, path).await.send().await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.authorized(Method::DELETE, path).await.send().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.authorized(Method::POST, path).await.json(body).send().await
    }

    /// Posts bytes as JSON.
    pub(crate) async fn post_bytes(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = self.authorized(Method::POST, path).await;
        request.header("content-type", "application/json").body(body.into()).send().await
    }

    /// A link of the shared account under a tag; the ids of both.
    pub(crate) async fn link(&self, url: &str, tag: &str) -> (String, String) {
        let link = self.post("/link/", &json!({"link": url, "tag": tag})).await.expect(200);
        let tags = self.get(&format!("/tag/?tag={tag}")).await.expect(200);
        (text(&link["link_id"]), text(&tags[0]["tag_id"]))
    }
}

/// A name that nobody else in this test has.
pub(crate) fn unique(kind: &str) -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    format!("{kind}{}", COUNTER.fetch_add(1, Ordering::Relaxed))
}
