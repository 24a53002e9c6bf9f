//! Sessions from login to end, on a real database: refresh tokens are used once, and a stolen one ends its session.

use chrono::TimeDelta;
use taglink_domain::model::{SecretHash, Session, Subject, SubjectStatus, Timestamp, UserChange};
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::sessions::{self, OpenSession, Refreshed};

use crate::credentials::subjects;
use crate::fixture::{Fixture, at_once};
use crate::on_every_database;

on_every_database!(
    a_login_begins_a_session_unless_the_subject_has_changed,
    a_login_clears_away_what_has_expired,
    a_live_token_renews_the_session,
    a_used_token_ends_the_session,
    within_a_minute_the_same_successor_is_given_as_often_as_needed,
    a_successor_by_a_former_key_is_found,
    an_expired_session_is_refused,
    a_subject_that_has_changed_is_refused,
    what_is_not_granted_changes_nothing,
    many_who_present_the_same_token_leave_one_live_token,
    a_replay_among_many_refreshes_ends_the_session,
    ending_by_a_refresh_token_works_with_a_used_one,
    ending_all_ends_sessions_and_api_tokens,
);

fn open(fixture: &Fixture, session: &Session) -> Option<SecretHash> {
    let refresh = fixture.hash();
    let command = OpenSession { session: session.clone(), refresh, origin: fixture.origin() };
    fixture.write(move |uow| sessions::open(uow, &command)).unwrap().then_some(refresh)
}

fn opened(fixture: &Fixture, subject: Subject) -> (Session, SecretHash) {
    let session = fixture.new_session(subject);
    let refresh = open(fixture, &session).unwrap();
    (session, refresh)
}

fn try_refresh(
    fixture: &Fixture,
    presented: SecretHash,
    at: Timestamp,
    granted: bool,
) -> (Result<Refreshed, RepositoryError>, SecretHash) {
    let successors = [successor_of(presented), SecretHash::from([0; 32])];
    let result = fixture.write(move |uow| sessions::refresh(uow, presented, &successors, at, &|_| granted));
    (result, successor_of(presented))
}

/// What is derived from a token by the present key.
fn successor_of(presented: SecretHash) -> SecretHash {
    presented.as_bytes().map(|byte| byte.wrapping_mul(3).wrapping_add(1)).into()
}

fn refresh(fixture: &Fixture, presented: SecretHash, at: Timestamp) -> Refreshed {
    try_refresh(fixture, presented, at, true).0.unwrap()
}

/// Refreshes and answers the next token.
fn renewed(fixture: &Fixture, presented: SecretHash, at: Timestamp) -> SecretHash {
    let (result, replacement) = try_refresh(fixture, presented, at, true);
    assert!(matches!(result, Ok(Refreshed::Renewed(..))), "{result:?}");
    replacement
}

fn is_live(fixture: &Fixture, hash: SecretHash) -> bool {
    fixture.read(move |uow| uow.refresh_token(hash)).is_some_and(|token| token.used_at.is_none())
}

fn a_login_begins_a_session_unless_the_subject_has_changed(fixture: &Fixture) {
    let at = fixture.later();
    for subject in subjects(fixture) {
        let (session, refresh) = opened(fixture, subject);
        assert!(fixture.has_session(session.id) && is_live(fixture, refresh));
        fixture.write(move |uow| uow.raise_epoch(subject, at)).unwrap();
        let stale = fixture.new_session(subject);
        assert_eq!(open(fixture, &stale), None);
        assert!(!fixture.has_session(stale.id));
        let current = Session { epoch: 1, ..fixture.new_session(subject) };
        assert!(open(fixture, &current).is_some());
        if let Subject::User(id) = subject {
            let change = UserChange { disabled: Some(true), ..UserChange::default() };
            fixture.write(move |uow| uow.update_user(id, &change, false, at)).unwrap();
            let disabled = Session { epoch: 1, ..fixture.new_session(subject) };
            assert_eq!(open(fixture, &disabled), None);
        }
    }
}

fn a_login_clears_away_what_has_expired(fixture: &Fixture) {
    let [subject, other] = subjects(fixture);
    let (expired, refresh) = opened(fixture, other);
    let (old, origin) = (expired.created_at, fixture.origin());
    fixture.write(move |uow| uow.remember_origin(origin, old)).unwrap();
    let lasting = Session { expires_at: old.plus(TimeDelta::days(90)), ..fixture.new_session(other) };
    open(fixture, &lasting).unwrap();
    let new = fixture.new_session(subject);
    let created_at = old.plus(TimeDelta::days(31));
    let new = Session { created_at, expires_at: created_at.plus(TimeDelta::days(1)), ..new };
    open(fixture, &new).unwrap();
    assert!(!fixture.has_session(expired.id) && !fixture.has_refresh_token(refresh));
    assert!(fixture.has_session(lasting.id) && fixture.has_session(new.id));
    assert!(!fixture.read(move |uow| uow.is_known_origin(origin, old)));
}

fn a_live_token_renews_the_session(fixture: &Fixture) {
    for subject in subjects(fixture) {
        let (session, first) = opened(fixture, subject);
        let at = session.created_at.plus(TimeDelta::hours(1));
        let is_admin = matches!(subject, Subject::User(_));
        let status = SubjectStatus { subject, epoch: 0, is_admin, disabled: false };
        let (result, second) = try_refresh(fixture, first, at, true);
        let renewed = Session { last_used_at: at, ..session };
        assert_eq!(result, Ok(Refreshed::Renewed(renewed.clone(), status, second)));
        assert_eq!(fixture.read(move |uow| uow.session(renewed.id)), Some(renewed));
        assert!(!is_live(fixture, first) && is_live(fixture, second));
        assert_eq!(refresh(fixture, fixture.hash(), at), Refreshed::Refused, "an unknown token");
    }
}

fn a_used_token_ends_the_session(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let (session, first) = opened(fixture, subject);
    let at = fixture.later();
    let second = renewed(fixture, first, at);
    let third = renewed(fixture, second, at);
    let at = at.plus(TimeDelta::seconds(61));
    assert_eq!(refresh(fixture, first, at), Refreshed::Replayed(session.id));
    assert!(!fixture.has_session(session.id));
    for token in [first, second, third] {
        assert_eq!(refresh(fixture, token, at), Refreshed::Refused);
    }
}

fn within_a_minute_the_same_successor_is_given_as_often_as_needed(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let (session, first) = opened(fixture, subject);
    let at = fixture.later();
    let after = |seconds| at.plus(TimeDelta::seconds(seconds));
    for seconds in [0, 30, 60] {
        let successor = renewed(fixture, first, after(seconds));
        assert!(is_live(fixture, successor) && !is_live(fixture, first));
    }
    let too_late = after(60).plus(TimeDelta::microseconds(1));
    assert_eq!(refresh(fixture, first, too_late), Refreshed::Replayed(session.id));
    assert!(!fixture.has_session(session.id));
}

fn a_successor_by_a_former_key_is_found(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let (session, first) = opened(fixture, subject);
    let at = fixture.later();
    let by_former_key = renewed(fixture, first, at);
    let by_present_key = fixture.hash();
    let with = |successors: Vec<SecretHash>| {
        fixture.write(move |uow| sessions::refresh(uow, first, &successors, at, &|_| true)).unwrap()
    };
    let again = with(vec![by_present_key, by_former_key]);
    assert!(matches!(again, Refreshed::Renewed(_, _, successor) if successor == by_former_key), "{again:?}");
    assert!(!fixture.has_refresh_token(by_present_key));
    assert_eq!(with(vec![by_present_key]), Refreshed::Replayed(session.id), "nobody knows its successor");
}

fn an_expired_session_is_refused(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let (session, first) = opened(fixture, subject);
    let second = renewed(fixture, first, session.expires_at.plus(-TimeDelta::microseconds(1)));
    assert_eq!(refresh(fixture, second, session.expires_at), Refreshed::Refused);
    assert_eq!(refresh(fixture, first, session.expires_at), Refreshed::Refused);
}

fn a_subject_that_has_changed_is_refused(fixture: &Fixture) {
    let at = fixture.later();
    for subject in subjects(fixture) {
        let (_, first) = opened(fixture, subject);
        fixture.write(move |uow| uow.raise_epoch(subject, at)).unwrap();
        assert_eq!(refresh(fixture, first, at), Refreshed::Refused);
    }
}

fn what_is_not_granted_changes_nothing(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let (session, first) = opened(fixture, subject);
    let at = fixture.later();
    let (result, replacement) = try_refresh(fixture, first, at, false);
    assert_eq!(result, Ok(Refreshed::NotGranted));
    assert!(is_live(fixture, first) && !fixture.has_refresh_token(replacement));
    renewed(fixture, first, at);
    assert!(fixture.has_session(session.id));
}

const CLIENTS: usize = 20;

fn many_who_present_the_same_token_leave_one_live_token(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let (session, first) = opened(fixture, subject);
    let at = fixture.later();
    let results = at_once(CLIENTS, |_| try_refresh(fixture, first, at, true));
    for (result, _) in &results {
        assert!(matches!(result, Ok(Refreshed::Renewed(..))), "{result:?}");
    }
    let successor = successor_of(first);
    assert!(fixture.has_session(session.id) && !is_live(fixture, first) && is_live(fixture, successor));
    renewed(fixture, successor, at);
}

fn a_replay_among_many_refreshes_ends_the_session(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    for _ in 0..4 {
        let (session, stolen) = opened(fixture, subject);
        let at = fixture.later();
        let second = renewed(fixture, stolen, at);
        let live = renewed(fixture, second, at);
        let at = at.plus(TimeDelta::seconds(61));
        let results = at_once(CLIENTS, |number| {
            let presented = if number % 3 == 0 { stolen } else { live };
            try_refresh(fixture, presented, at, true)
        });
        let mut replays = 0;
        for (result, replacement) in &results {
            match result {
                Ok(Refreshed::Renewed(..) | Refreshed::Refused) => {}
                Ok(Refreshed::Replayed(id)) if *id == session.id => replays += 1,
                odd => panic!("{odd:?}"),
            }
            assert!(!fixture.has_refresh_token(*replacement));
        }
        assert_eq!(replays, 1);
        assert!(!fixture.has_session(session.id));
    }
}

fn ending_by_a_refresh_token_works_with_a_used_one(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let ((session, first), at) = (opened(fixture, subject), fixture.later());
    let second = renewed(fixture, first, at);
    let end = |token| fixture.write(move |uow| sessions::end_by_refresh_token(uow, token)).unwrap();
    assert_eq!(end(first), Some(session.id));
    assert_eq!(end(second), None);
    assert!(!fixture.has_session(session.id));
}

fn ending_all_ends_sessions_and_api_tokens(fixture: &Fixture) {
    let at = fixture.later();
    let [user, account] = subjects(fixture);
    let (kept, _) = opened(fixture, account);
    let ((session, refresh), (_, token)) = (opened(fixture, user), fixture.api_token(user));
    assert_eq!(fixture.write(move |uow| sessions::end_all(uow, user, at)), Ok(true));
    assert!(!fixture.has_session(session.id) && !fixture.has_refresh_token(refresh));
    assert!(!fixture.has_api_token(token));
    assert_eq!(fixture.read(move |uow| uow.subject_status(user)).unwrap().epoch, 1);
    assert!(fixture.has_session(kept.id));
    let nobody = Subject::User(taglink_domain::model::UserId::new());
    assert_eq!(fixture.write(move |uow| sessions::end_all(uow, nobody, at)), Ok(false));
}
