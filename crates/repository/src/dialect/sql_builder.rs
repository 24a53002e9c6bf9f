//! Statements built piece by piece, for what `MultiConnection` cannot express: hints to planners, inserts of several
//! rows, `RETURNING`, `ON CONFLICT`.
//!
//! Values of clients become binds, never text: the SQL is made of texts of this program, in which each `?` stands for a
//! bind. A statement has its text ready when it is run, which costs a tenth of what diesel's own query builder costs
//! behind `MultiConnection`; where nothing depends on the request, it is a constant.

use std::borrow::Cow;
use std::marker::PhantomData;

use diesel::dsl::AsSelect;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text, Untyped};
use diesel::{QueryResult, RunQueryDsl, Selectable};

use super::{DbId, DbTime, Id, UtcTime};
use crate::connection::{AnyConnection, MultiBackend};

/// The columns of a row, for statements that are not built by diesel.
pub(crate) trait Columns {
    /// Their names, each with its table, in the order of the row's members.
    const COLUMNS: &'static str;
}

/// The SQL type of a row.
pub(crate) type RowOf<R> = AsSelect<R, MultiBackend>;

/// A statement, or a part of one; `ST` is the SQL type of its rows.
pub(crate) struct SqlBuilder<'a, ST = Untyped> {
    text: Cow<'static, str>,
    binds: Vec<Bind<'a>>,
    is_cached: bool,
    row: PhantomData<fn() -> ST>,
}

/// A value of a statement.
#[derive(Clone, Debug)]
pub(crate) enum Bind<'a> {
    Id(DbId),
    NullableId(Option<DbId>),
    Time(DbTime),
    Text(Cow<'a, str>),
    NullableText(Option<&'a str>),
    Bytes(&'a [u8]),
    NullableBytes(Option<&'a [u8]>),
    Number(i64),
    Flag(bool),
}

#[cfg(test)]
thread_local! {
    /// Whether connections of this thread keep all statements, so that a test can ask SQLite what they have cost.
    pub(crate) static KEEPS_ALL: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

impl<'a> SqlBuilder<'a> {
    pub(crate) fn new(sql: &'static str) -> Self {
        Self { text: Cow::Borrowed(sql), binds: Vec::new(), is_cached: false, row: PhantomData }
    }

    pub(crate) fn empty() -> Self {
        Self::new("")
    }

    /// `SELECT` and the columns of a row, and what follows.
    pub(crate) fn select<R: Columns + Selectable<MultiBackend>>(from: &str) -> SqlBuilder<'a, RowOf<R>> {
        Self::new("SELECT ").sql(R::COLUMNS).sql(from).with_rows()
    }
}

impl<'a, ST> SqlBuilder<'a, ST> {
    /// Appends `RETURNING` and the columns of a row.
    pub(crate) fn returning<R: Columns + Selectable<MultiBackend>>(self) -> SqlBuilder<'a, RowOf<R>> {
        self.sql(" RETURNING ").sql(R::COLUMNS).with_rows()
    }

    /// The same statement, whose rows have this SQL type.
    pub(crate) fn with_rows<T>(self) -> SqlBuilder<'a, T> {
        SqlBuilder { text: self.text, binds: self.binds, is_cached: self.is_cached, row: PhantomData }
    }

    /// Lets the connection keep the prepared statement: for texts of a bounded number.
    pub(crate) fn cached(self) -> Self {
        self.cached_if(true)
    }

    /// [`Self::cached`], if it holds.
    pub(crate) fn cached_if(mut self, is_cached: bool) -> Self {
        self.is_cached = is_cached;
        self
    }

    fn is_kept(&self) -> bool {
        #[cfg(test)]
        if KEEPS_ALL.get() {
            return true;
        }
        self.is_cached
    }

    pub(crate) fn sql(mut self, sql: &str) -> Self {
        self.text.to_mut().push_str(sql);
        self
    }

    /// The value of the next `?`.
    pub(crate) fn bind(mut self, value: Bind<'a>) -> Self {
        self.binds.push(value);
        self
    }

    pub(crate) fn id(self, value: DbId) -> Self {
        self.bind(Bind::Id(value))
    }

    pub(crate) fn time(self, value: DbTime) -> Self {
        self.bind(Bind::Time(value))
    }

    pub(crate) fn text(self, value: impl Into<Cow<'a, str>>) -> Self {
        self.bind(Bind::Text(value.into()))
    }

    pub(crate) fn number(self, value: i64) -> Self {
        self.bind(Bind::Number(value))
    }

    pub(crate) fn then(mut self, other: SqlBuilder<'a>) -> Self {
        self.binds.extend(other.binds);
        self.sql(&other.text)
    }

    /// Appends `items` with `separator` between them; `one` appends a single one.
    pub(crate) fn list<T>(
        mut self,
        separator: &str,
        items: impl IntoIterator<Item = T>,
        mut one: impl FnMut(Self, T) -> Self,
    ) -> Self {
        for (at, item) in items.into_iter().enumerate() {
            self = one(if at == 0 { self } else { self.sql(separator) }, item);
        }
        self
    }

    /// Appends `(a, b, c)`: a row of an insert.
    pub(crate) fn row(self, values: impl IntoIterator<Item = Bind<'a>>) -> Self {
        self.sql("(").values(values).sql(")")
    }

    /// Appends ids with commas between them, for `IN`. The last one is repeated up to a multiple of an eighth of a power of
    /// two, so that there are few texts of a statement.
    pub(crate) fn ids(self, ids: &[DbId]) -> Self {
        let step = (ids.len().next_power_of_two() / 8).max(1);
        let missing = ids.len().next_multiple_of(step) - ids.len();
        let padding = ids.last().into_iter().cycle().take(missing);
        self.values(ids.iter().chain(padding).map(|id| Bind::Id(*id)))
    }

    /// Appends values with commas between them.
    pub(crate) fn values(self, values: impl IntoIterator<Item = Bind<'a>>) -> Self {
        self.list(", ", values, |sql, value| sql.sql("?").bind(value))
    }
}

impl<ST> QueryFragment<MultiBackend> for SqlBuilder<'_, ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        debug_assert_eq!(self.text.matches('?').count(), self.binds.len(), "{}", self.text);
        if !self.is_kept() {
            out.unsafe_to_cache_prepared();
        }
        match out.backend() {
            MultiBackend::Postgres(_) => out.push_sql(&numbered(&self.text)),
            MultiBackend::Sqlite(_) | MultiBackend::Mariadb(_) => out.push_sql(&self.text),
        }
        for value in &self.binds {
            match value {
                Bind::Id(value) => out.push_bind_param_value_only::<Id, _>(value)?,
                Bind::NullableId(value) => out.push_bind_param_value_only::<Nullable<Id>, _>(value)?,
                Bind::Time(value) => out.push_bind_param_value_only::<UtcTime, _>(value)?,
                Bind::Text(value) => out.push_bind_param_value_only::<Text, str>(value)?,
                Bind::NullableText(value) => out.push_bind_param_value_only::<Nullable<Text>, _>(value)?,
                Bind::Bytes(value) => out.push_bind_param_value_only::<Binary, _>(value)?,
                Bind::NullableBytes(value) => out.push_bind_param_value_only::<Nullable<Binary>, _>(value)?,
                Bind::Number(value) => out.push_bind_param_value_only::<BigInt, _>(value)?,
                Bind::Flag(value) => out.push_bind_param_value_only::<Bool, _>(value)?,
            }
        }
        Ok(())
    }
}

/// The text with `$1`, `$2` and so on in the places of the binds.
fn numbered(text: &str) -> String {
    let mut numbered = String::with_capacity(text.len() + 64);
    for (at, part) in text.split('?').enumerate() {
        if at > 0 {
            numbered.push('$');
            numbered.push_str(&at.to_string());
        }
        numbered.push_str(part);
    }
    numbered
}

impl<ST> QueryId for SqlBuilder<'_, ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST> Query for SqlBuilder<'_, ST> {
    type SqlType = ST;
}

impl<ST> RunQueryDsl<AnyConnection> for SqlBuilder<'_, ST> {}
