//! A service that runs on a database, and the clock that it goes by.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use reqwest::Method;
use taglink_domain::model::{Clock, SystemClock, Timestamp};
use taglink_domain::port::Store;
use taglink_http::AppState;
use taglink_http::application::Application;
use taglink_http::settings::{Environment, SecretSource, Settings};
use taglink_repository::{DieselStore, ExecutorConfig, FeedConfig, migration};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::database::TestDatabase;
use crate::request::{Answer, Request};

pub(crate) const SECRET: &str = "8f1c6c1e5b0f4d3b9a7e2d6c4b8a0f9e1d3c5b7a";

/// The real time, moved ahead at will, or status still.
#[derive(Default)]
pub(crate) struct TestClock {
    ahead: AtomicI64,
    /// The moment at which it stands still; 0 while it runs.
    stopped_at: AtomicI64,
}

impl TestClock {
    pub(crate) fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).unwrap();
        if self.stopped_at.load(Ordering::Relaxed) == 0 {
            self.ahead.fetch_add(by, Ordering::Relaxed);
        } else {
            self.stopped_at.fetch_add(by, Ordering::Relaxed);
        }
    }

    /// From now on only [`Self::advance`] moves it.
    pub(crate) fn stop(&self) {
        self.stopped_at.store(self.now().micros(), Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let micros = match self.stopped_at.load(Ordering::Relaxed) {
            0 => SystemClock.now().micros() + self.ahead.load(Ordering::Relaxed),
            stopped_at => stopped_at,
        };
        Timestamp::from_micros(micros).unwrap()
    }
}

/// One process of the service, as far as tests can tell.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<TestClock>,
    http: reqwest::Client,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Service {
    /// Starts on the database, with these settings besides the usual ones or instead of them.
    pub(crate) fn start(database: &TestDatabase, more: &[(&str, &str)]) -> Self {
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
        Self { address, clock, http, handle, thread: Some(thread) }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        let builder = self.http.request(method.clone(), format!("http://{}{path}", self.address));
        Request::new(method, path, builder)
    }

    /// Posts a form.
    pub(crate) async fn form(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        self.request(Method::POST, path).form(pairs).send().await
    }

    /// Logs in.
    pub(crate) async fn login(&self, username: &str, password: &str) -> Answer {
        self.form("/token/", &[("username", username), ("password", password)]).await
    }

    /// Gets something with a bearer token.
    pub(crate) async fn get_as(&self, token: &str, path: &str) -> Answer {
        self.request(Method::GET, path).bearer(token).send().await
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
}

impl Drop for Service {
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
    let feed = FeedConfig { clock: clock.clone(), retention: Some(settings.change.retention()) };
    let store = Arc::new(DieselStore::open_with_feed(&settings.database.url, config, &feed).unwrap());
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
