//! One classifier for the errors of all databases.
//!
//! diesel passes on the kind of a constraint violation. Everything else (deadlock, lock wait, disk full, server gone) is
//! recognised by PostgreSQL's SQLSTATE (see `connection/sqlstate.rs`) or MariaDB's error number. SQLite is built in and its
//! messages are always English: they are matched as text, because diesel does not pass on its codes.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
pub(crate) use taglink_domain::port::Table;
use taglink_domain::port::{Constraint, RepositoryError};

use crate::connection::{AnyConnection, ConnectError};

/// Each unique constraint.
const UNIQUE: [(&str, Constraint); 23] = [
    ("account_account_id_key", Constraint::PrimaryKey(Table::Account)),
    ("account_email_key_key", Constraint::AccountEmail),
    ("user_user_id_key", Constraint::PrimaryKey(Table::User)),
    ("user_username_key_key", Constraint::UserUsername),
    ("link_link_id_key", Constraint::PrimaryKey(Table::Link)),
    ("link_account_id_created_at_link_id_key", Constraint::PrimaryKey(Table::Link)),
    ("link_account_id_url_hash_key", Constraint::LinkUrl),
    ("tag_tag_id_key", Constraint::PrimaryKey(Table::Tag)),
    ("tag_account_id_tag_id_key", Constraint::PrimaryKey(Table::Tag)),
    ("tag_account_id_name_key_key", Constraint::TagName),
    ("taglink_account_id_tag_id_link_created_at_link_id_key", Constraint::PrimaryKey(Table::TagLink)),
    ("session_session_id_key", Constraint::PrimaryKey(Table::Session)),
    ("refresh_token_token_hash_key", Constraint::PrimaryKey(Table::RefreshToken)),
    ("api_token_api_token_id_key", Constraint::PrimaryKey(Table::ApiToken)),
    ("api_token_token_hash_key", Constraint::ApiTokenHash),
    ("login_origin_origin_key", Constraint::PrimaryKey(Table::LoginOrigin)),
    ("idempotency_key_hash_key", Constraint::PrimaryKey(Table::Idempotency)),
    ("change_account_id_seq_key", Constraint::PrimaryKey(Table::Change)),
    ("account_lock_account_id_key", Constraint::PrimaryKey(Table::AccountLock)),
    ("change_head_account_id_key", Constraint::PrimaryKey(Table::ChangeHead)),
    ("change_pending_account_id_id_key", Constraint::PrimaryKey(Table::ChangePending)),
    ("link_term_account_id_term_link_created_at_link_id_key", Constraint::PrimaryKey(Table::LinkTerm)),
    ("tag_term_account_id_term_tag_id_key", Constraint::PrimaryKey(Table::TagTerm)),
];

/// Each foreign key.
const FOREIGN: [(&str, Constraint); 16] = [
    ("link_account_id_fkey", Constraint::LinkAccount),
    ("tag_account_id_fkey", Constraint::TagAccount),
    ("taglink_account_id_tag_id_fkey", Constraint::TagLinkTag),
    ("taglink_account_id_link_created_at_link_id_fkey", Constraint::TagLinkLink),
    ("session_user_id_fkey", Constraint::SessionUser),
    ("session_account_id_fkey", Constraint::SessionAccount),
    ("refresh_token_session_id_fkey", Constraint::RefreshTokenSession),
    ("api_token_user_id_fkey", Constraint::ApiTokenUser),
    ("api_token_account_id_fkey", Constraint::ApiTokenAccount),
    ("idempotency_user_id_fkey", Constraint::IdempotencyUser),
    ("idempotency_account_id_fkey", Constraint::IdempotencyAccount),
    ("change_account_id_fkey", Constraint::ChangeAccount),
    ("account_lock_account_id_fkey", Constraint::AccountLockAccount),
    ("change_head_account_id_fkey", Constraint::ChangeAccount),
    ("change_pending_account_id_fkey", Constraint::ChangeAccount),
    ("tag_term_account_id_tag_id_fkey", Constraint::TagTermTag),
];

/// SQLite's errors, and those of drivers that have lost their server.
const BUSY: [&str; 2] = ["database is locked", "database table is locked"];

const UNAVAILABLE: [&str; 11] = [
    "connection closed",
    "error communicating with the server",
    "Input/output error",
    "Connection closed",
    "connection was closed",
    "Connection refused",
    "Connection reset",
    "Broken pipe",
    "Unknown thread id",
    "unable to open database file",
    "disk I/O error",
];

const NOT_WRITABLE: [&str; 2] = ["database or disk is full", "readonly database"];

const CORRUPT: [&str; 2] = ["database disk image is malformed", "file is not a database"];

/// Tells what the error of a statement on this connection means, which concerns `table`.
pub(crate) fn classify_on(
    connection: &mut AnyConnection,
    error: &Error,
    table: Option<Table>,
) -> RepositoryError {
    match (connection, error) {
        (AnyConnection::Mariadb(mariadb), Error::DatabaseError(DatabaseErrorKind::Unknown, information)) => {
            let message = information.message().to_owned();
            match mariadb.error_number() {
                Some(number) => classify_number(number, message),
                None => RepositoryError::Unavailable(message),
            }
        }
        _ => classify(error, table),
    }
}

/// Tells what an error means, for a statement that concerns `table`.
pub(crate) fn classify(error: &Error, table: Option<Table>) -> RepositoryError {
    match error {
        Error::DatabaseError(kind, information) => {
            classify_database_error(*kind, information.as_ref(), table)
        }
        Error::DeserializationError(cause) => RepositoryError::Corrupt(cause.to_string()),
        Error::BrokenTransactionManager => RepositoryError::Unavailable(error.to_string()),
        other => RepositoryError::Internal(other.to_string()),
    }
}

fn classify_database_error(
    kind: DatabaseErrorKind,
    information: &(dyn DatabaseErrorInformation + Send + Sync),
    table: Option<Table>,
) -> RepositoryError {
    let message = information.message();
    match kind {
        DatabaseErrorKind::UniqueViolation => unique(information, table)
            .map_or_else(|| RepositoryError::Internal(message.to_owned()), RepositoryError::Conflict),
        DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => {
            RepositoryError::MissingReference(foreign(information))
        }
        DatabaseErrorKind::SerializationFailure => RepositoryError::Busy(message.to_owned()),
        DatabaseErrorKind::ReadOnlyTransaction => RepositoryError::NotWritable(message.to_owned()),
        DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => {
            RepositoryError::Unavailable(message.to_owned())
        }
        _ => classify_message(message),
    }
}

fn classify_message(message: &str) -> RepositoryError {
    if let Some((code, _)) = message.strip_prefix("SQLSTATE ").and_then(|rest| rest.split_once(": ")) {
        return classify_sqlstate(code, message.to_owned());
    }
    let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    let message = message.to_owned();
    if says(&NOT_WRITABLE) {
        RepositoryError::NotWritable(message)
    } else if says(&BUSY) {
        RepositoryError::Busy(message)
    } else if says(&UNAVAILABLE) {
        RepositoryError::Unavailable(message)
    } else if says(&CORRUPT) {
        RepositoryError::Corrupt(message)
    } else {
        RepositoryError::Internal(message)
    }
}

/// By the codes in appendix A of PostgreSQL's documentation.
fn classify_sqlstate(code: &str, message: String) -> RepositoryError {
    match code {
        // Serialization failure, deadlock, lock and statement time-outs, too many connections.
        "40001" | "40P01" | "55P03" | "57014" | "53300" => RepositoryError::Busy(message),
        // The server ends the connection, or is not there yet.
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "53200" => RepositoryError::Unavailable(message),
        "53100" | "25006" => RepositoryError::NotWritable(message),
        "XX001" | "XX002" => RepositoryError::Corrupt(message),
        code if code.starts_with("08") || code.starts_with("58") => RepositoryError::Unavailable(message),
        _ => RepositoryError::Internal(message),
    }
}

/// By the numbers in MariaDB's documentation, "MariaDB Error Codes".
fn classify_number(number: i64, message: String) -> RepositoryError {
    match number {
        // Too many connections, lock wait, deadlock (also a certification failure of Galera), a statement that was
        // interrupted or took too long, a row that has changed since it was read.
        1040 | 1203 | 1205 | 1213 | 1317 | 1969 | 1020 => RepositoryError::Busy(message),
        // A node that is not part of its cluster's primary component, a server that ends, a connection that was killed.
        1047 | 1053 | 1927 => RepositoryError::Unavailable(message),
        // Disk full, table full, and three ways to be read-only.
        1021 | 1114 | 1290 | 1792 | 1836 => RepositoryError::NotWritable(message),
        1194 | 1195 | 1712 => RepositoryError::Corrupt(message),
        _ => RepositoryError::Internal(message),
    }
}

/// PostgreSQL names the constraint, SQLite its columns, MariaDB the key, after the value (which may hold anything); it
/// calls every primary key `PRIMARY`, whatever its table.
fn unique(information: &dyn DatabaseErrorInformation, table: Option<Table>) -> Option<Constraint> {
    let message = information.message();
    if let Some(columns) = message.strip_prefix("UNIQUE constraint failed: ") {
        return named(&UNIQUE, &name_of_key(columns)?);
    }
    let name = information.constraint_name().or_else(|| {
        let (_, key) = message.strip_suffix('\'')?.rsplit_once('\'')?;
        Some(key)
    })?;
    if name == "PRIMARY" { table.map(Constraint::PrimaryKey) } else { named(&UNIQUE, name) }
}

/// The name of the unique constraint on these columns, as in `tag.account_id, tag.name_key`.
fn name_of_key(columns: &str) -> Option<String> {
    let (table, _) = columns.split_once('.')?;
    let columns = columns.split(", ").filter_map(|column| Some(column.split_once('.')?.1));
    Some(columns.fold(table.to_owned(), |name, column| name + "_" + column) + "_key")
}

fn named(constraints: &[(&str, Constraint)], name: &str) -> Option<Constraint> {
    constraints.iter().find(|(known, _)| *known == name).map(|(_, constraint)| *constraint)
}

/// PostgreSQL names the foreign key, MariaDB quotes its definition, SQLite says nothing.
fn foreign(information: &dyn DatabaseErrorInformation) -> Option<Constraint> {
    let name = information.constraint_name().or_else(|| {
        let (_, definition) = information.message().split_once("CONSTRAINT `")?;
        definition.split_once('`').map(|(name, _)| name)
    })?;
    named(&FOREIGN, name)
}

impl From<ConnectError> for RepositoryError {
    fn from(error: ConnectError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// Runs raw SQL and tells what went wrong.
pub(crate) fn execute(connection: &mut AnyConnection, sql: &str) -> Result<(), RepositoryError> {
    diesel::connection::SimpleConnection::batch_execute(connection, sql)
        .map_err(|error| classify_on(connection, &error, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: DatabaseErrorKind, message: &str) -> RepositoryError {
        classify(&Error::DatabaseError(kind, Box::new(message.to_owned())), Some(Table::TagLink))
    }

    #[test]
    fn errors_are_told_apart_by_their_codes() {
        let text = |text: &str| of(DatabaseErrorKind::Unknown, text);
        let busy = [
            text("database is locked"),
            text("SQLSTATE 40P01: Verklemmung entdeckt"),
            text("SQLSTATE 55P03: storniere Anfrage wegen Zeitüberschreitung der Sperre"),
            classify_number(1213, String::new()),
            classify_number(1205, String::new()),
        ];
        assert!(busy.iter().all(|error| matches!(error, RepositoryError::Busy(_))), "{busy:?}");
        let gone = [
            text("SQLSTATE 57P01: Verbindung wird abgebrochen aufgrund von Anweisung des Administrators"),
            text("SQLSTATE 08006: connection failure"),
            text("Input/output error: Connection reset by peer (os error 104)"),
            classify_number(1047, String::new()),
            classify_number(1053, String::new()),
        ];
        assert!(gone.iter().all(|error| matches!(error, RepositoryError::Unavailable(_))), "{gone:?}");
        let full = [
            text("database or disk is full"),
            text("attempt to write a readonly database"),
            text("SQLSTATE 53100: konnte Datei »base/1/2« nicht erweitern"),
            classify_number(1114, String::new()),
            classify_number(1290, String::new()),
        ];
        assert!(full.iter().all(|error| matches!(error, RepositoryError::NotWritable(_))), "{full:?}");
        assert!(matches!(text("file is not a database"), RepositoryError::Corrupt(_)));
        let other = [text("SQLSTATE 42601: Syntaxfehler"), classify_number(1064, String::new())];
        assert!(other.iter().all(|error| matches!(error, RepositoryError::Internal(_))), "{other:?}");
    }

    #[test]
    fn a_value_cannot_pose_as_the_name_of_a_key() {
        let message =
            "Duplicate entry 'x' for key 'user_username_key_key' for key 'tag_account_id_name_key_key'";
        let error = of(DatabaseErrorKind::UniqueViolation, message);
        assert_eq!(error, RepositoryError::Conflict(Constraint::TagName));
        let error = of(DatabaseErrorKind::UniqueViolation, "Duplicate entry 'a-b' for key 'PRIMARY'");
        assert_eq!(error, RepositoryError::Conflict(Constraint::PrimaryKey(Table::TagLink)));
    }
}
