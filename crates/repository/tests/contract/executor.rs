//! The executor: what commits, what rolls back, and what happens to a job that cannot be run.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use taglink_domain::model::AccountId;
use taglink_domain::port::{Access, Job, Outcome, RepositoryError, Store, UnitOfWork};
use taglink_repository::{Backend, DieselStore, ExecutorConfig, with_unit_of_work};

use crate::fixture::{Fixture, OURS, SHARED, page};
use crate::on_every_database;

on_every_database!(
    an_error_undoes_everything_before_it,
    a_panic_undoes_everything_and_the_thread_lives_on,
    a_use_case_that_ignores_a_failure_does_not_commit,
    a_transient_failure_is_tried_again,
    commands_are_tried_again_as_well,
    only_the_first_try_may_presume_what_constraints_check,
    retries_are_bounded,
    a_snapshot_does_not_see_later_commits,
    waiting_jobs_are_done_before_the_store_closes,
);

fn tags(fixture: &Fixture) -> usize {
    fixture.read(|uow| uow.tags(OURS, None, &page(100, None))).items.len()
}

fn an_error_undoes_everything_before_it(fixture: &Fixture) {
    let (first, second) = (fixture.new_tag(SHARED, "a"), fixture.new_tag(SHARED, "A"));
    let result = fixture.write(move |uow| {
        uow.insert_tag(&first)?;
        uow.insert_tag(&second)
    });
    assert!(matches!(result, Err(RepositoryError::Conflict(_))), "{result:?}");
    assert_eq!(tags(fixture), 0);
}

fn a_panic_undoes_everything_and_the_thread_lives_on(fixture: &Fixture) {
    for round in 0..20 {
        let new = fixture.new_tag(SHARED, "a");
        let result: Result<(), _> = fixture.write(move |uow| {
            uow.insert_tag(&new)?;
            panic!("on purpose, round {round}");
        });
        assert!(matches!(result, Err(RepositoryError::Internal(_))), "{result:?}");
    }
    assert_eq!(tags(fixture), 0);
}

fn a_use_case_that_ignores_a_failure_does_not_commit(fixture: &Fixture) {
    let tags_to_insert = ["a", "a", "b"].map(|name| fixture.new_tag(SHARED, name));
    let result: Result<(), _> = fixture.write(move |uow| {
        for tag in &tags_to_insert {
            drop(uow.insert_tag(tag));
        }
        Ok(())
    });
    assert!(matches!(result, Err(RepositoryError::Internal(_))), "{result:?}");
    assert_eq!(tags(fixture), 0);
}

fn a_transient_failure_is_tried_again(fixture: &Fixture) {
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let new = fixture.new_tag(SHARED, "a");
    let result = fixture.write(move |uow| {
        uow.insert_tag(&new)?;
        if counted.fetch_add(1, Ordering::Relaxed) == 0 {
            return Err(RepositoryError::Busy("once".into()));
        }
        Ok(())
    });
    assert_eq!(result, Ok(()));
    assert_eq!((runs.load(Ordering::Relaxed), tags(fixture)), (2, 1));
}

fn only_the_first_try_may_presume_what_constraints_check(fixture: &Fixture) {
    let tries = Arc::new(Mutex::new(Vec::new()));
    let store: &dyn Store = fixture.store.as_ref();
    // Several at once, so that on SQLite they share a commit.
    let answers: Vec<_> = (0..20)
        .map(|number| {
            let (seen, new) = (Arc::clone(&tries), fixture.new_tag(AccountId::new(), "nobody's"));
            store.write(move |uow| {
                let is_retry = uow.is_retry();
                seen.lock().unwrap().push((number, is_retry));
                if is_retry { Ok(()) } else { uow.insert_tag(&new).map(drop) }
            })
        })
        .collect();
    for answer in answers {
        assert_eq!(futures_executor::block_on(answer), Ok::<_, RepositoryError>(()));
    }
    let mut tries = tries.lock().unwrap().clone();
    tries.sort_unstable();
    tries.dedup();
    let expected: Vec<_> = (0..20).flat_map(|number| [(number, false), (number, true)]).collect();
    assert_eq!(tries, expected);
}

fn commands_are_tried_again_as_well(fixture: &Fixture) {
    let (new, mut tries) = (fixture.new_tag(SHARED, "a"), Vec::new());
    let result = with_unit_of_work(&fixture.database.url, |uow| {
        tries.push(uow.is_retry());
        uow.insert_tag(&new)?;
        if tries.len() < 3 { Err(RepositoryError::Busy("twice".into())) } else { Ok(()) }
    });
    assert_eq!((result, tries, tags(fixture)), (Ok(()), vec![false, true, true], 1));
    let presumed = fixture.new_tag(AccountId::new(), "nobody's");
    let result = with_unit_of_work(&fixture.database.url, |uow| {
        if uow.is_retry() { Ok(()) } else { uow.insert_tag(&presumed).map(drop) }
    });
    assert_eq!(result, Ok(()));
}

fn retries_are_bounded(fixture: &Fixture) {
    let always = |_: &mut dyn UnitOfWork| Err::<(), _>(RepositoryError::Busy("always".into()));
    for result in [fixture.write(always), with_unit_of_work(&fixture.database.url, always)] {
        assert!(matches!(result, Err(RepositoryError::Busy(_))), "{result:?}");
    }
}

fn a_snapshot_does_not_see_later_commits(fixture: &Fixture) {
    let (new, store) = (fixture.new_tag(SHARED, "a"), Arc::clone(&fixture.store));
    let snapshot_store: &dyn Store = fixture.store.as_ref();
    let counts = futures_executor::block_on(snapshot_store.read_snapshot(move |uow| {
        let before = uow.tags(OURS, None, &page(100, None))?.items.len();
        let new = new.clone();
        let writer: &dyn Store = store.as_ref();
        futures_executor::block_on(writer.write(move |uow| uow.insert_tag(&new)))?;
        Ok::<_, RepositoryError>((before, uow.tags(OURS, None, &page(100, None))?.items.len()))
    }));
    assert_eq!(counts, Ok((0, 0)));
    assert_eq!(tags(fixture), 1);
}

fn waiting_jobs_are_done_before_the_store_closes(fixture: &Fixture) {
    let store: &dyn Store = fixture.store.as_ref();
    let answers: Vec<_> = (0..50)
        .map(|number| {
            let new = fixture.new_tag(SHARED, &format!("tag {number}"));
            store.write(move |uow| uow.insert_tag(&new))
        })
        .collect();
    fixture.store.close();
    for answer in answers {
        assert!(futures_executor::block_on(answer).is_ok());
    }
    let refused = futures_executor::block_on(store.read(|uow| uow.ping()));
    assert!(matches!(refused, Err(RepositoryError::Unavailable(_))), "{refused:?}");
}

/// Occupies a thread until told to go on.
struct Blocker {
    started: mpsc::Sender<()>,
    go_on: mpsc::Receiver<()>,
}

impl Job for Blocker {
    fn run(&mut self, _: &mut dyn UnitOfWork) -> Outcome {
        self.started.send(()).unwrap();
        self.go_on.recv().unwrap();
        Outcome::Commit
    }
    fn finish(self: Box<Self>, _: Result<(), RepositoryError>) {}
}

/// Keeps the store's only reader busy for as long as the returned sender lives.
fn block(store: &DieselStore) -> mpsc::Sender<()> {
    let ((started, has_started), (release, go_on)) = (mpsc::channel(), mpsc::channel());
    store.submit(Access::Read, Box::new(Blocker { started, go_on }));
    has_started.recv().unwrap();
    release
}

#[test]
fn a_full_queue_refuses_at_once_and_a_deadline_ends_the_wait() {
    let config = ExecutorConfig { connections: 1, queue: 2, deadline: Duration::from_millis(200) };
    let fixture = Fixture::with_config(Backend::Sqlite, config);
    let store: &dyn Store = fixture.store.as_ref();
    let ping = || store.read(|uow: &mut dyn UnitOfWork| uow.ping());
    let release = block(&fixture.store);
    let waiting = [ping(), ping()];
    let refused = futures_executor::block_on(ping());
    assert_eq!(refused, Err(RepositoryError::Busy("the queue is full".into())));
    for answer in waiting {
        let expired = futures_executor::block_on(answer);
        assert_eq!(expired, Err(RepositoryError::Busy("waited too long in the queue".into())));
    }
    release.send(()).unwrap();
    assert_eq!(futures_executor::block_on(ping()), Ok(()));
}
