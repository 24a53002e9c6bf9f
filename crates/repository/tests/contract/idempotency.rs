//! Requests with an idempotency key: done once, however often and at however many threads they arrive.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::TimeDelta;
use futures_executor::block_on;
use taglink_domain::model::{
    AccountId, AccountScope, Answer, IdRef, IdempotencyKey, KeyedRequest, Owner, RequestHash, Subject,
    TagName, Timestamp, UserId,
};
use taglink_domain::port::{Constraint, RepositoryError, Table, UnitOfWork};
use taglink_domain::use_case::idempotency::{Given, OnceError, RefusedKey, once};
use taglink_domain::use_case::tags::{CreateTag, CreateTagError};
use taglink_domain::use_case::users::{self, UserError};
use taglink_domain::use_case::{accounts, tags};
use taglink_repository::Backend;

use crate::credentials::subjects;
use crate::fixture::{Fixture, OURS, at_once, failure_of, page};
use crate::on_every_database;

on_every_database!(
    an_answer_is_given_again_to_the_byte,
    another_request_with_the_same_key_is_refused,
    a_failure_keeps_nothing,
    two_subjects_may_use_the_same_key,
    of_many_at_once_one_does_the_work_and_all_get_its_answer,
    when_the_first_of_many_fails_another_does_the_work,
    an_answer_is_forgotten_after_a_day,
    old_answers_are_cleared_away_in_steps,
    answers_go_with_their_subject,
    a_subject_that_is_gone_gets_nothing_done,
    a_subject_is_deleted_while_it_sends_keys,
    a_key_is_taken_once,
    a_key_needs_its_subject_as_long_as_it_is_kept,
    an_answer_that_is_too_large_undoes_the_change,
);

const CLIENTS: usize = 40;

fn keyed(subject: Subject, key: &str, body: &str, at: Timestamp) -> KeyedRequest {
    KeyedRequest {
        subject,
        key: IdempotencyKey::parse(key.as_bytes()).unwrap().of(subject),
        request: RequestHash::new(OURS, [b"POST", b"/tag", body.as_bytes()]),
        at,
    }
}

fn answer(body: &str) -> Answer {
    Answer { status: 200, location: Some("/tag/1".into()), etag: None, body: body.into() }
}

fn create_tag(
    uow: &mut dyn UnitOfWork,
    request: &KeyedRequest,
    name: &str,
) -> Result<Given, OnceError<CreateTagError>> {
    once(uow, request, |uow| {
        let name = TagName::parse(name.into()).unwrap();
        let tag = tags::create(uow, &CreateTag { owner: Owner::shared(), name, at: request.at })?;
        Ok(answer(&tag.id.to_string()))
    })
}

fn tag_once(
    fixture: &Fixture,
    request: KeyedRequest,
    name: &str,
) -> Result<Given, OnceError<CreateTagError>> {
    let name = name.to_owned();
    fixture.write(move |uow| create_tag(uow, &request, &name))
}

fn count_tags(fixture: &Fixture) -> usize {
    fixture.read(|uow| uow.tags(OURS, None, &page(100, None))).items.len()
}

fn an_answer_is_given_again_to_the_byte(fixture: &Fixture) {
    let mut body = "🍣 \"é\"\n".repeat(200_000);
    body.push(' ');
    for subject in subjects(fixture) {
        for (key, answer) in [
            ("small", answer("{}")),
            (
                "large",
                Answer { status: 207, location: None, etag: Some("\"1.a\"".into()), body: body.clone() },
            ),
        ] {
            let request = keyed(subject, key, "", fixture.later());
            let first = answer.clone();
            let given = fixture
                .write(move |uow| once(uow, &request, |_| Ok::<_, RepositoryError>(first.clone())))
                .unwrap();
            assert_eq!(given, Given { answer: answer.clone(), is_replayed: false });
            let given =
                fixture.write(move |uow| once(uow, &request, |_| -> Result<_, RepositoryError> { panic!() }));
            assert_eq!(given.unwrap(), Given { answer, is_replayed: true });
        }
    }
}

fn another_request_with_the_same_key_is_refused(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    tag_once(fixture, keyed(subject, "k", "a", fixture.later()), "a").unwrap();
    let refused = tag_once(fixture, keyed(subject, "k", "b", fixture.later()), "b");
    assert!(matches!(refused, Err(OnceError::Refused(RefusedKey::Reused))), "{refused:?}");
    assert_eq!(count_tags(fixture), 1);
}

fn a_failure_keeps_nothing(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let taken = fixture.tag(crate::fixture::SHARED, "a");
    let request = keyed(subject, "k", "a", fixture.later());
    let refused = tag_once(fixture, request, "a");
    assert!(matches!(refused, Err(OnceError::UseCase(CreateTagError::NameTaken { .. }))), "{refused:?}");
    assert_eq!(fixture.read(move |uow| uow.kept_answer(request.key)), None);
    fixture.write(move |uow| uow.delete_tag(OURS, taken.id)).unwrap();
    assert!(!tag_once(fixture, request, "a").unwrap().is_replayed, "it can be tried again");
    let other = keyed(subject, "l", "b", fixture.later());
    assert!(tag_once(fixture, other, "a").is_err());
    assert!(tag_once(fixture, keyed(subject, "l", "c", fixture.later()), "c").is_ok(), "the key is free");
}

fn two_subjects_may_use_the_same_key(fixture: &Fixture) {
    for (subject, name) in subjects(fixture).into_iter().zip(["a", "b"]) {
        let given = tag_once(fixture, keyed(subject, "k", name, fixture.later()), name).unwrap();
        assert!(!given.is_replayed);
    }
    assert_eq!(count_tags(fixture), 2);
}

fn of_many_at_once_one_does_the_work_and_all_get_its_answer(fixture: &Fixture) {
    for (round, subject) in subjects(fixture).into_iter().enumerate() {
        let name = format!("tag {round}");
        let request = keyed(subject, "k", &name, fixture.later());
        let given = at_once(CLIENTS, |_| tag_once(fixture, request, &name).unwrap());
        let done = given.iter().filter(|given| !given.is_replayed).count();
        assert_eq!(done, 1);
        assert!(given.iter().all(|other| other.answer == given[0].answer));
        assert_eq!(count_tags(fixture), round + 1);
    }
}

fn when_the_first_of_many_fails_another_does_the_work(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let request = keyed(subject, "k", "a", fixture.later());
    let results = at_once(CLIENTS, |number| {
        fixture.write(move |uow| {
            let given = create_tag(uow, &request, "a")?;
            // Undone after it was done, as a lost transaction is.
            if number % 4 == 0 && !given.is_replayed {
                Err(OnceError::Refused(RefusedKey::Reused))
            } else {
                Ok(given)
            }
        })
    });
    let done = results.iter().flatten().filter(|given| !given.is_replayed).count();
    assert_eq!(done, 1);
    assert_eq!(count_tags(fixture), 1);
    for result in results {
        assert!(matches!(result, Ok(_) | Err(OnceError::Refused(_))), "{result:?}");
    }
}

fn an_answer_is_forgotten_after_a_day(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let first = keyed(subject, "k", "a", fixture.later());
    tag_once(fixture, first, "a").unwrap();
    let within = KeyedRequest { at: first.at.plus(TimeDelta::hours(24)), ..first };
    assert!(tag_once(fixture, within, "a").unwrap().is_replayed);
    let later = keyed(subject, "k", "b", within.at.plus(TimeDelta::microseconds(1)));
    assert!(!tag_once(fixture, later, "b").unwrap().is_replayed, "the key is free for anything");
    assert!(tag_once(fixture, later, "b").unwrap().is_replayed);
}

fn old_answers_are_cleared_away_in_steps(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let requests: Vec<_> =
        (0..5).map(|number| keyed(subject, &format!("k{number}"), "", fixture.later())).collect();
    for request in requests.clone() {
        fixture.write(move |uow| once(uow, &request, |_| Ok::<_, RepositoryError>(answer("{}")))).unwrap();
    }
    let kept = || {
        let is_kept = |request: &&KeyedRequest| {
            let key = request.key;
            fixture.read(move |uow| uow.kept_answer(key)).is_some()
        };
        requests.iter().filter(is_kept).count()
    };
    let before = requests[3].at;
    for left in [3, 2, 2] {
        fixture.write(move |uow| uow.forget_answers(before, 2)).unwrap();
        assert_eq!(kept(), left);
    }
    // Some keys clear away, whoever they belong to.
    let now = requests[4].at.plus(TimeDelta::days(2));
    for number in 0..200 {
        let request = keyed(subject, &format!("later-{number}"), "", now);
        fixture.write(move |uow| once(uow, &request, |_| Ok::<_, RepositoryError>(answer("{}")))).unwrap();
    }
    assert_eq!(kept(), 0);
}

fn answers_go_with_their_subject(fixture: &Fixture) {
    let [user, account] = subjects(fixture);
    fixture.user("another admin");
    let requests = [user, account].map(|subject| keyed(subject, "k", "", fixture.later()));
    for request in requests {
        fixture.write(move |uow| once(uow, &request, |_| Ok::<_, RepositoryError>(answer("{}")))).unwrap();
    }
    let (Subject::User(user), Subject::Account(account)) = (user, account) else { panic!("{user:?}") };
    fixture.write(move |uow| users::remove(uow, &IdRef::from(user))).unwrap();
    assert!(fixture.delete_account(AccountScope::All, account));
    for request in requests {
        assert_eq!(fixture.read(move |uow| uow.kept_answer(request.key)), None);
    }
}

fn a_subject_that_is_gone_gets_nothing_done(fixture: &Fixture) {
    let gone = Subject::User(UserId::new());
    let refused = tag_once(fixture, keyed(gone, "k", "a", fixture.later()), "a");
    assert!(matches!(refused, Err(OnceError::Refused(RefusedKey::SubjectGone))), "{refused:?}");
    assert_eq!(count_tags(fixture), 0);
}

fn a_subject_is_deleted_while_it_sends_keys(fixture: &Fixture) {
    fixture.user("another admin");
    for (round, subject) in subjects(fixture).into_iter().enumerate() {
        let (begun, deleted) = (AtomicUsize::new(0), AtomicBool::new(false));
        at_once(9, |client| {
            if client == 0 {
                while begun.load(Ordering::SeqCst) < 9 {
                    std::thread::yield_now();
                }
                let result = delete(fixture, subject);
                deleted.store(true, Ordering::SeqCst);
                return result.unwrap();
            }
            for number in 0.. {
                let is_last = deleted.load(Ordering::SeqCst);
                let name = format!("{round}-{client}-{number}");
                match tag_once(fixture, keyed(subject, &name, "", fixture.later()), &name) {
                    Ok(_) => assert!(!is_last, "done for a subject that is gone"),
                    Err(OnceError::Refused(RefusedKey::SubjectGone)) => return,
                    Err(other) => panic!("{other:?}"),
                }
                begun.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
}

/// Deletes a subject, however often that must be tried: PostgreSQL lets those that share the subject's row pass one that
/// waits to delete it.
fn delete(fixture: &Fixture, subject: Subject) -> Result<(), RepositoryError> {
    let at = fixture.later();
    loop {
        let result = match subject {
            Subject::User(id) => match fixture.write(move |uow| users::remove(uow, &id.into())) {
                Err(UserError::Repository(error)) => Err(error),
                other => other.map_err(|error| RepositoryError::Internal(error.to_string())),
            },
            Subject::Account(id) => fixture
                .write(move |uow| accounts::begin_deletion(uow, AccountScope::All, &id.into(), at))
                .and_then(|_| block_on(accounts::finish_deletion(fixture.store.as_ref(), id))),
        };
        match result {
            Err(RepositoryError::Busy(_)) => {}
            other => return other,
        }
    }
}

fn a_key_is_taken_once(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let request = keyed(subject, "k", "a", fixture.later());
    fixture.write(move |uow| uow.take_key(&request)).unwrap();
    let met = failure_of(fixture.store.as_ref(), move |uow| uow.take_key(&request));
    assert_eq!(met, RepositoryError::Conflict(Constraint::PrimaryKey(Table::Idempotency)));
    let read = fixture.write(move |uow| uow.kept_answer(request.key));
    assert!(matches!(read, Err(RepositoryError::Corrupt(_))), "no transaction ends so: {read:?}");
}

fn a_key_needs_its_subject_as_long_as_it_is_kept(fixture: &Fixture) {
    let missing = |constraint| {
        // SQLite does not tell which foreign key refused.
        let is_named = fixture.database.url.backend() != Backend::Sqlite;
        RepositoryError::MissingReference(is_named.then_some(constraint))
    };
    let store = fixture.store.as_ref();
    let constraints = [Constraint::IdempotencyUser, Constraint::IdempotencyAccount];
    let gone = [Subject::User(UserId::new()), Subject::Account(AccountId::new())];
    for ((gone, kept), constraint) in gone.into_iter().zip(subjects(fixture)).zip(constraints) {
        let request = keyed(gone, "k", "", fixture.later());
        assert_eq!(failure_of(store, move |uow| uow.take_key(&request)), missing(constraint));
        let request = keyed(kept, "k", "", fixture.later());
        fixture.write(move |uow| uow.take_key(&request)).unwrap();
        let met = failure_of(store, move |uow| match kept {
            Subject::User(id) => uow.delete_user(id).map(drop),
            Subject::Account(id) => uow.delete_account(id).map(drop),
        });
        assert_eq!(met, missing(constraint));
    }
}

fn an_answer_that_is_too_large_undoes_the_change(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let request = keyed(subject, "k", "a", fixture.later());
    let refused = fixture.write(move |uow| {
        once(uow, &request, |uow| {
            let name = TagName::parse("a".into()).unwrap();
            tags::create(uow, &CreateTag { owner: Owner::shared(), name, at: request.at })?;
            Ok::<_, CreateTagError>(answer(&"x".repeat(8 * 1024 * 1024 + 1)))
        })
    });
    assert!(matches!(refused, Err(OnceError::Refused(RefusedKey::AnswerTooLarge))));
    assert_eq!(count_tags(fixture), 0);
    let largest = answer(&"x".repeat(8 * 1024 * 1024));
    let given = fixture.write(move |uow| once(uow, &request, |_| Ok::<_, RepositoryError>(largest.clone())));
    assert!(given.is_ok());
}
