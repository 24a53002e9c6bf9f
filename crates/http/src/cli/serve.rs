//! `taglink serve`

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::{System, spawn};
use taglink_auth::key::SigningKeys;
use taglink_domain::model::SystemClock;
use taglink_domain::port::Store;
use taglink_domain::use_case::accounts;
use taglink_repository::{DieselStore, ExecutorConfig, FeedConfig, Reindexing};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;

use super::bootstrap::prepare_database;
use super::error::CliError;
use super::welcome::Welcome;
use crate::AppState;
use crate::application::Application;
use crate::logging;
use crate::settings::{ChangeSettings, DatabaseSettings, SecretSource, Settings};

/// How often accounts are looked for whose removal was interrupted.
const BETWEEN_DELETIONS: Duration = Duration::from_mins(10);

/// Prepares the database, then serves until SIGTERM or SIGINT.
pub(super) fn run(settings: &Settings, out: &mut dyn Write) -> Result<(), CliError> {
    let _log = logging::init(&settings.log).map_err(|error| CliError::Serve(error.into()))?;
    let keys = SecretSource::of(settings)?.signing_keys(settings)?;
    let mut welcome = Welcome::new(prepare_database(settings)?);
    let result = run_application(settings, keys, |address| {
        tell(welcome.listening(address, settings.server.public_url.as_deref(), out));
    });
    tell(welcome.login(out));
    result
}

/// A service whose standard output is closed serves all the same.
fn tell(printed: std::io::Result<()>) {
    if let Err(error) = printed {
        tracing::warn!(%error, "cannot write the address and the first login to the standard output");
    }
}

/// Opens the store, binds the socket, and serves until a signal, reindexing beside it; then requests in flight are
/// finished, and after them the jobs of the store.
fn run_application(
    settings: &Settings,
    keys: SigningKeys,
    listening: impl FnOnce(SocketAddr),
) -> Result<(), CliError> {
    let store = open_store(&settings.database, settings.change)?;
    let jobs: Arc<dyn Store> = store.clone();
    let state = AppState::new(Arc::clone(&jobs), Arc::new(SystemClock), settings, keys);
    let served = System::new().block_on(async {
        let signals = StopSignals::listen()?;
        let application = Application::build(&settings.server, &settings.origins, state)?;
        let handle = application.handle();
        let stopper = spawn(async move {
            let signal = signals.wait().await;
            tracing::info!(signal, "stopping");
            handle.stop(true).await;
        });
        let cleaner = spawn(finish_deletions(jobs));
        tracing::info!(address = %application.address(), version = env!("CARGO_PKG_VERSION"), "listening");
        listening(application.address());
        let reindexing = Reindexing::start(&settings.database.url)?;
        let result = application.run().await;
        drop(reindexing);
        stopper.abort();
        cleaner.abort();
        result
    });
    store.close();
    served.map_err(|error: io::Error| CliError::Serve(error.into()))
}

/// Now and then finishes what has interrupted the removal of an account.
async fn finish_deletions(store: Arc<dyn Store>) {
    loop {
        if let Err(error) = accounts::finish_deletions(store.as_ref()).await {
            tracing::warn!(%error, "an account that is to be removed is still there");
        }
        sleep(BETWEEN_DELETIONS).await;
    }
}

pub(super) fn open_store(
    database: &DatabaseSettings,
    change: ChangeSettings,
) -> Result<Arc<DieselStore>, CliError> {
    let config = ExecutorConfig {
        connections: database.connections,
        queue: database.queue,
        deadline: Duration::from_millis(database.deadline_ms),
    };
    let feed = FeedConfig { clock: Arc::new(SystemClock), retention: Some(change.retention()) };
    let store = DieselStore::open_with_feed(&database.url, config, &feed)
        .map_err(|error| CliError::Serve(error.into()))?;
    Ok(Arc::new(store))
}

/// SIGTERM and SIGINT, both of which let requests in flight finish.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// From here on these signals no longer end the process by themselves.
    fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wait(mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
