//! Pages behind a position, on MariaDB.
//!
//! Left to itself, its planner may look only at the account and read everything before the position as well
//! (measured on 10.11 with 100,000 links: 95,104 index entries for a page of 100, against 109). So the index is named.

use chrono::NaiveDateTime;
use diesel::deserialize::QueryableByName;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamp};
use taglink_domain::model::{AccountId, LinkPosition, TagLinkPosition, TagPosition};

use super::time::to_column;
use crate::connection::{DbId, Id, MysqlConnection};

const LINKS: &str = "SELECT link_id, account_id, url, title, notes, version, created_at, updated_at \
    FROM link FORCE INDEX (link_account_id_created_at_link_id_idx) \
    WHERE account_id = ? AND created_at >= ? AND (created_at > ? OR link_id > ?) \
    ORDER BY created_at, link_id LIMIT ?";

const TAGS: &str = "SELECT tag_id, account_id, name, version, created_at, updated_at \
    FROM tag FORCE INDEX (tag_account_id_created_at_tag_id_idx) \
    WHERE account_id = ? AND created_at >= ? AND (created_at > ? OR tag_id > ?) \
    ORDER BY created_at, tag_id LIMIT ?";

const TAGLINKS: &str = "SELECT account_id, tag_id, link_id, link_created_at, created_at \
    FROM taglink FORCE INDEX (taglink_account_id_created_at_tag_id_link_id_idx) \
    WHERE account_id = ? AND created_at >= ? \
    AND (created_at > ? OR tag_id > ? OR (tag_id = ? AND link_id > ?)) \
    ORDER BY created_at, tag_id, link_id LIMIT ?";

/// Links of an account.
pub(super) fn links<R>(
    connection: &mut MysqlConnection,
    account: AccountId,
    after: LinkPosition,
    limit: i64,
) -> QueryResult<Vec<R>>
where
    R: QueryableByName<Mysql> + 'static,
{
    by_one_id(connection, LINKS, account, to_column(after.created_at), DbId::of(after.id), limit)
}

/// Tags of an account.
pub(super) fn tags<R>(
    connection: &mut MysqlConnection,
    account: AccountId,
    after: TagPosition,
    limit: i64,
) -> QueryResult<Vec<R>>
where
    R: QueryableByName<Mysql> + 'static,
{
    by_one_id(connection, TAGS, account, to_column(after.created_at), DbId::of(after.id), limit)
}

fn by_one_id<R>(
    connection: &mut MysqlConnection,
    sql: &'static str,
    account: AccountId,
    created_at: NaiveDateTime,
    id: DbId,
    limit: i64,
) -> QueryResult<Vec<R>>
where
    R: QueryableByName<Mysql> + 'static,
{
    diesel::sql_query(sql)
        .bind::<Id, _>(DbId::of(account))
        .bind::<Timestamp, _>(created_at)
        .bind::<Timestamp, _>(created_at)
        .bind::<Id, _>(id)
        .bind::<BigInt, _>(limit)
        .load(connection)
}

/// Taglinks of an account.
pub(super) fn taglinks<R>(
    connection: &mut MysqlConnection,
    account: AccountId,
    after: TagLinkPosition,
    limit: i64,
) -> QueryResult<Vec<R>>
where
    R: QueryableByName<Mysql> + 'static,
{
    let (created_at, tag_id) = (to_column(after.created_at), DbId::of(after.tag_id));
    diesel::sql_query(TAGLINKS)
        .bind::<Id, _>(DbId::of(account))
        .bind::<Timestamp, _>(created_at)
        .bind::<Timestamp, _>(created_at)
        .bind::<Id, _>(tag_id)
        .bind::<Id, _>(tag_id)
        .bind::<Id, _>(DbId::of(after.link_id))
        .bind::<BigInt, _>(limit)
        .load(connection)
}
