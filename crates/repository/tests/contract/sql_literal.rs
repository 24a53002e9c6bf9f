//! Values as the SQL of each database writes them, and columns as texts that are the same on all of them.

use chrono::{DateTime, Utc};
use taglink_domain::model::Timestamp;
use taglink_repository::Backend;
use uuid::Uuid;

use crate::fixture::Fixture;

impl Fixture {
    /// [`id_literal`], for this database.
    pub(crate) fn id_sql(&self, id: impl Into<Uuid>) -> String {
        id_literal(self.backend(), id)
    }

    /// [`time_literal`], for this database.
    pub(crate) fn time_sql(&self, time: Timestamp) -> String {
        time_literal(self.backend(), time)
    }
}

pub(crate) fn id_literal(backend: Backend, id: impl Into<Uuid>) -> String {
    let id = id.into();
    match backend {
        Backend::Sqlite | Backend::Mariadb => format!("X'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'::uuid"),
    }
}

pub(crate) fn bytes_literal(backend: Backend, bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    match backend {
        Backend::Sqlite | Backend::Mariadb => format!("X'{digits}'"),
        Backend::Postgres => format!("'\\x{digits}'::bytea"),
    }
}

pub(crate) fn time_literal(backend: Backend, time: Timestamp) -> String {
    let shown = DateTime::<Utc>::from(time).format("%F %T%.6f");
    match backend {
        Backend::Sqlite => time.micros().to_string(),
        Backend::Postgres => format!("TIMESTAMP '{shown}'"),
        Backend::Mariadb => format!("'{shown}'"),
    }
}

/// A column of ids as text: 32 digits.
pub(crate) fn id_as_text(backend: Backend, column: &str) -> String {
    match backend {
        Backend::Sqlite | Backend::Mariadb => format!("lower(hex({column}))"),
        Backend::Postgres => format!("replace({column}::text, '-', '')"),
    }
}

/// A column of times as text: microseconds since 1970.
pub(crate) fn time_as_text(backend: Backend, column: &str) -> String {
    match backend {
        Backend::Sqlite => format!("CAST({column} AS TEXT)"),
        Backend::Postgres => format!("(EXTRACT(EPOCH FROM {column}) * 1000000)::bigint::text"),
        Backend::Mariadb => format!("CONCAT(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {column}), '')"),
    }
}

/// A column of numbers as text.
pub(crate) fn number_as_text(backend: Backend, column: &str) -> String {
    match backend {
        Backend::Sqlite => format!("CAST({column} AS TEXT)"),
        Backend::Postgres => format!("{column}::text"),
        Backend::Mariadb => format!("CONCAT({column}, '')"),
    }
}
