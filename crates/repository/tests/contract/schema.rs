//! `schema.rs` says what the live databases have: same tables, columns, types and nullability; every constraint and
//! index is named by the rule.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use taglink_repository::{Backend, migration};
use tokio_postgres::NoTls;

use crate::database::TestDatabase;
use crate::fixture::{Fixture, execute};
use crate::on_every_database;

on_every_database!(
    the_schema_matches_the_live_catalogue,
    constraints_and_indexes_are_named_by_the_rule,
    taking_back_all_that_came_later_leaves_the_initial_schema,
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
    let sql_type = match catalogue.split('(').next().unwrap().trim() {
        "uuid" | "char" => "Id",
        "text" | "varchar" | "mediumtext" => "Text",
        "integer" | "bigint" => "BigInt",
        "bytea" | "blob" | "binary" => "Binary",
        "timestamp without time zone" | "datetime" => "Timestamp",
        "boolean" | "tinyint" => "Bool",
        other => panic!("unexpected type {other}"),
    };
    if nullable { format!("Nullable<{sql_type}>") } else { sql_type.to_owned() }
}

/// Rows of three texts.
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
             WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'"
        }
        Backend::Postgres => {
            "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'"
        }
        Backend::Mariadb => {
            "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns \
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
                "Id" | "Timestamp" => "Text",
                "Nullable<Id>" | "Nullable<Timestamp>" => "Nullable<Text>",
                "Bool" => "BigInt",
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

/// What the first migration makes, run past the migrations of diesel.
fn initial(backend: Backend) -> TestDatabase {
    let folder = match backend {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgres",
        Backend::Mariadb => "mariadb",
    };
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
    let sql = std::fs::read_to_string(format!("{root}/{folder}/2026-11-24-000000_initial/up.sql")).unwrap();
    let database = TestDatabase::new(backend);
    execute(&database, &sql);
    database
}

fn taking_back_all_that_came_later_leaves_the_initial_schema(fixture: &Fixture) {
    let initial = initial(fixture.database.url.backend());
    let catalogue = |database| (columns(database).into_iter().collect::<BTreeSet<_>>(), names(database));
    assert_ne!(catalogue(&fixture.database), catalogue(&initial));
    let applied = migration::status(&fixture.database.url).unwrap();
    for later in applied.iter().skip(1).rev() {
        assert_eq!(migration::revert(&fixture.database.url).unwrap().as_ref(), Some(&later.name));
    }
    assert_eq!(catalogue(&fixture.database), catalogue(&initial));
}
