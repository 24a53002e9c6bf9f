//! What users and accounts have in common, and from where they have logged in.

use chrono::TimeDelta;
use taglink_domain::model::{AccountId, Subject, SubjectStatus, Timestamp, UserChange, UserId};
use taglink_domain::use_case::sessions;

use crate::credentials::subjects;
use crate::fixture::Fixture;
use crate::on_every_database;

on_every_database!(
    the_status_tells_epoch_and_role,
    a_rehash_keeps_the_epoch,
    a_rehash_of_a_password_that_was_changed_meanwhile_is_dropped,
    a_new_password_raises_the_epoch_of_its_subject_only,
    raising_the_epoch_keeps_the_password,
    one_who_is_not_there_has_nothing,
    setting_ones_own_password_ends_ones_credentials,
    an_origin_is_known_since_its_last_login,
    no_more_origins_are_forgotten_than_asked_for,
);

fn password(fixture: &Fixture, subject: Subject) -> Option<String> {
    fixture.read(move |uow| uow.hashed_password(subject))
}

fn epoch(fixture: &Fixture, subject: Subject) -> i64 {
    fixture.read(move |uow| uow.subject_status(subject)).unwrap().epoch
}

fn the_status_tells_epoch_and_role(fixture: &Fixture) {
    let [user, account] = subjects(fixture);
    let find = |subject| fixture.read(move |uow| uow.subject_status(subject));
    let expected = SubjectStatus { subject: account, epoch: 0, is_admin: false, disabled: false };
    assert_eq!(find(account), Some(expected));
    let expected = SubjectStatus { subject: user, epoch: 0, is_admin: true, disabled: false };
    assert_eq!(find(user), Some(expected));
    let (Subject::User(id), at) = (user, fixture.later()) else { panic!("{user:?}") };
    let change = UserChange { is_admin: Some(false), disabled: Some(true), hashed_password: None };
    fixture.write(move |uow| uow.update_user(id, &change, true, at)).unwrap();
    assert_eq!(find(user), Some(SubjectStatus { subject: user, epoch: 1, is_admin: false, disabled: true }));
}

fn a_rehash_keeps_the_epoch(fixture: &Fixture) {
    let at = fixture.later();
    for subject in subjects(fixture) {
        fixture.write(move |uow| uow.rehash_password(subject, "old", "rehashed", at)).unwrap();
        assert_eq!(password(fixture, subject).as_deref(), Some("rehashed"));
        assert_eq!(epoch(fixture, subject), 0);
    }
}

fn a_rehash_of_a_password_that_was_changed_meanwhile_is_dropped(fixture: &Fixture) {
    let at = fixture.later();
    for subject in subjects(fixture) {
        fixture.write(move |uow| uow.set_password(subject, "new", at)).unwrap();
        fixture.write(move |uow| uow.rehash_password(subject, "old", "rehashed", at)).unwrap();
        assert_eq!(password(fixture, subject).as_deref(), Some("new"));
    }
}

fn a_new_password_raises_the_epoch_of_its_subject_only(fixture: &Fixture) {
    let at = fixture.later();
    let [user, account] = subjects(fixture);
    let others =
        [Subject::User(fixture.user("bob").id), Subject::Account(fixture.account("bob@example.org").id)];
    for subject in [user, account] {
        assert_eq!(fixture.write(move |uow| uow.set_password(subject, "new", at)), Ok(true));
        assert_eq!(password(fixture, subject).as_deref(), Some("new"));
        assert_eq!(epoch(fixture, subject), 1);
    }
    for subject in others {
        assert_eq!(password(fixture, subject).as_deref(), Some("old"));
        assert_eq!(epoch(fixture, subject), 0);
    }
}

fn raising_the_epoch_keeps_the_password(fixture: &Fixture) {
    let at = fixture.later();
    for subject in subjects(fixture) {
        for expected in [1, 2] {
            assert_eq!(fixture.write(move |uow| uow.raise_epoch(subject, at)), Ok(true));
            assert_eq!(epoch(fixture, subject), expected);
        }
        assert_eq!(password(fixture, subject).as_deref(), Some("old"));
    }
}

fn one_who_is_not_there_has_nothing(fixture: &Fixture) {
    let at = fixture.later();
    for subject in [Subject::User(UserId::new()), Subject::Account(AccountId::new())] {
        assert_eq!(fixture.read(move |uow| uow.subject_status(subject)), None);
        assert_eq!(password(fixture, subject), None);
        assert_eq!(fixture.write(move |uow| uow.set_password(subject, "new", at)), Ok(false));
        assert_eq!(fixture.write(move |uow| uow.raise_epoch(subject, at)), Ok(false));
        assert_eq!(fixture.write(move |uow| uow.rehash_password(subject, "old", "new", at)), Ok(()));
    }
}

fn setting_ones_own_password_ends_ones_credentials(fixture: &Fixture) {
    let at = fixture.later();
    let [user, account] = subjects(fixture);
    let (kept, _) = fixture.session(account);
    let ((session, _), (_, token)) = (fixture.session(user), fixture.api_token(user));
    assert_eq!(fixture.write(move |uow| sessions::set_password(uow, user, "new", at)), Ok(true));
    assert!(!fixture.has_session(session.id) && !fixture.has_api_token(token));
    assert_eq!((password(fixture, user).as_deref(), epoch(fixture, user)), (Some("new"), 1));
    assert!(fixture.has_session(kept.id));
}

fn an_origin_is_known_since_its_last_login(fixture: &Fixture) {
    let (origin, other) = (fixture.origin(), fixture.origin());
    let first = fixture.later();
    let second = first.plus(TimeDelta::seconds(1));
    let is_known = |origin, since: Timestamp| fixture.read(move |uow| uow.is_known_origin(origin, since));
    assert!(!is_known(origin, first));
    fixture.write(move |uow| uow.remember_origin(origin, first)).unwrap();
    assert!(is_known(origin, first));
    assert!(!is_known(origin, second));
    for _ in 0..2 {
        fixture.write(move |uow| uow.remember_origin(origin, second)).unwrap();
    }
    assert!(is_known(origin, second));
    assert!(!is_known(other, first));
}

fn no_more_origins_are_forgotten_than_asked_for(fixture: &Fixture) {
    let remembered = [(); 3].map(|()| (fixture.origin(), fixture.later()));
    for (origin, at) in remembered.into_iter().rev() {
        fixture.write(move |uow| uow.remember_origin(origin, at)).unwrap();
    }
    let start = remembered[0].1;
    let forget = |since, most| fixture.write(move |uow| uow.forget_origins(since, most)).unwrap();
    let are_known =
        || remembered.map(|(origin, _)| fixture.read(move |uow| uow.is_known_origin(origin, start)));
    forget(start, 100);
    assert_eq!(are_known(), [true, true, true], "a login at that moment counts");
    forget(remembered[2].1, 1);
    assert_eq!(are_known(), [false, true, true], "the oldest first");
    forget(remembered[2].1, 100);
    assert_eq!(are_known(), [false, false, true]);
}
