//! MariaDB.

use diesel::ConnectionError;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::AsyncMysqlConnection;
use mysql_async::{Conn, Opts, OptsBuilder, SslOpts};
use url::Url;

use super::establish::first_of;
use super::sqlstate::LatestError;
use super::{ConnectError, MysqlConnection, with_causes};
use super::{Server, Tls};

/// As for PostgreSQL, and strict SQL: a value that does not fit is an error, never cut off.
const SESSION: &str = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,\
    NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION', SESSION tx_isolation = 'READ-COMMITTED', \
    SESSION innodb_lock_wait_timeout = 3, SESSION max_statement_time = 10, SESSION time_zone = '+00:00'";

/// The oldest MariaDB that is supported: those before are past their end of life.
const OLDEST: (u32, u32) = (10, 11);

/// The smallest `max_allowed_packet` that is supported, in bytes: MariaDB's default. An answer that is kept for an
/// `Idempotency-Key` may have 8 MiB.
const SMALLEST_PACKET: i64 = 16 * 1024 * 1024;

/// Connects, checks that it is a MariaDB that will do, and prepares the session.
pub(super) fn connect(server: &Server) -> Result<MysqlConnection, ConnectError> {
    first_of(server, |url| connect_to(url, server))
}

fn connect_to(url: &Url, server: &Server) -> Result<MysqlConnection, ConnectError> {
    let options = options(url, server)?;
    let mut connection = MysqlConnection::connect(
        async {
            let connection = Conn::new(options)
                .await
                .map_err(|error| ConnectionError::BadConnection(with_causes(&error)))?;
            AsyncMysqlConnection::try_from(connection).await
        },
        LatestError::default(),
    )?;
    let server_is = diesel::dsl::sql::<(Text, BigInt)>("VERSION(), CAST(@@max_allowed_packet AS SIGNED)");
    let (version, packet): (String, i64) = diesel::select(server_is).get_result(&mut connection)?;
    check_server(&version, packet)?;
    connection.batch_execute(SESSION)?;
    if server.must_be_writable {
        let is_ready = diesel::dsl::sql::<BigInt>(
            "NOT @@global.read_only AND NOT EXISTS (SELECT 1 FROM information_schema.global_variables v \
             JOIN information_schema.global_status s ON s.variable_name = 'wsrep_ready' \
             WHERE v.variable_name = 'wsrep_on' AND v.variable_value = 'ON' AND s.variable_value <> 'ON')",
        );
        if diesel::select(is_ready).get_result::<i64>(&mut connection)? == 0 {
            return Err(ConnectError::Unreachable("the server does not take writes".into()));
        }
    }
    Ok(connection)
}

impl MysqlConnection {
    /// The number of the error of the statement before this, which the driver does not pass on; `None` if the
    /// connection is lost.
    pub(crate) fn error_number(&mut self) -> Option<i64> {
        self.batch_execute("GET DIAGNOSTICS CONDITION 1 @taglink_error = MYSQL_ERRNO").ok()?;
        let number = diesel::dsl::sql::<BigInt>("CAST(@taglink_error AS SIGNED)");
        diesel::select(number).get_result(self).ok()
    }
}

/// How to reach a server.
pub(crate) fn options(url: &Url, server: &Server) -> Result<OptsBuilder, ConnectError> {
    let options = Opts::from_url(url.as_str())
        .map_err(|error| ConnectError::Unreachable(format!("the URL is not valid: {error}")))?;
    Ok(OptsBuilder::from_opts(options)
        // diesel keeps the statements.
        .stmt_cache_size(0)
        // An update that changes nothing counts its row all the same, as on the other databases.
        .client_found_rows(true)
        .prefer_socket(false)
        .ssl_opts(server.tls.as_ref().map(ssl_options)))
}

fn ssl_options(Tls { authorities }: &Tls) -> SslOpts {
    let options = SslOpts::default();
    match authorities {
        Some(file) => options.with_root_certs(vec![file.clone().into()]).with_disable_built_in_roots(true),
        None => options,
    }
}

/// Refuses a server that is too old, or takes too short statements.
fn check_server(version: &str, packet: i64) -> Result<(), ConnectError> {
    if !is_supported(version) {
        let (major, minor) = OLDEST;
        return Err(ConnectError::Unsupported(format!(
            "the server says it is version {version:?}; taglink needs MariaDB {major}.{minor} or newer"
        )));
    }
    if packet < SMALLEST_PACKET {
        return Err(ConnectError::Unsupported(format!(
            "the server's max_allowed_packet is {packet} bytes; taglink needs {SMALLEST_PACKET}, MariaDB's default"
        )));
    }
    Ok(())
}

/// Whether `VERSION()` tells of a MariaDB that is new enough, as in `10.11.6-MariaDB-1`. Old ones and `MySQL` lack the
/// collation `utf8mb4_nopad_bin`. A leading `5.5.5-` is what MariaDB sends for the sake of old replicas.
fn is_supported(version: &str) -> bool {
    let mut numbers =
        version.trim_start_matches("5.5.5-").split(['.', '-']).map_while(|part| part.parse().ok());
    let number = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    version.contains("MariaDB") && number >= OLDEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mariadb_from_10_11_is_supported() {
        for version in
            ["10.11.0-MariaDB", "10.11.6-MariaDB-0+deb12u1", "5.5.5-11.4.2-MariaDB", "12.0.1-MariaDB-log"]
        {
            assert!(is_supported(version), "{version}");
        }
        for version in ["8.0.36", "10.6.21-MariaDB", "5.5.5-10.3.1-MariaDB", "", "MariaDB"] {
            assert!(!is_supported(version), "{version}");
        }
    }

    #[test]
    fn a_server_must_take_packets_of_the_default_size() {
        assert!(check_server("10.11.6-MariaDB", SMALLEST_PACKET).is_ok());
        let refusal = check_server("10.11.6-MariaDB", 1024 * 1024).unwrap_err().to_string();
        assert!(refusal.contains("max_allowed_packet is 1048576 bytes"), "{refusal}");
    }
}
