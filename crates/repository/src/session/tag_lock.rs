//! Locking tags, so that nobody puts them on links meanwhile.
//!
//! Who puts a tag on a link locks the tag as well, for the foreign key: PostgreSQL its row, which `FOR UPDATE` keeps from
//! them. MariaDB locks only the entry of the index that the foreign key refers to, so that index is what must be locked.
//! SQLite has one writer.

use diesel::prelude::*;

use super::search::Sql;
use super::tag::TagRow;
use crate::connection::{AnyConnection, DbId};
use crate::schema::tag;

const ON_MARIADB: &str = "SELECT tag_id, account_id, name, version, created_at, updated_at \
    FROM tag FORCE INDEX (tag_account_id_tag_id_key) \
    WHERE account_id = ";

/// Locks those of the tags that the account has.
pub(super) fn lock(
    connection: &mut AnyConnection,
    account: DbId,
    tags: Vec<DbId>,
) -> QueryResult<Vec<TagRow>> {
    if tags.is_empty() {
        return Ok(Vec::new());
    }
    let of_account = tag::table.filter(tag::account_id.eq(account)).order(tag::tag_id);
    match connection {
        AnyConnection::Sqlite(inner) => {
            of_account.filter(tag::tag_id.eq_any(tags)).select(TagRow::as_select()).load(inner)
        }
        AnyConnection::Postgres(inner) => {
            of_account.filter(tag::tag_id.eq_any(tags)).select(TagRow::as_select()).for_update().load(inner)
        }
        AnyConnection::Mariadb(_) => {
            let query = Sql::new(ON_MARIADB).id(account).sql(" AND tag_id IN (").list(", ", tags, Sql::id);
            query.sql(") ORDER BY tag_id FOR UPDATE").load(connection)
        }
    }
}
