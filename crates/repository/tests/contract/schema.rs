//! `schema.rs` says what the live databases have: same tables, columns, types and nullability; every constraint and
//! index is named by the rule.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use taglink_repository::Backend;
use tokio_postgres::NoTls;

use crate::database::TestDatabase;
use crate::fixture::Fixture;
use crate::on_every_database;

on_every_database!(
    the_schema_matches_the_live_catalogue,
    constraints_and_indexes_are_named_by_the_rule,
    no_table_has_more_indexes_than_it_needs,
);

type Column = (String, String);

/// Tables and their columns with their types, read from the text of `schema.rs`.
fn declared() -> BTreeMap<Column, String> {
    let mut table = String::new();
    let mut columns = BTreeMap::new();
    for line in include_str!("../../src/schema.rs").lines().map(str::trim) {
        if let Some((head, _)) = line.split_once(" (").filter(|_| line.ends_with('{')) {
            table = head.to_owned();
        } else if let Some((name, sql_type)) = line.trim_end_matches(',').split_once(" -> ") {
            columns.insert((table.clone(), name.to_owned()), sql_type.to_owned());
        }
    }
    assert!(columns.len() > 30, "schema.rs was not understood");
    columns
}

/// The catalogue's words for a column, in the words of `schema.rs`.
fn diesel_type(catalogue: &str, nullable: bool) -> String {
    let catalogue = catalogue.to_ascii_lowercase();
    let sql_type = match catalogue.as_str() {
        "uuid" | "binary(16)" => "Id",
        "text" | "mediumtext" => "Text",
        varchar if varchar.starts_with("varchar(") => "Text",
        "integer" | "bigint" | "bigint(20)" => "BigInt",
        "bytea" | "blob" | "binary(32)" => "Binary",
        "timestamp without time zone(6)" | "datetime(6)" => "UtcTime",
        "boolean" | "tinyint(1)" => "Bool",
        other => panic!("unexpected type {other}"),
    };
    if nullable { format!("Nullable<{sql_type}>") } else { sql_type.to_owned() }
}

/// Rows of four texts.
pub(crate) fn query(database: &TestDatabase, sql: &str) -> Vec<[String; 4]> {
    let (backend, url) = (database.url.backend(), database.text.clone());
    if let Some(path) = database.url.sqlite_path() {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            a: String,
            #[diesel(sql_type = diesel::sql_types::Text)]
            b: String,
            #[diesel(sql_type = diesel::sql_types::Text)]
            c: String,
            #[diesel(sql_type = diesel::sql_types::Text)]
            d: String,
        }
        let mut connection = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        let rows: Vec<Row> = diesel::sql_query(sql).load(&mut connection).unwrap();
        return rows.into_iter().map(|row| [row.a, row.b, row.c, row.d]).collect();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if backend == Backend::Postgres {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
            tokio::spawn(connection);
            let rows = client.query(sql, &[]).await.unwrap();
            return rows.iter().map(|row| [row.get(0), row.get(1), row.get(2), row.get(3)]).collect();
        }
        let mut connection = mysql_async::Conn::from_url(url.replacen("mariadb", "mysql", 1)).await.unwrap();
        let rows: Vec<(String, String, String, String)> =
            mysql_async::prelude::Queryable::query(&mut connection, sql).await.unwrap();
        rows.into_iter().map(|(a, b, c, d)| [a, b, c, d]).collect()
    })
}

/// Tables, their columns, types and nullability, in the catalogue's words.
fn columns(database: &TestDatabase) -> Vec<[String; 4]> {
    let sql = match database.url.backend() {
        Backend::Sqlite => {
            "SELECT m.name AS a, c.name AS b, c.type AS c, CASE c.\"notnull\" WHEN 1 THEN 'NO' ELSE 'YES' END AS d \
             FROM sqlite_schema m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name <> 'sqlite_stat1'"
        }
        Backend::Postgres => {
            "SELECT table_name::text, column_name::text, \
             data_type || coalesce('(' || datetime_precision || ')', ''), is_nullable::text \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'"
        }
        Backend::Mariadb => {
            "SELECT table_name, column_name, column_type, is_nullable FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name NOT LIKE '\\_\\_%'"
        }
    };
    query(database, sql)
}

fn the_schema_matches_the_live_catalogue(fixture: &Fixture) {
    let mut live: BTreeMap<Column, String> = columns(&fixture.database)
        .into_iter()
        .map(|[table, column, sql_type, nullable]| {
            ((table, column), diesel_type(&sql_type, nullable == "YES"))
        })
        .collect();
    if fixture.database.url.backend() == Backend::Sqlite {
        // SQLite has neither a type for ids nor for times nor for truth.
        for (column, declared) in declared() {
            let stored = match declared.as_str() {
                "Id" => "Binary",
                "Nullable<Id>" => "Nullable<Binary>",
                "UtcTime" | "Bool" => "BigInt",
                "Nullable<UtcTime>" => "Nullable<BigInt>",
                _ => continue,
            };
            if live.get(&column).is_some_and(|live| live == stored) {
                live.insert(column, declared);
            }
        }
    }
    assert_eq!(live, declared());
}

/// Tables and the names of their constraints and indexes.
fn names(database: &TestDatabase) -> BTreeSet<(String, String)> {
    let sql = match database.url.backend() {
        Backend::Sqlite => {
            "SELECT tbl_name AS a, name AS b, '' AS c, '' AS d FROM sqlite_schema \
             WHERE type = 'index' AND name NOT LIKE 'sqlite\\_autoindex%' ESCAPE '\\'"
        }
        Backend::Postgres => {
            "SELECT tablename::text, indexname::text, '', '' FROM pg_indexes \
             WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_%' \
             UNION SELECT conrelid::regclass::text, conname::text, '', '' FROM pg_constraint \
             WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE '\\_\\_%' \
             AND contype IN ('p', 'u', 'f', 'c')"
        }
        Backend::Mariadb => {
            "SELECT table_name, index_name, '', '' FROM information_schema.statistics \
             WHERE table_schema = DATABASE() AND index_name <> 'PRIMARY' \
             UNION SELECT table_name, constraint_name, '', '' FROM information_schema.table_constraints \
             WHERE table_schema = DATABASE() AND constraint_name <> 'PRIMARY'"
        }
    };
    query(database, sql).into_iter().map(|[table, name, ..]| (table.replace('"', ""), name)).collect()
}

fn constraints_and_indexes_are_named_by_the_rule(fixture: &Fixture) {
    let names = names(&fixture.database);
    assert!(names.len() >= 8, "{names:?}");
    for (table, name) in names {
        let kind = name.rsplit('_').next().unwrap();
        let follows_rule =
            name.starts_with(&format!("{table}_")) && ["key", "fkey", "check", "idx"].contains(&kind);
        assert!(follows_rule, "{name} on {table}");
    }
}

/// What a database has: its columns, and the names of its constraints and indexes.
pub(crate) fn catalogue(database: &TestDatabase) -> (BTreeSet<[String; 4]>, BTreeSet<(String, String)>) {
    (columns(database).into_iter().collect(), names(database))
}

/// The indexes of a table, that of the primary key included.
fn indexes(database: &TestDatabase, table: &str) -> BTreeSet<String> {
    let sql = match database.url.backend() {
        Backend::Sqlite => {
            format!("SELECT name AS a, '' AS b, '' AS c, '' AS d FROM pragma_index_list('{table}')")
        }
        Backend::Postgres => {
            format!(
                "SELECT indexname::text, '', '', '' FROM pg_indexes WHERE schemaname = 'public' AND tablename = '{table}'"
            )
        }
        Backend::Mariadb => format!(
            "SELECT DISTINCT index_name, '', '', '' FROM information_schema.statistics \
             WHERE table_schema = DATABASE() AND table_name = '{table}'"
        ),
    };
    query(database, &sql).into_iter().map(|[name, ..]| name).collect()
}

/// Each of them costs every insert.
fn no_table_has_more_indexes_than_it_needs(fixture: &Fixture) {
    for (table, most) in [("link", 5), ("taglink", 2), ("tag", 4), ("link_term", 1), ("change_pending", 1)] {
        let indexes = indexes(&fixture.database, table);
        assert!(!indexes.is_empty() && indexes.len() <= most, "{table}: {indexes:?}");
    }
}
