//! Everything in which the three databases differ, as SQL: types, transactions, hints, conflicts.

mod digest;
mod sql_builder;
mod types;

pub(crate) use self::digest::Digest;
#[cfg(test)]
pub(crate) use self::sql_builder::KEEPS_ALL;
pub(crate) use self::sql_builder::{Bind, Columns, RowOf, SqlBuilder};
pub(crate) use self::types::{DbId, DbTime, Id, UtcTime};
use crate::connection::AnyConnection;

/// The SQL of one of the databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
    Mariadb,
}

impl Dialect {
    pub(crate) fn of(connection: &AnyConnection) -> Self {
        match connection {
            AnyConnection::Sqlite(_) => Self::Sqlite,
            AnyConnection::Postgres(_) => Self::Postgres,
            AnyConnection::Mariadb(_) => Self::Mariadb,
        }
    }

    /// Begins a transaction that may write. SQLite takes the write lock at once: a transaction that began as a reader
    /// could fail to become a writer, whatever its time-out.
    pub(crate) fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
            Self::Mariadb => "START TRANSACTION",
        }
    }

    /// Begins a transaction all of whose reads see the same state.
    pub(crate) fn begin_snapshot(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Self::Mariadb => {
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
            }
        }
    }

    /// The condition that `column` contains this text, compared by its bytes.
    pub(crate) fn contains(self, column: &'static str, needle: &str) -> SqlBuilder<'static> {
        let function = if self == Self::Postgres { "strpos(" } else { "instr(" };
        SqlBuilder::new(function).sql(column).sql(", ?) > 0").text(needle.to_owned())
    }

    /// A join that reads its left side first; PostgreSQL finds the order by itself.
    pub(crate) fn join_in_this_order(self) -> &'static str {
        match self {
            Self::Sqlite => " CROSS JOIN ",
            Self::Postgres => " JOIN ",
            Self::Mariadb => " STRAIGHT_JOIN ",
        }
    }

    /// Joins, to each of the rows before it, those rows of `table` for which the condition `on` holds, along an index.
    /// PostgreSQL takes the columns of a key for independent of each other, expects next to no rows, and so would read
    /// both sides as a whole.
    pub(crate) fn join_each(
        self,
        table: &'static str,
        index: Option<Index>,
        on: &'static str,
    ) -> SqlBuilder<'static> {
        let joined = match self {
            Self::Sqlite | Self::Mariadb => {
                let joined = SqlBuilder::new(self.join_in_this_order()).sql(table);
                let along = index.map_or_else(SqlBuilder::empty, |index| self.along(index));
                return joined.then(along).sql(" ON ").sql(on);
            }
            Self::Postgres => {
                SqlBuilder::new(" JOIN LATERAL (SELECT * FROM ").sql(table).sql(" WHERE ").sql(on)
            }
        };
        joined.sql(" OFFSET 0) AS ").sql(table).sql(" ON TRUE")
    }

    /// Names the index along which a table is read. MariaDB's planner otherwise reads everything before the position of
    /// a deep page (measured on 10.11 with 100,000 links: 95,104 index entries for a page of 100, against 109).
    pub(crate) fn along(self, index: Index) -> SqlBuilder<'static> {
        match self {
            Self::Sqlite => match index.sqlite {
                Some(name) => SqlBuilder::new(" INDEXED BY ").sql(name),
                None => SqlBuilder::empty(),
            },
            Self::Postgres => SqlBuilder::empty(),
            Self::Mariadb => SqlBuilder::new(" FORCE INDEX (").sql(index.mariadb).sql(")"),
        }
    }

    /// The condition that a row comes after a position in the order of these columns, all ascending or all descending, so
    /// that an index is searched for all of them. PostgreSQL and SQLite search it for a row of values, MariaDB for ranges
    /// of single columns.
    pub(crate) fn after<'a>(
        self,
        position: Vec<(&'static str, Bind<'a>)>,
        is_descending: bool,
    ) -> SqlBuilder<'a> {
        if self == Self::Mariadb {
            return one_by_one(position, is_descending);
        }
        let (columns, values): (Vec<&str>, Vec<Bind<'a>>) = position.into_iter().unzip();
        let columns = SqlBuilder::new("(").list(", ", columns, SqlBuilder::sql);
        columns.sql(if is_descending { ") < (" } else { ") > (" }).values(values).sql(")")
    }

    /// Follows the rows of an insert, of which those that violate the unique key of `columns` are left out.
    ///
    /// `RETURNING` names what was inserted: `column`, which MariaDB returns of rows that exist as well, as it is there.
    pub(crate) fn or_keep(self, columns: &'static str, column: &'static str) -> SqlBuilder<'static> {
        match self {
            Self::Sqlite | Self::Postgres => {
                SqlBuilder::new(" ON CONFLICT (").sql(columns).sql(") DO NOTHING")
            }
            Self::Mariadb => SqlBuilder::new(" ON DUPLICATE KEY UPDATE ").sql(column).sql(" = ").sql(column),
        }
    }

    /// Follows the row of an insert, whose `column` overwrites that of the row with the same unique `key`.
    pub(crate) fn or_update(self, key: &'static str, column: &'static str) -> SqlBuilder<'static> {
        match self {
            Self::Sqlite | Self::Postgres => {
                let update = SqlBuilder::new(" ON CONFLICT (").sql(key).sql(") DO UPDATE SET ").sql(column);
                update.sql(" = excluded.").sql(column)
            }
            Self::Mariadb => {
                let update = SqlBuilder::new(" ON DUPLICATE KEY UPDATE ").sql(column);
                update.sql(" = VALUES(").sql(column).sql(")")
            }
        }
    }

    /// Deletes the first `most` rows of an account in the order of the table's key, which begins with the account.
    pub(crate) fn delete_first(
        self,
        table: &'static str,
        key: &'static str,
        account: DbId,
        most: i64,
    ) -> SqlBuilder<'static> {
        let delete = SqlBuilder::new("DELETE FROM ").sql(table);
        let first = |select: SqlBuilder<'static>| {
            select
                .sql(" WHERE account_id = ? ORDER BY account_id, ")
                .sql(key)
                .sql(" LIMIT ?")
                .id(account)
                .number(most)
        };
        match self {
            Self::Sqlite => {
                let rows =
                    delete.sql(" WHERE (account_id, ").sql(key).sql(") IN (SELECT account_id, ").sql(key);
                first(rows.sql(" FROM ").sql(table)).sql(")")
            }
            Self::Postgres => {
                first(delete.sql(" WHERE ctid = ANY (ARRAY(SELECT ctid FROM ").sql(table)).sql("))")
            }
            Self::Mariadb => first(delete),
        }
    }

    /// The table of numbered changes, whose name is a word of MariaDB's.
    pub(crate) fn change_table(self) -> &'static str {
        match self {
            Self::Sqlite | Self::Postgres => "change",
            Self::Mariadb => "`change`",
        }
    }

    /// The name of the table of users, which is a word of the language on PostgreSQL.
    pub(crate) fn user_table(self) -> &'static str {
        match self {
            Self::Sqlite | Self::Mariadb => "user",
            Self::Postgres => "\"user\"",
        }
    }

    /// Asks whether the server takes no writes, being a standby, say: 1 or 0.
    pub(crate) fn is_read_only(self) -> &'static str {
        match self {
            Self::Sqlite => "SELECT 0",
            Self::Postgres => {
                "SELECT (pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on')::int::bigint"
            }
            Self::Mariadb => "SELECT CAST(@@global.read_only AS SIGNED)",
        }
    }

    /// Follows a select whose rows are to be locked against changes until the transaction ends; SQLite has one writer.
    pub(crate) fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres | Self::Mariadb => " FOR UPDATE",
        }
    }
}

/// `a >= ? AND (a > ? OR a = ? AND b >= ? AND (b > ? OR b = ? AND c > ?))`, or the same for a descending order.
fn one_by_one<'a>(position: Vec<(&'static str, Bind<'a>)>, is_descending: bool) -> SqlBuilder<'a> {
    let [not_before, after] = if is_descending { [" <= ? AND (", " < ?"] } else { [" >= ? AND (", " > ?"] };
    let last = position.len().saturating_sub(1);
    let condition = (0..).zip(position).fold(SqlBuilder::empty(), |sql, (at, (column, value))| {
        if at == last {
            return sql.sql(column).sql(after).bind(value);
        }
        let sql = sql.sql(column).sql(not_before).bind(value.clone());
        let sql = sql.sql(column).sql(after).bind(value.clone());
        sql.sql(" OR ").sql(column).sql(" = ? AND ").bind(value)
    });
    (0..last).fold(condition, |sql, _| sql.sql(")"))
}

/// An index by its names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Index {
    /// `None` for a primary key, which SQLite chooses by itself.
    pub(crate) sqlite: Option<&'static str>,
    pub(crate) mariadb: &'static str,
}

impl Index {
    /// The primary key.
    pub(crate) const PRIMARY: Self = Self { sqlite: None, mariadb: "PRIMARY" };

    /// An index that has the same name everywhere.
    pub(crate) const fn named(name: &'static str) -> Self {
        Self { sqlite: Some(name), mariadb: name }
    }
}
