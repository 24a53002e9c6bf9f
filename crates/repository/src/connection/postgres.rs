//! PostgreSQL.

use std::error::Error;
use std::io;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

use super::Server;
use super::establish::first_of;
use super::sqlstate::{LatestError, Observed, ObservedTls, Socket};
use super::tls::client_config;
use super::{ConnectError, PgConnection, with_causes};

/// Statements that run longer than 10 s are cancelled, lock waits end after 3 s, and a transaction that was left
/// open is closed by the server. Every list has an index in its order, but while there are no statistics, the planner
/// takes an account for a few rows: it would read all of them by a bitmap, and sort them; or a look-up of some hundred ids
/// for dearer than reading the table, so that an import of n links would read n² rows. Plans that are avoided count as so
/// dear that they would be compiled, which takes longer than to run them.
const SESSION: &str = "SET statement_timeout = '10s'; SET lock_timeout = '3s'; \
    SET idle_in_transaction_session_timeout = '30s'; SET default_transaction_isolation = 'read committed'; \
    SET enable_bitmapscan = off; SET enable_seqscan = off; SET jit = off";

/// Connects and prepares the session.
pub(super) fn connect(server: &Server) -> Result<PgConnection, ConnectError> {
    first_of(server, |url| connect_to(url, server))
}

fn connect_to(url: &Url, server: &Server) -> Result<PgConnection, ConnectError> {
    let invalid = |error: tokio_postgres::Error| ConnectError::Unreachable(with_causes(&error));
    let mut config: Config = url.as_str().parse().map_err(invalid)?;
    if config.get_application_name().is_none() {
        config.application_name("taglink");
    }
    let tls = server.tls.as_ref().map(client_config).transpose()?.map(MakeRustlsConnect::new);
    let latest = LatestError::default();
    let mut connection = PgConnection::connect(establish(config, tls, latest.clone()), latest)?;
    connection.batch_execute(SESSION)?;
    if server.must_be_writable {
        let is_standby = diesel::dsl::sql::<Bool>(
            "pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'",
        );
        if diesel::select(is_standby).get_result(&mut connection)? {
            return Err(ConnectError::Unreachable("the server does not take writes".into()));
        }
    }
    Ok(connection)
}

async fn establish(
    mut config: Config,
    tls: Option<MakeRustlsConnect>,
    latest: LatestError,
) -> ConnectionResult<AsyncPgConnection> {
    let bad = |error: &(dyn Error + 'static)| ConnectionError::BadConnection(with_causes(error));
    let (socket, host) = open(&config).await.map_err(|error| bad(&error))?;
    let client = if let Some(mut tls) = tls {
        let tls = MakeTlsConnect::<Box<dyn Socket>>::make_tls_connect(&mut tls, &host);
        let tls = ObservedTls { tls: tls.map_err(|error| bad(&error))?, latest };
        driven(config.ssl_mode(SslMode::Require).connect_raw(socket, tls).await)
    } else {
        let socket = Observed::new(socket, latest);
        driven(config.ssl_mode(SslMode::Disable).connect_raw(socket, NoTls).await)
    };
    AsyncPgConnection::try_from(client.map_err(|error| bad(&error))?).await
}

/// Lets the connection run beside its client.
fn driven<S, T>(
    connected: Result<(Client, Connection<S, T>), tokio_postgres::Error>,
) -> Result<Client, tokio_postgres::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (client, connection) = connected?;
    tokio::spawn(connection);
    Ok(client)
}

/// Opens a socket to the one host of the URL, and names it.
async fn open(config: &Config) -> io::Result<(Box<dyn Socket>, String)> {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match config.get_hosts() {
        [Host::Tcp(host)] => {
            let address = config.get_hostaddrs().first().map_or_else(|| host.clone(), ToString::to_string);
            let socket = TcpStream::connect((address, port)).await?;
            socket.set_nodelay(true)?;
            Ok((Box::new(socket), host.clone()))
        }
        #[cfg(unix)]
        [Host::Unix(folder)] => {
            let socket = UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).await?;
            Ok((Box::new(socket), String::new()))
        }
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "a URL names one host")),
    }
}
