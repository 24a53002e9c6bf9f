//! Everything in which the three databases differ, as SQL: types, transactions, hints, conflicts.

mod digest;
mod sql_builder;
mod types;

pub(crate) use self::digest::Digest;
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

    /// A join that looks up the link of each row before it, in the order of these rows. PostgreSQL, when it knows that there
    /// are many rows and takes few for what is wanted, would otherwise read all links and sort them.
    pub(crate) fn join_each_link(self, join: JoinEachLink) -> &'static str {
        match self {
            Self::Sqlite => join.sqlite,
            Self::Postgres => join.postgres,
            Self::Mariadb => join.mariadb,
        }
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

    /// Follows a select whose rows are to be locked against changes until the transaction ends; SQLite has one writer.
    pub(crate) fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres | Self::Mariadb => " FOR UPDATE",
        }
    }
}

/// See [`Dialect::join_each_link`]; ends in a condition. The link is looked up by its id: see
/// [`in_scope`](crate::query::in_scope).
#[derive(Clone, Copy, Debug)]
pub(crate) struct JoinEachLink {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
    pub(crate) mariadb: &'static str,
}

macro_rules! is_link_of {
    ($table:literal) => {
        concat!(
            "link.link_id = ",
            $table,
            ".link_id AND COALESCE(link.account_id, link.account_id) = ",
            $table,
            ".account_id"
        )
    };
}
pub(crate) use is_link_of;

/// The [`JoinEachLink`] of a table with the columns `account_id` and `link_id`.
macro_rules! join_each_link {
    ($table:literal) => {
        JoinEachLink {
            sqlite: concat!(" CROSS JOIN link ON ", is_link_of!($table)),
            postgres: concat!(
                " JOIN LATERAL (SELECT * FROM link WHERE ",
                is_link_of!($table),
                " OFFSET 0) AS link ON TRUE"
            ),
            mariadb: concat!(" STRAIGHT_JOIN link ON ", is_link_of!($table)),
        }
    };
}
pub(crate) use join_each_link;

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
