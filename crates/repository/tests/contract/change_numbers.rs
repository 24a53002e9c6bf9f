//! The numbers of changes: without gaps and in the order in which the feed learns of them, however many write, fail and give up at once.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;

use taglink_domain::model::{ChangeSeq, Changed, NewTag};
use taglink_domain::port::{RepositoryError, Store};
use taglink_domain::use_case::changes::Start;
use taglink_repository::Backend;

use crate::feed::{all, latest, numbers, read};
use crate::fixture::{Fixture, OURS, SHARED, at_once};
use crate::on_every_database;

on_every_database!(
    numbers_have_no_gaps_whoever_fails_in_between,
    a_failed_job_in_the_middle_of_a_group_takes_no_number,
    what_has_been_read_never_changes_its_place,
    many_readers_give_each_change_one_number,
    two_who_lock_each_other_out_both_get_their_numbers,
);

const CLIENTS: usize = 16;

fn numbers_have_no_gaps_whoever_fails_in_between(fixture: &Fixture) {
    let (stored, other) = (AtomicI64::new(0), fixture.other_account());
    at_once(CLIENTS, |client| {
        for round in 0..12 {
            let [first, second] =
                ["a", "b"].map(|name| fixture.new_tag(SHARED, &format!("{name} {client} {round}")));
            let theirs = fixture.new_tag(other, &format!("{client} {round}"));
            let kind = (client + round) % 6;
            let done = fixture.write(move |uow| {
                uow.insert_tag(&first)?;
                match kind {
                    0 => return Err(RepositoryError::Internal("on purpose".into())),
                    1 => panic!("on purpose"),
                    2 => {
                        uow.insert_tag(&theirs)?;
                    }
                    3 => {
                        // A conflict.
                        uow.insert_tag(&NewTag { id: second.id, ..first.clone() })?;
                    }
                    4 => {
                        uow.find_or_create_tag(&NewTag { id: second.id, ..first.clone() })?;
                    }
                    _ => {}
                }
                uow.insert_tag(&second)?;
                uow.delete_tag(OURS, first.id)
            });
            assert_eq!(done.is_ok(), ![0, 1, 3].contains(&kind), "{kind}: {done:?}");
            if done.is_ok() {
                stored.fetch_add(2, Ordering::Relaxed);
            }
        }
    });
    let (changes, stored) = (all(fixture.store.as_ref(), SHARED), stored.into_inner());
    assert_eq!(numbers(&changes), (1..=stored).collect::<Vec<_>>());
    assert_eq!(latest(fixture.store.as_ref(), SHARED), stored);
    let theirs = all(fixture.store.as_ref(), other);
    assert_eq!(numbers(&theirs), (1..=latest(fixture.store.as_ref(), other)).collect::<Vec<_>>());
    assert!(!theirs.is_empty());
}

fn a_failed_job_in_the_middle_of_a_group_takes_no_number(fixture: &Fixture) {
    let store: &dyn Store = fixture.store.as_ref();
    // Handed over without waiting, so that on SQLite they share commits.
    let answers: Vec<_> = (0..300)
        .map(|number| {
            let new = fixture.new_tag(SHARED, &format!("tag {number}"));
            store.write(move |uow| {
                let tag = uow.insert_tag(&new)?;
                match number % 3 {
                    0 => Ok(tag),
                    1 => Err(RepositoryError::Internal("on purpose".into())),
                    _ => panic!("on purpose"),
                }
            })
        })
        .collect();
    let mut stored = Vec::new();
    for answer in answers {
        stored.extend(futures_executor::block_on(answer));
    }
    assert_eq!(stored.len(), 100);
    let changes = all(store, SHARED);
    assert_eq!(numbers(&changes), (1..=100).collect::<Vec<_>>());
    if fixture.database.url.backend() == Backend::Sqlite {
        let told: Vec<_> = changes.into_iter().map(|change| change.now).collect();
        let stored: Vec<_> = stored.into_iter().map(Changed::Tag).collect();
        assert_eq!(told, stored, "in the order in which they were done");
    }
}

fn what_has_been_read_never_changes_its_place(fixture: &Fixture) {
    let store: &dyn Store = fixture.store.as_ref();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut seen, mut last) = (Vec::new(), ChangeSeq::START);
            loop {
                let is_last_look = done.load(Ordering::SeqCst);
                let found = read(store, SHARED, Start::After(last), 1000).unwrap();
                last = found.last;
                seen.extend(found.items);
                if is_last_look {
                    return seen;
                }
            }
        });
        at_once(CLIENTS, |client| {
            for round in 0..20 {
                fixture.tag(SHARED, &format!("{client} {round}"));
            }
        });
        done.store(true, Ordering::SeqCst);
        let seen = reader.join().unwrap();
        assert_eq!(seen.len(), 20 * CLIENTS);
        let gapless: Vec<i64> = (1..).take(seen.len()).collect();
        assert_eq!(numbers(&seen), gapless);
        assert_eq!(seen, all(store, SHARED), "nothing came in between later");
    });
}

/// All of them find the same changes without a number.
fn many_readers_give_each_change_one_number(fixture: &Fixture) {
    const TAGS: i64 = 40;
    let store: &dyn Store = fixture.store.as_ref();
    for round in 1..=10 {
        for number in 0..TAGS {
            fixture.tag(SHARED, &format!("{number} {round}"));
        }
        let seen = at_once(CLIENTS, |client| {
            if client % 2 == 0 {
                return latest(store, SHARED);
            }
            let changes = all(store, SHARED);
            assert_eq!(numbers(&changes), (1..=TAGS * round).collect::<Vec<_>>());
            TAGS * round
        });
        assert_eq!(seen, [TAGS * round; CLIENTS]);
    }
}

/// One for each order, and no more: PostgreSQL takes a second to find a deadlock.
fn two_who_lock_each_other_out_both_get_their_numbers(fixture: &Fixture) {
    let other = fixture.other_account();
    for round in 0..10 {
        let results = at_once(4, |client| {
            let names = if client % 2 == 0 { ["a", "b"] } else { ["b", "a"] };
            let accounts = if client % 4 < 2 { [SHARED, other] } else { [other, SHARED] };
            let tags = [0, 1].map(|at| fixture.new_tag(accounts[at], &format!("{} {round}", names[at])));
            let more =
                [0, 1].map(|at| fixture.new_tag(accounts[1 - at], &format!("{} {round}", names[1 - at])));
            fixture.write(move |uow| {
                for tag in tags.iter().chain(&more) {
                    uow.find_or_create_tag(tag)?;
                }
                Ok::<_, RepositoryError>(())
            })
        });
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }
    for account in [SHARED, other] {
        let changes = all(fixture.store.as_ref(), account);
        assert_eq!(numbers(&changes), (1..=20).collect::<Vec<_>>(), "each tag is told once");
    }
}
