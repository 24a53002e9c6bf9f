//! Locking tags, so that nobody puts them on links meanwhile.
//!
//! Who puts a tag on a link locks the tag as well, for the foreign key: PostgreSQL its row, which `FOR UPDATE` keeps from
//! them. MariaDB locks only the entry of the index that the foreign key refers to, so that index is what must be locked.
//! SQLite has one writer.

use std::iter::repeat_n;

use diesel::prelude::*;
use diesel::query_builder::BoxedSqlQuery;

use super::tag::TagRow;
use crate::connection::{AnyConnection, DbId, Id};
use crate::schema::tag;

/// `{}` stands for as many parameters as there are tags.
const LOCK: &str = "SELECT tag_id, account_id, name, version, created_at, updated_at \
    FROM tag FORCE INDEX (tag_account_id_tag_id_key) \
    WHERE account_id = ? AND tag_id IN ({}) ORDER BY tag_id FOR UPDATE";

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
        AnyConnection::Mariadb(inner) => {
            let parameters = repeat_n("?", tags.len()).collect::<Vec<_>>().join(", ");
            let query =
                diesel::sql_query(LOCK.replace("{}", &parameters)).into_boxed().bind::<Id, _>(account);
            tags.into_iter().fold(query, BoxedSqlQuery::bind::<Id, _>).load(inner)
        }
    }
}
