//! Statements that are put together piece by piece, for what `MultiConnection` cannot express.
//!
//! What a client sends gets into one as a bind only: the SQL is made of texts that stand in this program.

use chrono::NaiveDateTime;
use diesel::QueryResult;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text, Timestamp, Untyped};

use crate::connection::{AnyConnection, DbId, Id, MultiBackend};

/// A statement, or a part of one.
#[derive(Clone, Debug, Default)]
pub(in crate::session) struct Sql {
    parts: Vec<Part>,
    is_kept: bool,
}

#[derive(Clone, Debug)]
enum Part {
    Sql(&'static str),
    Text(String),
    Id(DbId),
    Time(NaiveDateTime),
    Number(i64),
}

impl Sql {
    pub(in crate::session) fn new(sql: &'static str) -> Self {
        Self { parts: vec![Part::Sql(sql)], is_kept: false }
    }

    /// Lets the connection keep the prepared statement: for those of which there are few.
    pub(in crate::session) fn kept(mut self) -> Self {
        self.is_kept = true;
        self
    }

    pub(in crate::session) fn sql(mut self, sql: &'static str) -> Self {
        self.parts.push(Part::Sql(sql));
        self
    }

    pub(in crate::session) fn text(mut self, value: impl Into<String>) -> Self {
        self.parts.push(Part::Text(value.into()));
        self
    }

    pub(in crate::session) fn id(mut self, value: DbId) -> Self {
        self.parts.push(Part::Id(value));
        self
    }

    pub(in crate::session) fn time(mut self, value: NaiveDateTime) -> Self {
        self.parts.push(Part::Time(value));
        self
    }

    pub(in crate::session) fn number(mut self, value: i64) -> Self {
        self.parts.push(Part::Number(value));
        self
    }

    pub(in crate::session) fn then(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// Appends `items` with `separator` between them; `one` appends a single one.
    pub(in crate::session) fn list<T>(
        mut self,
        separator: &'static str,
        items: impl IntoIterator<Item = T>,
        mut one: impl FnMut(Self, T) -> Self,
    ) -> Self {
        for (at, item) in items.into_iter().enumerate() {
            self = one(if at == 0 { self } else { self.sql(separator) }, item);
        }
        self
    }
}

impl QueryFragment<MultiBackend> for Sql {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        if !self.is_kept {
            out.unsafe_to_cache_prepared();
        }
        for part in &self.parts {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Text(value) => out.push_bind_param::<Text, _>(value)?,
                Part::Id(value) => out.push_bind_param::<Id, _>(value)?,
                Part::Time(value) => out.push_bind_param::<Timestamp, _>(value)?,
                Part::Number(value) => out.push_bind_param::<BigInt, _>(value)?,
            }
        }
        Ok(())
    }
}

impl QueryId for Sql {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Sql {
    type SqlType = Untyped;
}

impl RunQueryDsl<AnyConnection> for Sql {}

/// The SQL in which the databases differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) enum Dialect {
    Sqlite,
    Postgres,
    Mariadb,
}

impl Dialect {
    pub(in crate::session) fn of(connection: &AnyConnection) -> Self {
        match connection {
            AnyConnection::Sqlite(_) => Self::Sqlite,
            AnyConnection::Postgres(_) => Self::Postgres,
            AnyConnection::Mariadb(_) => Self::Mariadb,
        }
    }

    /// Whether `column` has this substring, compared by its bytes.
    pub(super) fn contains(self, column: &'static str, needle: &str) -> Sql {
        let function = if self == Self::Postgres { "strpos(" } else { "instr(" };
        Sql::new(function).sql(column).sql(", ").text(needle).sql(") > 0")
    }

    /// A join that reads its left side first; PostgreSQL knows by itself.
    pub(super) fn join_in_this_order(self) -> &'static str {
        match self {
            Self::Sqlite => " CROSS JOIN ",
            Self::Postgres => " JOIN ",
            Self::Mariadb => " STRAIGHT_JOIN ",
        }
    }

    /// Names the index along which a table is to be read; PostgreSQL knows by itself.
    pub(super) fn along(self, index: &'static str) -> Sql {
        match self {
            Self::Sqlite => Sql::new(" INDEXED BY ").sql(index),
            Self::Postgres => Sql::default(),
            Self::Mariadb => Sql::new(" FORCE INDEX (").sql(index).sql(")"),
        }
    }

    /// What an insert does about rows that are there already.
    pub(in crate::session) fn or_keep(self) -> &'static str {
        match self {
            Self::Sqlite | Self::Postgres => " ON CONFLICT DO NOTHING",
            Self::Mariadb => " ON DUPLICATE KEY UPDATE term = term",
        }
    }
}
