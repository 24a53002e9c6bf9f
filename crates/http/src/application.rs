//! The application: everything wired together on a listening socket. Tests build it the same way as production.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::{Server, ServerHandle};
use actix_web::http::header::{
    CONTENT_DISPOSITION, ETAG, HeaderName, LINK, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::middleware::{Condition, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use utoipa_actix_web::AppExt;

use crate::dto::TOTAL_COUNT;
use crate::fallback::{KnownPaths, fallback};
use crate::handler::IDEMPOTENCY_REPLAYED;
use crate::handler::docs;
use crate::middleware::{edge, normalise, problems};
use crate::openapi;
use crate::routes::routes;
use crate::settings::ServerSettings;
use crate::state::AppState;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A server that listens, ready to run.
pub struct Application {
    address: SocketAddr,
    server: Server,
}

impl Application {
    /// Binds the socket and wires the service up. Call it inside an actix system.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub fn build(settings: &ServerSettings, origins: &[String], state: AppState) -> io::Result<Self> {
        let listener = TcpListener::bind((settings.host.as_str(), settings.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;

        let state = Data::new(state);
        let known = Data::new(KnownPaths::new(&openapi::document()));
        let origins: Arc<[String]> = origins.into();

        let workers = std::thread::available_parallelism()?.get();
        let server = HttpServer::new(move || {
            let (app, _) = App::new().into_utoipa_app().configure(routes).split_for_parts();
            app.app_data(state.clone())
                .app_data(known.clone())
                .configure(docs::configure)
                .default_service(web::to(fallback))
                // The last one is the first that a request meets.
                .wrap(from_fn(normalise))
                .wrap(Condition::new(!origins.is_empty(), cors(&origins)))
                .wrap(from_fn(problems))
                .wrap(from_fn(edge))
        })
        .workers(workers)
        .max_connections(settings.max_connections.div_ceil(workers))
        .backlog(BACKLOG)
        .client_request_timeout(Duration::from_millis(settings.header_timeout_ms))
        .keep_alive(Duration::from_millis(settings.keep_alive_ms))
        .shutdown_timeout(settings.shutdown_timeout_ms.div_ceil(1000))
        .disable_signals()
        .listen(listener)?
        .run();
        Ok(Self { address, server })
    }

    /// Where it listens; the port is the real one also when any free one was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops the server from elsewhere.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until the handle stops it.
    ///
    /// # Errors
    /// If accepting connections fails for good.
    pub async fn run(self) -> io::Result<()> {
        self.server.await
    }
}

/// Lets pages of exactly these origins call the service, with any header: tracing agents add their own. Credentials travel
/// in headers that a page sets itself, so the browser's are not allowed.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allow_any_header()
        .expose_headers([
            CONTENT_DISPOSITION,
            ETAG,
            IDEMPOTENCY_REPLAYED,
            LINK,
            LOCATION,
            RETRY_AFTER,
            WWW_AUTHENTICATE,
            REQUEST_ID,
            TOTAL_COUNT,
        ])
        .max_age(3600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
