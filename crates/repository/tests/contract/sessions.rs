//! Sessions and their refresh tokens.

use std::sync::Arc;

use chrono::TimeDelta;
use taglink_domain::model::{
    RefreshToken, Session, SessionId, SessionPosition, Subject, SubjectStatus, Timestamp, UserChange,
};
use taglink_domain::port::{RepositoryError, UnitOfWork};
use taglink_repository::Backend;

use crate::credentials::subjects;
use crate::fixture::{Fixture, failure_of, page};
use crate::on_every_database;

on_every_database!(
    a_session_comes_back_as_it_was_stored,
    the_status_of_a_session_is_that_of_its_subject,
    an_expired_session_has_no_status_and_is_not_listed,
    pages_hold_the_subjects_own_in_the_order_of_creation,
    touching_a_session_says_whether_it_is_there,
    only_a_session_of_the_subject_is_removed,
    all_sessions_of_the_subject_are_removed,
    no_more_expired_sessions_are_removed_than_asked_for,
    a_refresh_token_comes_back_as_it_was_stored,
    a_refresh_token_is_spent_once,
);

fn find(fixture: &Fixture, id: SessionId) -> Option<Session> {
    fixture.read(move |uow| uow.session(id))
}

fn subject_status(fixture: &Fixture, id: SessionId, now: Timestamp) -> Option<SubjectStatus> {
    fixture.read(move |uow| uow.session_subject_status(id, now))
}

fn list(fixture: &Fixture, subject: Subject, now: Timestamp) -> Vec<Session> {
    fixture.read(move |uow| uow.sessions(subject, now, &page(100, None))).items
}

fn a_session_comes_back_as_it_was_stored(fixture: &Fixture) {
    for subject in subjects(fixture) {
        for user_agent in [None, Some("é".repeat(255))] {
            let new = Session { user_agent, epoch: 7, ..fixture.new_session(subject) };
            let (stored, _) = fixture.store_session(new);
            assert_eq!(find(fixture, stored.id), Some(stored));
        }
    }
    assert_eq!(find(fixture, SessionId::new()), None);
}

fn the_status_of_a_session_is_that_of_its_subject(fixture: &Fixture) {
    let at = fixture.later();
    for subject in subjects(fixture) {
        let (session, _) = fixture.session(subject);
        let is_admin = matches!(subject, Subject::User(_));
        let expected = SubjectStatus { subject, epoch: 0, is_admin, disabled: false };
        assert_eq!(subject_status(fixture, session.id, at), Some(expected));
        fixture.write(move |uow| uow.raise_epoch(subject, at)).unwrap();
        assert_eq!(subject_status(fixture, session.id, at), Some(SubjectStatus { epoch: 1, ..expected }));
        if let Subject::User(id) = subject {
            let change = UserChange { is_admin: Some(false), disabled: Some(true), hashed_password: None };
            fixture.write(move |uow| uow.update_user(id, &change, false, at)).unwrap();
            let expected = SubjectStatus { epoch: 1, is_admin: false, disabled: true, ..expected };
            assert_eq!(subject_status(fixture, session.id, at), Some(expected));
        }
    }
    assert_eq!(subject_status(fixture, SessionId::new(), at), None);
}

fn an_expired_session_has_no_status_and_is_not_listed(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let (session, _) = fixture.session(subject);
    let just_before = session.expires_at.plus(-TimeDelta::microseconds(1));
    assert!(subject_status(fixture, session.id, just_before).is_some());
    assert_eq!(subject_status(fixture, session.id, session.expires_at), None);
    assert_eq!(list(fixture, subject, session.expires_at), []);
    assert_eq!(list(fixture, subject, just_before), [session]);
}

fn pages_hold_the_subjects_own_in_the_order_of_creation(fixture: &Fixture) {
    let [user, account] = subjects(fixture);
    let same_moment = fixture.later();
    for subject in [user, account] {
        let mut expected: Vec<Session> = (0..5)
            .map(|number| {
                let mut new = fixture.new_session(subject);
                if number % 2 == 0 {
                    new.created_at = same_moment;
                }
                fixture.store_session(new).0
            })
            .collect();
        expected.sort_by_key(|session| SessionPosition::from(session));
        let mut seen: Vec<Session> = Vec::new();
        loop {
            let after = seen.last().map(SessionPosition::from);
            let found = fixture.read(move |uow| uow.sessions(subject, same_moment, &page(2, after)));
            seen.extend(found.items);
            if !found.has_more {
                break;
            }
        }
        assert_eq!(seen, expected);
    }
}

fn touching_a_session_says_whether_it_is_there(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let (session, _) = fixture.session(subject);
    let (id, at) = (session.id, fixture.later());
    for _ in 0..2 {
        assert_eq!(fixture.write(move |uow| uow.touch_session(id, at)), Ok(true));
    }
    assert_eq!(find(fixture, id), Some(Session { last_used_at: at, ..session }));
    assert_eq!(fixture.write(move |uow| uow.touch_session(SessionId::new(), at)), Ok(false));
}

/// SQLite has one writer anyway.
#[test]
fn a_touched_session_is_locked_until_the_transaction_ends() {
    for backend in [Backend::Postgres, Backend::Mariadb] {
        let fixture = Fixture::new(backend);
        let [subject, _] = subjects(&fixture);
        let (id, at, store) = (fixture.session(subject).0.id, fixture.later(), Arc::clone(&fixture.store));
        fixture
            .write(move |uow| {
                assert!(uow.touch_session(id, at)?);
                let others: [fn(&mut dyn UnitOfWork, _, _, _) -> _; 2] = [
                    |uow, _, id, at| uow.touch_session(id, at),
                    |uow, subject, id, _| uow.delete_session(subject, id),
                ];
                for other in others {
                    let met = failure_of(store.as_ref(), move |uow| other(uow, subject, id, at).map(drop));
                    assert!(matches!(met, RepositoryError::Busy(_)), "{met}");
                }
                Ok::<_, RepositoryError>(())
            })
            .unwrap();
        assert_eq!(fixture.write(move |uow| uow.touch_session(id, at)), Ok(true));
    }
}

fn only_a_session_of_the_subject_is_removed(fixture: &Fixture) {
    let [user, account] = subjects(fixture);
    let other = Subject::User(fixture.user("bob").id);
    for (subject, strangers) in [(user, [account, other]), (account, [user, other])] {
        let ((session, refresh), (kept, kept_refresh)) = (fixture.session(subject), fixture.session(subject));
        let delete = |subject, id| fixture.write(move |uow| uow.delete_session(subject, id)).unwrap();
        for stranger in strangers {
            assert!(!delete(stranger, session.id));
        }
        assert!(fixture.has_session(session.id) && fixture.has_refresh_token(refresh));
        assert!(delete(subject, session.id));
        assert!(!delete(subject, session.id));
        assert!(!fixture.has_session(session.id) && !fixture.has_refresh_token(refresh));
        assert!(fixture.has_session(kept.id) && fixture.has_refresh_token(kept_refresh));
    }
}

fn all_sessions_of_the_subject_are_removed(fixture: &Fixture) {
    let [user, account] = subjects(fixture);
    for (subject, other) in [(user, account), (account, user)] {
        let gone = [fixture.session(subject), fixture.session(subject)];
        let (kept, kept_refresh) = fixture.session(other);
        fixture.write(move |uow| uow.delete_sessions_of(subject)).unwrap();
        for (session, refresh) in gone {
            assert!(!fixture.has_session(session.id) && !fixture.has_refresh_token(refresh));
        }
        assert!(fixture.has_session(kept.id) && fixture.has_refresh_token(kept_refresh));
    }
    let many: Vec<_> = (0..1001).map(|_| fixture.new_session(user)).collect();
    fixture.write(move |uow| many.iter().try_for_each(|session| uow.insert_session(session))).unwrap();
    fixture.write(move |uow| uow.delete_sessions_of(user)).unwrap();
    assert_eq!(list(fixture, user, fixture.later()), [], "however many there are");
}

fn no_more_expired_sessions_are_removed_than_asked_for(fixture: &Fixture) {
    let [user, account] = subjects(fixture);
    let mut stored: Vec<_> =
        [user, account, user].map(|subject| fixture.store_session(fixture.new_session(subject))).into();
    stored.reverse();
    let now = stored[0].0.expires_at;
    let purge = |now, most| fixture.write(move |uow| uow.delete_expired_sessions(now, most)).unwrap();
    let are_there = || stored.iter().map(|(session, _)| fixture.has_session(session.id)).collect::<Vec<_>>();
    purge(now, 1);
    assert_eq!(are_there(), [true, true, false], "the oldest first");
    purge(now, 100);
    assert_eq!(are_there(), [true, false, false], "one that expires now has not expired before");
    purge(now.plus(TimeDelta::microseconds(1)), 100);
    assert_eq!(are_there(), [false, false, false]);
    assert!(stored.iter().all(|(_, refresh)| !fixture.has_refresh_token(*refresh)));
}

fn a_refresh_token_comes_back_as_it_was_stored(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let (session, first) = fixture.session(subject);
    let at = fixture.later();
    let used =
        RefreshToken { predecessor: Some(first), used_at: Some(at), ..fixture.new_refresh_token(session.id) };
    fixture.write(move |uow| uow.insert_refresh_token(&used)).unwrap();
    assert_eq!(fixture.read(move |uow| uow.refresh_token(used.hash)), Some(used));
    let found = fixture.read(move |uow| uow.refresh_token(first)).unwrap();
    assert_eq!((found.session_id, found.predecessor, found.used_at), (session.id, None, None));
    let unknown = fixture.hash();
    assert_eq!(fixture.read(move |uow| uow.refresh_token(unknown)), None);
}

fn a_refresh_token_is_spent_once(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let (_, hash) = fixture.session(subject);
    let (first, second, unknown) = (fixture.later(), fixture.later(), fixture.hash());
    let spend = |hash, at| fixture.write(move |uow| uow.spend_refresh_token(hash, at)).unwrap();
    assert!(spend(hash, first));
    assert!(!spend(hash, second));
    assert!(!spend(hash, first), "also at the same moment");
    assert!(!spend(unknown, first));
    assert_eq!(fixture.read(move |uow| uow.refresh_token(hash)).unwrap().used_at, Some(first));
}
