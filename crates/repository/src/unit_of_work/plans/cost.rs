//! What statements cost, counted by the database itself: the entries of tables and indexes that it reads, not time.

use diesel::sql_types::BigInt;

use crate::dialect::{Dialect, SqlBuilder};
use crate::error::Table;
use crate::unit_of_work::DbUnitOfWork;

/// The steps of the statements that are kept prepared, which in a test are all ([`KEEPS_ALL`](crate::dialect::KEEPS_ALL)).
const SQLITE: &str = "SELECT COALESCE(SUM(nstep), 0) FROM sqlite_stmt WHERE sql NOT LIKE '%sqlite_stmt%'";

/// Rows of sequential scans, entries of indexes, rows that these lead to, and pages: an index whose entries are read but
/// do not match counts by its pages only.
const POSTGRES: &str = "SELECT COALESCE(SUM(pg_stat_get_xact_tuples_returned(oid) \
    + pg_stat_get_xact_blocks_fetched(oid) \
    + CASE relkind WHEN 'r' THEN pg_stat_get_xact_tuples_fetched(oid) ELSE 0 END), 0)::bigint \
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')";

/// Reads of rows and of entries of indexes, those included that the engine drops by itself.
const MARIADB: &str = "SELECT CAST(SUM(variable_value) AS SIGNED) FROM information_schema.session_status \
    WHERE variable_name LIKE 'handler\\_read\\_%' OR variable_name = 'handler_icp_attempts'";

/// What this connection has read so far, in its present transaction at least.
fn total(uow: &mut DbUnitOfWork) -> i64 {
    let sql = match uow.dialect() {
        Dialect::Sqlite => SQLITE,
        Dialect::Postgres => POSTGRES,
        Dialect::Mariadb => MARIADB,
    };
    uow.one::<i64>(Table::Link, SqlBuilder::new(sql).with_rows::<BigInt>()).unwrap().unwrap()
}

/// What `run` reads.
pub(super) fn cost_of(uow: &mut DbUnitOfWork, run: impl FnOnce(&mut DbUnitOfWork)) -> i64 {
    // On MariaDB, asking counts as well.
    let first = total(uow);
    let before = total(uow);
    run(uow);
    let after = total(uow);
    after - before - (before - first)
}
