//! The SQL types of ids and times.
//!
//! | | SQLite | PostgreSQL | MariaDB |
//! |---|---|---|---|
//! | [`Id`] | `BLOB`, 16 bytes | `uuid` | `BINARY(16)` |
//! | [`UtcTime`] | `INTEGER`, microseconds since 1970 | `timestamp(6)` | `DATETIME(6)` |

use std::io::Write;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::mysql::Mysql;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{self, HasSqlType, SqlType};
use diesel::sqlite::Sqlite;
use taglink_domain::model::Timestamp;
use uuid::Uuid;

use crate::connection::MultiBackend;

/// The SQL type of an identifier.
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
#[diesel(
    postgres_type(oid = 2950, array_oid = 2951),
    sqlite_type(name = "Binary"),
    mysql_type(name = "Blob")
)]
pub struct Id;

/// A value of the SQL type [`Id`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Id)]
pub(crate) struct DbId(Uuid);

impl DbId {
    /// Wraps an id of the domain.
    pub(crate) fn of(id: impl Into<Uuid>) -> Self {
        Self(id.into())
    }

    /// The id as the domain's type.
    pub(crate) fn get<T: From<Uuid>>(self) -> T {
        self.0.into()
    }
}

/// The SQL type of a moment in UTC.
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
#[diesel(
    postgres_type(oid = 1114, array_oid = 1115),
    sqlite_type(name = "Long"),
    mysql_type(name = "Timestamp")
)]
pub struct UtcTime;

/// A value of the SQL type [`UtcTime`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = UtcTime)]
pub(crate) struct DbTime(Timestamp);

impl DbTime {
    /// Wraps a time of the domain.
    pub(crate) fn of(time: Timestamp) -> Self {
        Self(time)
    }

    /// The time as the domain's type.
    pub(crate) fn get(self) -> Timestamp {
        self.0
    }

    fn from_micros(micros: i64) -> deserialize::Result<Self> {
        Timestamp::from_micros(micros).map(Self).ok_or_else(|| "a time is out of range".into())
    }
}

/// Lets a value travel over any of the three connections.
macro_rules! for_any_backend {
    ($($sql_type:ident: $value:ident),+) => {$(
        impl HasSqlType<$sql_type> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Self::lookup_sql_type::<$sql_type>(lookup)
            }
        }

        impl ToSql<$sql_type, MultiBackend> for $value {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value(($sql_type, self));
                Ok(IsNull::No)
            }
        }

        impl FromSql<$sql_type, MultiBackend> for $value {
            fn from_sql(value: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                value.from_sql::<Self, $sql_type>()
            }
        }
    )+};
}

for_any_backend!(Id: DbId, UtcTime: DbTime);

impl ToSql<Id, Sqlite> for DbId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<Id, Sqlite> for DbId {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.read_blob())?))
    }
}

impl ToSql<Id, Pg> for DbId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Id, Pg> for DbId {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
    }
}

impl ToSql<Id, Mysql> for DbId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Mysql>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Id, Mysql> for DbId {
    fn from_sql(value: <Mysql as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
    }
}

/// The beginning of 2000, from which PostgreSQL counts, in microseconds since 1970.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

impl ToSql<UtcTime, Sqlite> for DbTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.micros());
        Ok(IsNull::No)
    }
}

impl FromSql<UtcTime, Sqlite> for DbTime {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Self::from_micros(<i64 as FromSql<sql_types::BigInt, Sqlite>>::from_sql(value)?)
    }
}

impl ToSql<UtcTime, Pg> for DbTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&(self.0.micros() - POSTGRES_EPOCH).to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<UtcTime, Pg> for DbTime {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<sql_types::BigInt, Pg>>::from_sql(value)?;
        Self::from_micros(micros.saturating_add(POSTGRES_EPOCH))
    }
}

impl ToSql<UtcTime, Mysql> for DbTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Mysql>) -> serialize::Result {
        let time = DateTime::<Utc>::from(self.0).naive_utc();
        ToSql::<sql_types::Timestamp, Mysql>::to_sql(&time, &mut out.reborrow())
    }
}

impl FromSql<UtcTime, Mysql> for DbTime {
    fn from_sql(value: <Mysql as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let time = <NaiveDateTime as FromSql<sql_types::Timestamp, Mysql>>::from_sql(value)?;
        Ok(Self(time.and_utc().into()))
    }
}
