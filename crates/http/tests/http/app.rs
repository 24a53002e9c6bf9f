//! A running service, and a client that knows the OpenAPI document.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use reqwest::{Method, header};
use serde_json::Value;
use taglink_auth::password::hash_password;
use taglink_domain::model::{Clock, SystemClock, Timestamp, Username};
use taglink_domain::port::Store;
use taglink_domain::use_case::users::{self, CreateUser, UserError};
use taglink_http::AppState;
use taglink_http::application::Application;
use taglink_http::settings::{Environment, SecretSource, Settings};
use taglink_repository::{Backend, DieselStore, ExecutorConfig, migration, with_unit_of_work};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::database::TestDatabase;

pub(crate) const USERNAME: &str = "apiuser";
pub(crate) const PASSWORD: &str = "correct horse & battery=staple";
pub(crate) const SECRET: &str = "8f1c6c1e5b0f4d3b9a7e2d6c4b8a0f9e1d3c5b7a";

/// The document as it is committed: the client checks that each answer is documented.
pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../../openapi.json")).unwrap());

/// Hashing once is enough for all tests of a process.
static HASH: LazyLock<String> = LazyLock::new(|| hash_password(&PASSWORD.into()).unwrap());

/// The real time, moved ahead at will.
#[derive(Default)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(SystemClock.now().micros() + self.0.load(Ordering::Relaxed)).unwrap()
    }
}

pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) database: TestDatabase,
    http: reqwest::Client,
    token: tokio::sync::OnceCell<String>,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
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
        let mut variables = vec![
            ("TAGLINK__DATABASE__URL", database.text.as_str()),
            ("TAGLINK__SERVER__PORT", "0"),
            ("TAGLINK__AUTHENTICATION__SECRET_KEY", SECRET),
            ("TAGLINK__AUTHENTICATION__LOGIN_FAILURE_FLOOR_MS", "0"),
        ];
        variables.extend_from_slice(more);
        let settings = Settings::load(None, &variables.into_iter().collect::<Environment>()).unwrap();
        migration::run(&database.url).unwrap();
        let clock = Arc::new(TestClock::default());
        let (ready, is_ready) = mpsc::channel();
        let thread = std::thread::spawn({
            let clock = Arc::clone(&clock);
            move || serve(&settings, clock, &ready)
        });
        let (address, handle) = is_ready.recv().unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let app = Self {
            address,
            clock,
            database,
            http,
            token: tokio::sync::OnceCell::new(),
            handle,
            thread: Some(thread),
        };
        app.add_user(USERNAME, &HASH);
        app
    }

    pub(crate) fn add_user(&self, name: &str, hashed_password: &str) {
        let user = CreateUser {
            username: Username::parse(name).unwrap(),
            hashed_password: hashed_password.into(),
            is_admin: true,
            at: SystemClock.now(),
        };
        self.with_users(|uow| users::create(uow, &user));
    }

    /// Does what `taglink user` does, past the running service.
    pub(crate) fn with_users(
        &self,
        work: impl FnOnce(&mut dyn taglink_domain::port::UnitOfWork) -> Result<(), UserError> + Send,
    ) {
        with_unit_of_work(&self.database.url, work).unwrap();
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> Request<'_> {
        let builder = self.http.request(method.clone(), format!("http://{}{path}", self.address));
        Request { app: self, method, path: path.to_owned(), builder }
    }

    /// Logs in.
    pub(crate) async fn login(&self, username: &str, password: &str) -> Answer {
        self.request(Method::POST, "/token/")
            .form(&[("username", username), ("password", password)])
            .send()
            .await
    }

    /// A token of the first user, asked for once.
    pub(crate) async fn token(&self) -> &str {
        self.token
            .get_or_init(|| async {
                let answer = self.login(USERNAME, PASSWORD).await.expect(200);
                answer["access_token"].as_str().unwrap().to_owned()
            })
            .await
    }

    async fn authorized(&self, method: Method, path: &str) -> Request<'_> {
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

    /// Sends bytes as they are and returns all that comes back until the server closes the connection.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = tokio::net::TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        // A reset after the answer is no failure of it.
        drop(stream.read_to_end(&mut answer).await);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A link under a tag; the ids of both.
    pub(crate) async fn link(&self, url: &str, tag: &str) -> (String, String) {
        let link = self.post("/link/", &serde_json::json!({"link": url, "tag": tag})).await.expect(200);
        let tags = self.get(&format!("/tag/?tag={tag}")).await.expect(200);
        (text(&link["link_id"]), text(&tags[0]["tag_id"]))
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn serve(settings: &Settings, clock: Arc<TestClock>, ready: &mpsc::Sender<(SocketAddr, ServerHandle)>) {
    let config = ExecutorConfig {
        connections: settings.database.connections,
        queue: settings.database.queue,
        deadline: Duration::from_millis(settings.database.deadline_ms),
    };
    let store = Arc::new(DieselStore::open(&settings.database.url, config).unwrap());
    let keys = SecretSource::of(settings).unwrap().signing_keys(settings).unwrap();
    let jobs: Arc<dyn Store> = store.clone();
    let state = AppState::new(jobs, clock, settings, keys);
    System::new().block_on(async {
        let application = Application::build(&settings.server, &settings.origins, state).unwrap();
        ready.send((application.address(), application.handle())).unwrap();
        application.run().await.unwrap();
    });
    store.close();
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// A request in the making.
pub(crate) struct Request<'a> {
    app: &'a TestApp,
    method: Method,
    path: String,
    builder: reqwest::RequestBuilder,
}

impl Request<'_> {
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self { builder: self.builder.header(name, value), ..self }
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        Self { builder: self.builder.json(body), ..self }
    }

    pub(crate) fn form(self, pairs: &[(&str, &str)]) -> Self {
        Self { builder: self.builder.form(pairs), ..self }
    }

    pub(crate) fn body(self, body: impl Into<reqwest::Body>) -> Self {
        Self { builder: self.builder.body(body), ..self }
    }

    /// Sends it, and checks that the OpenAPI document knows this answer.
    pub(crate) async fn send(self) -> Answer {
        let response = self.builder.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap();
        let answer = Answer { status, headers, body: body.to_vec() };
        assert_documented(&self.method, &self.path, &answer);
        assert!(!self.app.address.ip().is_unspecified());
        answer
    }
}

/// The operation of the document that a request is for.
pub(crate) fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next().unwrap();
    let path = path.strip_suffix('/').unwrap_or(path);
    let segments: Vec<&str> = path.split('/').collect();
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let (_, item) = paths.iter().find(|(template, _)| {
        let template: Vec<&str> = template.trim_end_matches('/').split('/').collect();
        template.len() == segments.len()
            && template.iter().zip(&segments).all(|(known, given)| known == given || known.starts_with('{'))
    })?;
    item.get(method.as_str().to_lowercase())
}

fn assert_documented(method: &Method, path: &str, answer: &Answer) {
    let Some(operation) = operation(method, path) else { return };
    let documented = &operation["responses"][answer.status.to_string()];
    assert!(!documented.is_null(), "{method} {path}: {} is not documented", answer.status);
    let media_type = answer.header("content-type").split(';').next().unwrap().to_owned();
    assert!(
        documented["content"].as_object().unwrap().contains_key(&media_type),
        "{method} {path}: {} as {media_type} is not documented",
        answer.status
    );
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header's value, empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// Checks that this is a problem of this status and text, well-formed in every member.
    #[track_caller]
    pub(crate) fn expect_problem(&self, status: u16, detail: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(problem["detail"], detail);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], "about:blank");
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        for member in ["title", "code"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member} in {problem}");
        }
        problem
    }
}
