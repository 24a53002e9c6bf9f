//! One classifier for the errors of all databases.
//!
//! diesel tells the kind of a constraint violation; everything else (deadlock, lock wait, disk full, server gone)
//! arrives as text, so texts are matched here and nowhere else.

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

/// Deadlocks, lock waits and time-outs: another try may succeed.
const BUSY: [&str; 12] = [
    "database is locked",
    "database table is locked",
    "deadlock detected",
    "canceling statement due to lock timeout",
    "canceling statement due to statement timeout",
    "could not serialize access",
    "Deadlock found when trying to get lock",
    "Lock wait timeout exceeded",
    "Record has changed since last read",
    "max_statement_time exceeded",
    "too many clients already",
    "Too many connections",
];

/// The connection is gone, or the server is going or not yet there.
const UNAVAILABLE: [&str; 17] = [
    "terminating connection",
    "connection closed",
    "error communicating with the server",
    "the database system is",
    "server closed the connection",
    "Input/output error",
    "Connection closed",
    "connection was closed",
    "Connection was killed",
    "Server shutdown in progress",
    "server has gone away",
    "Connection refused",
    "Connection reset",
    "Broken pipe",
    "Unknown thread id",
    "unable to open database file",
    "disk I/O error",
];

/// The database does not take writes: full, or read-only.
const NOT_WRITABLE: [&str; 10] = [
    "database or disk is full",
    "readonly database",
    "No space left on device",
    "could not extend file",
    "read-only transaction",
    "--read-only option",
    "Running in read-only mode",
    "is full",
    "Disk full",
    "Disk got full",
];

const CORRUPT: [&str; 2] = ["database disk image is malformed", "file is not a database"];

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

/// PostgreSQL names the constraint, SQLite its columns, MariaDB the key, after the value (which may hold anything); it
/// calls every primary key `PRIMARY`, whatever its table.
fn unique(information: &dyn DatabaseErrorInformation, table: Option<Table>) -> Option<Constraint> {
    let message = information.message();
    if let Some(columns) = message.strip_prefix("UNIQUE constraint failed: ") {
        return named(&UNIQUE, &name_of_key(columns)?);
    }
    let name = information.constraint_name().or_else(|| {
        let (_, key) = message.rsplit_once("for key '")?;
        key.strip_suffix('\'')
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
        .map_err(|error| classify(&error, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: DatabaseErrorKind, message: &str) -> RepositoryError {
        classify(&Error::DatabaseError(kind, Box::new(message.to_owned())), Some(Table::TagLink))
    }

    #[test]
    fn texts_that_only_a_failing_server_sends_are_told_apart() {
        let busy = [
            "database is locked",
            "Deadlock found when trying to get lock; try restarting transaction",
            "Lock wait timeout exceeded; try restarting transaction",
            "Record has changed since last read in table 'tag'",
            "canceling statement due to lock timeout",
            "deadlock detected",
        ];
        for text in busy {
            assert!(matches!(of(DatabaseErrorKind::Unknown, text), RepositoryError::Busy(_)), "{text}");
        }
        let gone = [
            "terminating connection due to administrator command",
            "the database system is shutting down",
            "Input/output error: Connection reset by peer (os error 104)",
            "Server shutdown in progress",
        ];
        for text in gone {
            assert!(
                matches!(of(DatabaseErrorKind::Unknown, text), RepositoryError::Unavailable(_)),
                "{text}"
            );
        }
        let full = [
            "database or disk is full",
            "attempt to write a readonly database",
            "could not extend file \"base/1/2\": No space left on device",
            "The table 'tag' is full",
            "The MariaDB server is running with the --read-only option so it cannot execute this statement",
        ];
        for text in full {
            assert!(
                matches!(of(DatabaseErrorKind::Unknown, text), RepositoryError::NotWritable(_)),
                "{text}"
            );
        }
        assert!(matches!(
            of(DatabaseErrorKind::Unknown, "file is not a database"),
            RepositoryError::Corrupt(_)
        ));
        assert!(matches!(of(DatabaseErrorKind::Unknown, "syntax error"), RepositoryError::Internal(_)));
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
