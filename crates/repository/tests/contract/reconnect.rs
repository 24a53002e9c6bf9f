//! A connection that is cut, or goes silent, is replaced without the client noticing.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use taglink_domain::port::{RepositoryError, Store};
use taglink_repository::{Backend, DatabaseUrl, DieselStore, ExecutorConfig};
use url::Url;

use crate::fixture::{Fixture, SHARED};

/// A way to a server that can fall silent: connections made before stay open, and nothing passes over them.
struct Proxy {
    port: u16,
    generation: Arc<AtomicU32>,
}

impl Proxy {
    fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let generation = Arc::new(AtomicU32::new(0));
        let current = Arc::clone(&generation);
        thread::spawn(move || {
            for client in listener.incoming().map(Result::unwrap) {
                let server = TcpStream::connect(&server).unwrap();
                let mine = current.load(Ordering::SeqCst);
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let current = Arc::clone(&current);
                    thread::spawn(move || {
                        let mut buffer = [0; 4096];
                        while let Ok(length @ 1..) = from.read(&mut buffer) {
                            while current.load(Ordering::SeqCst) != mine {
                                thread::park();
                            }
                            if to.write_all(&buffer[..length]).is_err() {
                                break;
                            }
                        }
                    });
                }
            }
        });
        Self { port, generation }
    }

    fn silence(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }
}

fn outlives_silence(backend: Backend) {
    let fixture = Fixture::new(backend);
    let mut address = Url::parse(&fixture.database.text).unwrap();
    let proxy = Proxy::to(format!("127.0.0.1:{}", address.port().unwrap()));
    address.set_port(Some(proxy.port)).unwrap();
    let config = ExecutorConfig { connections: 2, queue: 10, deadline: Duration::from_mins(1) };
    let store = DieselStore::open(&DatabaseUrl::parse(address.as_str()).unwrap(), config).unwrap();
    let ping = || {
        let store: &dyn Store = &store;
        store.read(|uow| uow.ping())
    };
    let answers: Vec<_> = (0..8).map(|_| ping()).collect();
    for answer in answers {
        assert_eq!(futures_executor::block_on(answer), Ok(()));
    }
    proxy.silence();
    let answers: Vec<_> = (0..4).map(|_| ping()).collect();
    for answer in answers {
        assert_eq!(futures_executor::block_on(answer), Ok::<_, RepositoryError>(()));
    }
    store.close();
}

#[test]
fn postgres_connections_that_go_silent_are_replaced() {
    outlives_silence(Backend::Postgres);
}

#[test]
fn mariadb_connections_that_go_silent_are_replaced() {
    outlives_silence(Backend::Mariadb);
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = mute.local_addr().unwrap().port();
    for scheme in ["postgres", "mariadb"] {
        let url = DatabaseUrl::parse(&format!("{scheme}://me@127.0.0.1:{port}/x")).unwrap();
        let error = taglink_repository::migration::status(&url).unwrap_err().to_string();
        assert!(error.contains("did not answer in time"), "{error}");
    }
}

fn cut_all(fixture: &Fixture, sql: &str) {
    for round in 0..3 {
        for number in 0..20 {
            fixture.tag(SHARED, &format!("{round} {number}"));
        }
        fixture.sql(sql);
        for _ in 0..20 {
            fixture.read(|uow| uow.ping());
        }
        fixture.sql(sql);
    }
    fixture.tag(SHARED, "after");
}

#[test]
fn postgres_connections_that_are_terminated_come_back() {
    cut_all(
        &Fixture::new(Backend::Postgres),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
}

#[test]
fn mariadb_connections_that_are_killed_come_back() {
    cut_all(
        &Fixture::new(Backend::Mariadb),
        "BEGIN NOT ATOMIC FOR c IN (SELECT id FROM information_schema.processlist \
         WHERE db = DATABASE() AND id <> CONNECTION_ID()) DO KILL c.id; END FOR; END",
    );
}
