//! What only SQLite does: readers that cannot write, commits in groups, settings of durability.

use std::sync::Arc;
use std::thread;

use diesel::Connection;
use diesel::connection::SimpleConnection;
use taglink_domain::port::{RepositoryError, Store};
use taglink_repository::Backend;

use crate::fixture::{Fixture, OURS, SHARED, page};

#[test]
fn a_reader_cannot_write() {
    let fixture = Fixture::new(Backend::Sqlite);
    let new = fixture.new_tag(SHARED, "a");
    let store: &dyn Store = fixture.store.as_ref();
    let refused = futures_executor::block_on(store.read(move |uow| uow.insert_tag(&new)));
    assert!(matches!(refused, Err(RepositoryError::NotWritable(_))), "{refused:?}");
}

#[test]
fn a_job_that_fails_undoes_only_itself_in_its_group() {
    let fixture = Fixture::new(Backend::Sqlite);
    let store: &dyn Store = fixture.store.as_ref();
    let answers: Vec<_> = (0..300)
        .map(|number| {
            let new = fixture.new_tag(SHARED, &format!("tag {number}"));
            store.write(move |uow| {
                let tag = uow.insert_tag(&new)?;
                match number % 3 {
                    0 => Ok(tag),
                    1 => Err(RepositoryError::NotWritable("on purpose".into())),
                    _ => panic!("on purpose"),
                }
            })
        })
        .collect();
    let succeeded = answers.into_iter().flat_map(futures_executor::block_on).count();
    let stored = fixture.read(|uow| uow.tags(OURS, None, &page(1000, None))).items;
    assert_eq!((succeeded, stored.len()), (100, 100));
}

#[test]
fn writes_that_wait_for_another_programs_lock_are_all_refused_after_one_wait() {
    let fixture = Fixture::new(Backend::Sqlite);
    let path = fixture.database.url.sqlite_path().unwrap();
    let mut other = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let store: &dyn Store = fixture.store.as_ref();
    let answers: Vec<_> = (0..20)
        .map(|number| {
            let new = fixture.new_tag(SHARED, &format!("tag {number}"));
            store.write(move |uow| uow.insert_tag(&new))
        })
        .collect();
    for answer in answers {
        assert!(matches!(futures_executor::block_on(answer), Err(RepositoryError::Busy(_))));
    }
    other.batch_execute("ROLLBACK").unwrap();
    fixture.tag(SHARED, "after");
}

#[test]
fn many_writers_and_readers_get_along() {
    let fixture = Arc::new(Fixture::new(Backend::Sqlite));
    thread::scope(|scope| {
        for writer in 0..8 {
            let fixture = Arc::clone(&fixture);
            scope.spawn(move || {
                for number in 0..50 {
                    let tag = fixture.tag(SHARED, &format!("{writer} {number}"));
                    assert!(
                        fixture.read(move |uow| uow.tag(OURS, tag.id)).is_some(),
                        "committed means readable"
                    );
                }
            });
        }
    });
    assert_eq!(fixture.read(|uow| uow.tags(OURS, None, &page(1000, None))).items.len(), 400);
}
