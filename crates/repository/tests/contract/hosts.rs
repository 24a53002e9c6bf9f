//! URLs that name several hosts: the first that answers and takes writes is used.

use std::net::TcpListener;
use std::time::Duration;

use taglink_domain::port::Store;
use taglink_repository::{Backend, DatabaseUrl, DieselStore, ExecutorConfig, OpenError, migration};

use crate::fixture::{Fixture, SHARED};

/// A store on these hosts; `HOST` stands for that of the fixture.
fn open(fixture: &Fixture, hosts: &str, query: &str) -> Result<DieselStore, OpenError> {
    let (user, host_and_name) = fixture.database.text.split_once('@').unwrap();
    let (host, name) = host_and_name.split_once('/').unwrap();
    let url = format!("{user}@{}/{name}{query}", hosts.replace("HOST", host));
    let config = ExecutorConfig { connections: 1, queue: 9, deadline: Duration::from_secs(30) };
    DieselStore::open(&DatabaseUrl::parse(&url).unwrap(), config)
}

fn refusal(opened: Result<DieselStore, OpenError>) -> String {
    opened.err().expect("no host will do").to_string()
}

fn the_first_host_that_will_do_is_used(backend: Backend, make_read_only: &str, make_writable: &str) {
    let fixture = Fixture::new(backend);
    // A port that was free a moment ago.
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let store = open(&fixture, &format!("{dead},HOST,{dead}"), "").unwrap();
    let jobs: &dyn Store = &store;
    futures_executor::block_on(jobs.read(|uow| uow.account_exists(SHARED))).unwrap();
    store.close();
    let told = refusal(open(&fixture, &format!("{dead},{dead}"), ""));
    assert_eq!(told.matches("127.0.0.1: ").count(), 2, "of each host: {told}");

    fixture.sql(make_read_only);
    let (standbys, standby) =
        (open(&fixture, "HOST,HOST", ""), open(&fixture, "HOST", "?target_session_attrs=read-write"));
    let any = open(&fixture, "HOST,HOST", "?target_session_attrs=any");
    fixture.sql(make_writable);
    for refused in [standbys, standby] {
        let told = refusal(refused);
        assert!(told.contains("does not take writes"), "{told}");
    }
    assert!(any.is_ok());
}

#[test]
fn of_several_postgres_hosts_the_first_that_will_do_is_used() {
    the_first_host_that_will_do_is_used(
        Backend::Postgres,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$",
        "BEGIN READ WRITE; \
         DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET ALL', current_database()); END $$; COMMIT",
    );
}

/// The user of the tests may write to a server that is read-only, so the other tests do not notice.
#[test]
fn of_several_mariadb_hosts_the_first_that_will_do_is_used() {
    the_first_host_that_will_do_is_used(
        Backend::Mariadb,
        "SET GLOBAL read_only = ON",
        "SET GLOBAL read_only = OFF",
    );
}

/// A database that takes no writes stands for a standby here.
#[test]
fn a_postgres_standby_can_be_served_if_it_is_not_to_be_migrated() {
    let fixture = Fixture::new(Backend::Postgres);
    let prepare =
        |migrate| migration::prepare(&fixture.database.url, migrate, |uow| uow.account_exists(SHARED));
    assert!(!fixture.read(|uow| uow.is_read_only()));
    let (_, name) = fixture.database.text.rsplit_once('/').unwrap();
    fixture.sql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    assert!(prepare(false).unwrap());
    assert!(prepare(true).is_err(), "it cannot be migrated");
    let standby = open(&fixture, "HOST", "").unwrap();
    let jobs: &dyn Store = &standby;
    assert_eq!(futures_executor::block_on(jobs.read(|uow| uow.is_read_only())), Ok(true));
    fixture.sql(&format!("BEGIN READ WRITE; ALTER DATABASE {name} RESET ALL; COMMIT"));
}
