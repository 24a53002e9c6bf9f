//! Migrations: up, down and up again, and several replicas at once.

use std::thread;

use taglink_domain::port::RepositoryError;
use taglink_repository::{Backend, DatabaseUrl, DieselStore, ExecutorConfig, migration};

use crate::database::TestDatabase;

macro_rules! on_every_empty_database {
    ($($name:ident),+ $(,)?) => {
        mod sqlite { $(#[test] fn $name() { super::$name(&crate::database::TestDatabase::new(super::Backend::Sqlite).url); })+ }
        mod postgres { $(#[test] fn $name() { super::$name(&crate::database::TestDatabase::new(super::Backend::Postgres).url); })+ }
        mod mariadb { $(#[test] fn $name() { super::$name(&crate::database::TestDatabase::new(super::Backend::Mariadb).url); })+ }
    };
}
on_every_empty_database!(
    every_migration_goes_up_down_and_up_again,
    of_eight_replicas_one_migrates_and_one_bootstraps,
    a_database_that_is_not_up_to_date_is_refused_unless_migrating,
    a_failing_bootstrap_leaves_no_half_done_work,
);

fn every_migration_goes_up_down_and_up_again(url: &DatabaseUrl) {
    let all = migration::status(url).unwrap();
    assert!(!all.is_empty() && all.iter().all(|migration| !migration.applied));
    let names: Vec<_> = all.into_iter().map(|migration| migration.name).collect();
    assert_eq!(migration::run(url).unwrap(), names);
    for name in names.iter().rev() {
        assert_eq!(migration::revert(url).unwrap().as_ref(), Some(name));
    }
    assert_eq!(migration::revert(url).unwrap(), None);
    assert_eq!(migration::run(url).unwrap(), names);
    assert_eq!(migration::run(url).unwrap(), Vec::<String>::new());
    assert!(migration::status(url).unwrap().iter().all(|migration| migration.applied));
}

fn of_eight_replicas_one_migrates_and_one_bootstraps(url: &DatabaseUrl) {
    let bootstrapped = thread::scope(|scope| {
        let replicas: Vec<_> = (0..8)
            .map(|number| {
                scope.spawn(move || {
                    migration::prepare(url, true, move |uow| bootstrap(uow, &format!("admin{number}")))
                        .unwrap()
                })
            })
            .collect();
        replicas
            .into_iter()
            .filter(|_| true)
            .map(|replica| replica.join().unwrap())
            .filter(|made| *made)
            .count()
    });
    assert_eq!(bootstrapped, 1);
    let config = ExecutorConfig { connections: 1, queue: 1, deadline: std::time::Duration::from_secs(5) };
    DieselStore::open(url, config).unwrap().close();
}

fn bootstrap(uow: &mut dyn taglink_domain::port::UnitOfWork, name: &str) -> Result<bool, RepositoryError> {
    use taglink_domain::model::{NewUser, Timestamp, UserId, Username};
    if !taglink_domain::use_case::users::is_empty(uow)? {
        return Ok(false);
    }
    uow.insert_user(&NewUser {
        id: UserId::new(),
        username: Username::parse(name).unwrap(),
        hashed_password: "hash".into(),
        is_admin: true,
        created_at: Timestamp::from_micros(0).unwrap(),
    })?;
    Ok(true)
}

fn a_database_that_is_not_up_to_date_is_refused_unless_migrating(url: &DatabaseUrl) {
    let refused = migration::prepare(url, false, |_| Ok(()));
    assert!(matches!(refused, Err(migration::MigrationError::Pending)), "{refused:?}");
    migration::prepare(url, true, |_| Ok(())).unwrap();
    migration::prepare(url, false, |_| Ok(())).unwrap();
}

fn a_failing_bootstrap_leaves_no_half_done_work(url: &DatabaseUrl) {
    let failed = migration::prepare(url, true, |uow| {
        bootstrap(uow, "admin")?;
        Err::<(), _>(RepositoryError::Internal("on purpose".into()))
    });
    assert!(failed.is_err());
    assert!(migration::prepare(url, true, |uow| bootstrap(uow, "admin")).unwrap(), "no user was left behind");
}

#[test]
fn an_unreachable_server_is_told_without_the_password() {
    let url = DatabaseUrl::parse("postgres://me:hunter2@127.0.0.1:1/x").unwrap();
    let error = migration::run(&url).unwrap_err().to_string();
    assert!(error.contains("127.0.0.1:1") && !error.contains("hunter2"), "{error}");
    let url = DatabaseUrl::parse("mariadb://me:hunter2@127.0.0.1:1/x").unwrap();
    let error = migration::run(&url).unwrap_err().to_string();
    assert!(error.contains("127.0.0.1:1") && !error.contains("hunter2"), "{error}");
    let database = TestDatabase::new(Backend::Sqlite);
    assert!(migration::run(&database.url).is_ok());
}

#[test]
fn tables_of_another_program_are_left_alone() {
    for (name, columns) in [
        ("tag", "tag_id CHAR(36) PRIMARY KEY, tag VARCHAR(255)"),
        ("session", "id CHAR(36) PRIMARY KEY, user_id INTEGER, created_at CHAR(19)"),
        ("login_origin", "origin CHAR(36) PRIMARY KEY"),
        ("idempotency", "id CHAR(36) PRIMARY KEY, created_at CHAR(19)"),
    ] {
        for backend in [Backend::Mariadb, Backend::Postgres] {
            let database = TestDatabase::new(backend);
            let execute = |sql: &str| crate::database::execute(backend, &database.text, sql);
            execute(&format!("CREATE TABLE {name} ({columns})"));
            let refused = migration::run(&database.url).unwrap_err().to_string();
            assert!(refused.contains(name), "{refused}");
            execute(&format!("DROP TABLE {name}"));
            assert!(!migration::run(&database.url).unwrap().is_empty(), "nothing was left behind");
        }
    }
}

/// DDL commits by itself there, so a migration may be interrupted between any two statements.
#[test]
fn every_statement_for_mariadb_can_be_run_again() {
    let database = TestDatabase::new(Backend::Mariadb);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/mariadb");
    let mut folders: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let run = |file: std::path::PathBuf| {
        let sql = std::fs::read_to_string(file).unwrap();
        for _ in 0..2 {
            crate::database::execute(Backend::Mariadb, &database.text, &sql);
        }
    };
    for folder in &folders {
        run(folder.join("up.sql"));
    }
    for folder in folders.iter().rev() {
        run(folder.join("down.sql"));
    }
    assert!(!migration::run(&database.url).unwrap().is_empty(), "nothing was left behind");
}
