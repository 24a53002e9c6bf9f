//! The migration lock of the servers: a lease that is waited for, renewed, and taken over when its holder has died.

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use taglink_domain::port::RepositoryError;
use taglink_repository::Backend;
use taglink_repository::migration::{self, MigrationError};
use tokio_postgres::NoTls;

use crate::database::{TestDatabase, execute};
use crate::schema::query;

/// How long anything may take that should be quick.
const PATIENCE: Duration = Duration::from_secs(20);

macro_rules! on_servers {
    ($($name:ident),+ $(,)?) => {
        mod postgres { $(#[test] fn $name() { super::$name(&super::migrated(super::Backend::Postgres)); })+ }
        mod mariadb { $(#[test] fn $name() { super::$name(&super::migrated(super::Backend::Mariadb)); })+ }
    };
}
on_servers!(
    the_holder_of_the_lease_is_waited_for,
    a_lease_that_has_expired_is_taken_over,
    a_lease_is_renewed_during_work_that_takes_long,
);

fn migrated(backend: Backend) -> TestDatabase {
    let database = TestDatabase::new(backend);
    migration::run(&database.url).unwrap();
    database
}

/// Gives the migration lock to another process, for so many seconds.
fn give_away(database: &TestDatabase, seconds: u32) {
    let sql = format!(
        "UPDATE __taglink_lease SET holder = 7, expires_at = CURRENT_TIMESTAMP(6) + INTERVAL '{seconds}' SECOND \
         WHERE id = 1"
    );
    execute(database.url.backend(), &database.text, &sql);
}

fn the_holder_of_the_lease_is_waited_for(database: &TestDatabase) {
    give_away(database, 3600);
    thread::scope(|scope| {
        let (done, is_done) = channel();
        scope.spawn(move || done.send(migration::run(&database.url)).unwrap());
        assert!(is_done.recv_timeout(Duration::from_millis(500)).is_err(), "it waits");
        give_away(database, 0);
        assert_eq!(is_done.recv_timeout(PATIENCE).unwrap().unwrap(), Vec::<String>::new());
    });
}

fn a_lease_that_has_expired_is_taken_over(database: &TestDatabase) {
    let started = Instant::now();
    give_away(database, 2);
    migration::run(&database.url).unwrap();
    assert!((Duration::from_secs(2)..PATIENCE).contains(&started.elapsed()), "{:?}", started.elapsed());
}

fn a_lease_is_renewed_during_work_that_takes_long(database: &TestDatabase) {
    // For how many more seconds the lease is held.
    let is_long = |database: &TestDatabase| {
        let sql = "SELECT CASE WHEN expires_at > CURRENT_TIMESTAMP(6) + INTERVAL '20' SECOND THEN 'yes' ELSE 'no' END, \
                   '', '', '' FROM __taglink_lease WHERE id = 1";
        query(database, sql).iter().any(|[is_long, ..]| is_long == "yes")
    };
    let is_renewed = migration::prepare(&database.url, true, |_| {
        assert!(is_long(database));
        let sql = "UPDATE __taglink_lease SET expires_at = CURRENT_TIMESTAMP(6) + INTERVAL '15' SECOND WHERE id = 1";
        execute(database.url.backend(), &database.text, sql);
        assert!(!is_long(database));
        let started = Instant::now();
        while !is_long(database) && started.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(50));
        }
        Ok::<_, RepositoryError>(is_long(database))
    });
    assert!(is_renewed.unwrap());
    assert!(!is_long(database), "it is released");
}

/// A process that was stopped for a while must not migrate beside the one that has taken over.
#[test]
fn a_process_that_has_lost_the_lease_stops() {
    let database = TestDatabase::new(Backend::Postgres);
    migration::status(&database.url).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&database.text, NoTls).await.unwrap();
        tokio::spawn(connection);
        let lock = "BEGIN; LOCK TABLE __diesel_schema_migrations IN SHARE MODE";
        client.batch_execute(lock).await.unwrap();
        let url = database.url.clone();
        let migrating = thread::spawn(move || migration::run(&url));
        // It waits at the end of its first migration.
        let waits =
            "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = '__diesel_schema_migrations'::regclass";
        while client.query(waits, &[]).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        give_away(&database, 3600);
        client.batch_execute("COMMIT").await.unwrap();
        let result = migrating.join().unwrap();
        assert!(matches!(result, Err(MigrationError::LostLock)), "{result:?}");
    });
}

#[test]
fn another_program_that_has_locked_an_sqlite_file_is_waited_for() {
    use diesel::Connection;
    use diesel::connection::SimpleConnection;
    let database = migrated(Backend::Sqlite);
    let path = database.url.sqlite_path().unwrap();
    let mut other = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute("BEGIN EXCLUSIVE").unwrap();
    thread::scope(|scope| {
        let (done, is_done) = channel();
        let url = &database.url;
        scope.spawn(move || done.send(migration::run(url)).unwrap());
        assert!(is_done.recv_timeout(Duration::from_millis(500)).is_err(), "it waits");
        other.batch_execute("COMMIT").unwrap();
        assert!(is_done.recv_timeout(PATIENCE).unwrap().is_ok());
    });
}
