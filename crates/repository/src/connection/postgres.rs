//! PostgreSQL.

use diesel::ConnectionError;
use diesel::connection::SimpleConnection;
use diesel_async::AsyncPgConnection;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Server;
use super::tls::client_config;
use super::{ConnectError, PgConnection, with_causes};

/// Statements that run longer than 10 s are cancelled, lock waits end after 3 s, and a transaction that was left
/// open is closed by the server. Every list has an index in its order, but while there are no statistics, the planner
/// takes an account for a few rows: it would read all of them by a bitmap, and sort them.
const SESSION: &str = "SET statement_timeout = '10s'; SET lock_timeout = '3s'; \
    SET idle_in_transaction_session_timeout = '30s'; SET default_transaction_isolation = 'read committed'; \
    SET enable_bitmapscan = off";

/// Connects and prepares the session.
pub(super) fn connect(server: &Server) -> Result<PgConnection, ConnectError> {
    let mut config: Config = server
        .url
        .as_str()
        .parse()
        .map_err(|error: tokio_postgres::Error| ConnectError::Unreachable(with_causes(&error)))?;
    if config.get_application_name().is_none() {
        config.application_name("taglink");
    }
    let mut connection = match &server.tls {
        None => connect_over(config.ssl_mode(SslMode::Disable), NoTls),
        Some(tls) => {
            connect_over(config.ssl_mode(SslMode::Require), MakeRustlsConnect::new(client_config(tls)?))
        }
    }?;
    connection.batch_execute(SESSION)?;
    Ok(connection)
}

fn connect_over<T>(config: &Config, tls: T) -> Result<PgConnection, ConnectError>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + Unpin + 'static,
{
    let connection = PgConnection::connect(async {
        let (client, connection) =
            config.connect(tls).await.map_err(|error| ConnectionError::BadConnection(with_causes(&error)))?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    })?;
    Ok(connection)
}
