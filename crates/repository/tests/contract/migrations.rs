//! Migrations: up, down and up again, and several replicas at once.

use std::thread;
use std::time::{Duration, Instant};

use taglink_domain::port::RepositoryError;
use taglink_repository::migration::{self, MigrationError, MigrationState, MigrationStatus};
use taglink_repository::{Backend, DatabaseUrl, DieselStore, ExecutorConfig};

use crate::database::TestDatabase;
use crate::fixture::execute;
use crate::schema::catalogue;

macro_rules! on_every_empty_database {
    ($($name:ident),+ $(,)?) => {
        mod sqlite { $(#[test] fn $name() { super::$name(&crate::database::TestDatabase::new(super::Backend::Sqlite)); })+ }
        mod postgres { $(#[test] fn $name() { super::$name(&crate::database::TestDatabase::new(super::Backend::Postgres)); })+ }
        mod mariadb { $(#[test] fn $name() { super::$name(&crate::database::TestDatabase::new(super::Backend::Mariadb)); })+ }
    };
}
on_every_empty_database!(
    every_migration_goes_up_down_and_up_again,
    down_and_up_again_leaves_the_same_catalogue,
    a_migration_of_an_earlier_build_is_refused,
    a_migration_of_a_newer_program_is_refused,
    a_refused_database_is_left_as_it_is,
    of_eight_replicas_one_migrates_and_one_bootstraps,
    a_database_that_is_not_up_to_date_is_refused_unless_migrating,
    a_failing_bootstrap_leaves_no_half_done_work,
);

fn every_migration_goes_up_down_and_up_again(TestDatabase { url, .. }: &TestDatabase) {
    let all = migration::status(url).unwrap();
    assert!(!all.is_empty() && all.iter().all(|migration| migration.state == MigrationState::Pending));
    let names: Vec<_> = all.into_iter().map(|migration| migration.name).collect();
    assert_eq!(migration::run(url).unwrap(), names);
    for name in names.iter().rev() {
        assert_eq!(migration::revert(url).unwrap().as_ref(), Some(name));
    }
    assert_eq!(migration::revert(url).unwrap(), None);
    assert_eq!(migration::run(url).unwrap(), names);
    assert_eq!(migration::run(url).unwrap(), Vec::<String>::new());
    let all = migration::status(url).unwrap();
    assert!(all.iter().all(|migration| migration.state == MigrationState::Applied));
    assert_eq!(all.into_iter().map(|migration| migration.name).collect::<Vec<_>>(), names);
}

fn down_and_up_again_leaves_the_same_catalogue(database: &TestDatabase) {
    let empty = catalogue(database);
    assert!(empty.0.is_empty() && empty.1.is_empty());
    migration::run(&database.url).unwrap();
    let whole = catalogue(database);
    while migration::revert(&database.url).unwrap().is_some() {}
    assert_eq!(catalogue(database), empty, "nothing is left behind");
    migration::run(&database.url).unwrap();
    assert_eq!(catalogue(database), whole);
    migration::require_current(&database.url).unwrap();
}

/// Says that a migration has been applied which this program does not have.
fn apply_unknown(database: &TestDatabase, version: &str) {
    // Asking makes the table.
    migration::status(&database.url).unwrap();
    let sql = format!(
        "INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('{version}', '2026-01-01 00:00:00')"
    );
    execute(database, &sql);
}

/// What each way to use the database is refused with, the same by all of them.
fn refusal(url: &DatabaseUrl) -> MigrationError {
    let refusals = [
        migration::run(url).map(drop),
        migration::prepare(url, true, |_| -> Result<(), _> { panic!("it is not ready") }),
        migration::prepare(url, false, |_| -> Result<(), _> { panic!("it is not ready") }),
        migration::require_current(url),
    ];
    let texts = refusals.each_ref().map(|refusal| refusal.as_ref().unwrap_err().to_string());
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    refusals.into_iter().find_map(Result::err).unwrap()
}

const EARLIER: &str = "20251124000000";
const LATER: &str = "20991231000000";

fn a_migration_of_an_earlier_build_is_refused(database: &TestDatabase) {
    migration::run(&database.url).unwrap();
    let own = migration::status(&database.url).unwrap();
    apply_unknown(database, EARLIER);
    let refused = refusal(&database.url);
    assert!(matches!(&refused, MigrationError::Obsolete(version) if version == EARLIER), "{refused}");
    let unknown = MigrationStatus { name: EARLIER.into(), state: MigrationState::Obsolete };
    assert_eq!(migration::status(&database.url).unwrap(), [&[unknown], &own[..]].concat(), "oldest first");
}

fn a_migration_of_a_newer_program_is_refused(database: &TestDatabase) {
    migration::run(&database.url).unwrap();
    let own = migration::status(&database.url).unwrap();
    apply_unknown(database, LATER);
    let refused = refusal(&database.url);
    assert!(matches!(&refused, MigrationError::Newer(version) if version == LATER), "{refused}");
    let unknown = MigrationStatus { name: LATER.into(), state: MigrationState::Newer };
    assert_eq!(migration::status(&database.url).unwrap(), [&own[..], &[unknown]].concat());
}

/// Such as one that an earlier build has made: it has that build's migrations, and not ours.
fn a_refused_database_is_left_as_it_is(database: &TestDatabase) {
    apply_unknown(database, EARLIER);
    assert!(matches!(refusal(&database.url), MigrationError::Obsolete(_)));
    execute(database, "DELETE FROM __diesel_schema_migrations");
    apply_unknown(database, LATER);
    assert!(matches!(refusal(&database.url), MigrationError::Newer(_)));
    assert!(catalogue(database).0.is_empty(), "nothing was made");
    let all = migration::status(&database.url).unwrap();
    assert_eq!(all.last().map(|migration| migration.state), Some(MigrationState::Newer));
    assert!(all[..all.len() - 1].iter().all(MigrationStatus::is_pending));
}

fn of_eight_replicas_one_migrates_and_one_bootstraps(TestDatabase { url, .. }: &TestDatabase) {
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
    let config = ExecutorConfig { connections: 1, queue: 1, deadline: Duration::from_secs(5) };
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

fn a_database_that_is_not_up_to_date_is_refused_unless_migrating(TestDatabase { url, .. }: &TestDatabase) {
    let refused = migration::prepare(url, false, |_| Ok(()));
    assert!(matches!(refused, Err(MigrationError::Pending)), "{refused:?}");
    assert!(matches!(migration::require_current(url), Err(MigrationError::Pending)));
    migration::prepare(url, true, |_| Ok(())).unwrap();
    migration::prepare(url, false, |_| Ok(())).unwrap();
    migration::require_current(url).unwrap();
}

fn a_failing_bootstrap_leaves_no_half_done_work(TestDatabase { url, .. }: &TestDatabase) {
    let failed = migration::prepare(url, true, |uow| {
        bootstrap(uow, "admin")?;
        Err::<(), _>(RepositoryError::Internal("on purpose".into()))
    });
    assert!(failed.is_err());
    let started = Instant::now();
    assert!(migration::prepare(url, true, |uow| bootstrap(uow, "admin")).unwrap(), "no user was left behind");
    assert!(started.elapsed() < Duration::from_secs(10), "the lock was released");
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
