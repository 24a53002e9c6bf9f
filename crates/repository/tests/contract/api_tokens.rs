//! Personal API tokens.

use chrono::TimeDelta;
use taglink_domain::model::{
    ApiToken, ApiTokenId, ApiTokenPosition, IdRef, Subject, SubjectStatus, Timestamp,
};
use taglink_domain::use_case::api_tokens;

use crate::credentials::subjects;
use crate::fixture::{Fixture, page};
use crate::on_every_database;

on_every_database!(
    a_token_comes_back_as_it_was_stored_with_the_status_of_its_subject,
    pages_hold_the_subjects_own_in_the_order_of_creation,
    a_use_is_noted_unless_a_late_one_is_noted_already,
    only_a_token_of_the_subject_is_removed,
    all_tokens_of_the_subject_are_removed,
    a_token_is_made_for_the_current_epoch_and_good_in_no_other,
    a_token_is_good_until_it_expires,
    a_token_is_revoked_by_its_secret,
);

fn list(fixture: &Fixture, subject: Subject) -> Vec<ApiToken> {
    fixture.read(move |uow| uow.api_tokens(subject, &page(100, None))).items
}

fn a_token_comes_back_as_it_was_stored_with_the_status_of_its_subject(fixture: &Fixture) {
    let at = fixture.later();
    for subject in subjects(fixture) {
        let is_admin = matches!(subject, Subject::User(_));
        let status = SubjectStatus { subject, epoch: 0, is_admin, disabled: false };
        let bare = fixture.new_api_token(subject);
        let full = ApiToken {
            name: "🍣".repeat(255),
            epoch: 7,
            expires_at: Some(fixture.later()),
            last_used_at: Some(fixture.later()),
            ..fixture.new_api_token(subject)
        };
        for new in [bare, full] {
            let (stored, hash) = fixture.store_api_token(new);
            let found = fixture.read(move |uow| uow.api_token_with_status(hash));
            assert_eq!(found, Some((stored, status)));
        }
        let (_, hash) = fixture.api_token(subject);
        fixture.write(move |uow| uow.raise_epoch(subject, at)).unwrap();
        let (_, found) = fixture.read(move |uow| uow.api_token_with_status(hash)).unwrap();
        assert_eq!(found, SubjectStatus { epoch: 1, ..status });
    }
    let unknown = fixture.hash();
    assert_eq!(fixture.read(move |uow| uow.api_token_with_status(unknown)), None);
}

fn pages_hold_the_subjects_own_in_the_order_of_creation(fixture: &Fixture) {
    let [user, account] = subjects(fixture);
    let same_moment = fixture.later();
    for subject in [user, account] {
        let mut expected: Vec<ApiToken> = (0..5)
            .map(|number| {
                let mut new = fixture.new_api_token(subject);
                if number % 2 == 0 {
                    new.created_at = same_moment;
                    new.expires_at = Some(same_moment);
                }
                fixture.store_api_token(new).0
            })
            .collect();
        expected.sort_by_key(|token| ApiTokenPosition::from(token));
        let mut seen: Vec<ApiToken> = Vec::new();
        loop {
            let after = seen.last().map(ApiTokenPosition::from);
            let found = fixture.read(move |uow| uow.api_tokens(subject, &page(2, after)));
            seen.extend(found.items);
            if !found.has_more {
                break;
            }
        }
        assert_eq!(seen, expected);
    }
}

fn a_use_is_noted_unless_a_late_one_is_noted_already(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let (token, _) = fixture.api_token(subject);
    let (other, _) = fixture.api_token(subject);
    let start = fixture.later();
    let second = |number| start.plus(TimeDelta::seconds(number));
    let touch = |at: Timestamp| {
        fixture.write(move |uow| api_tokens::touch(uow, token.id, at)).unwrap();
        list(fixture, subject)[0].last_used_at
    };
    assert_eq!(touch(second(0)), Some(second(0)));
    assert_eq!(touch(second(59)), Some(second(0)));
    assert_eq!(touch(second(60)), Some(second(0)), "noted since then already");
    assert_eq!(touch(second(61)), Some(second(61)));
    assert_eq!(list(fixture, subject)[1], other);
}

fn only_a_token_of_the_subject_is_removed(fixture: &Fixture) {
    let [user, account] = subjects(fixture);
    let other = Subject::User(fixture.user("bob").id);
    for (subject, strangers) in [(user, [account, other]), (account, [user, other])] {
        let ((token, hash), (_, kept)) = (fixture.api_token(subject), fixture.api_token(subject));
        let id = IdRef::from(token.id);
        let revoke = |subject, id: &IdRef<ApiTokenId>| {
            let id = id.clone();
            fixture.write(move |uow| api_tokens::revoke(uow, subject, &id)).unwrap()
        };
        for stranger in strangers {
            assert!(!revoke(stranger, &id));
        }
        assert!(fixture.has_api_token(hash));
        assert!(revoke(subject, &id));
        assert!(!revoke(subject, &id));
        assert!(!revoke(subject, &IdRef::new("blah".into())));
        assert!(!fixture.has_api_token(hash) && fixture.has_api_token(kept));
    }
}

fn all_tokens_of_the_subject_are_removed(fixture: &Fixture) {
    let [user, account] = subjects(fixture);
    for (subject, other) in [(user, account), (account, user)] {
        let gone = [fixture.api_token(subject), fixture.api_token(subject)];
        let (_, kept) = fixture.api_token(other);
        fixture.write(move |uow| uow.delete_api_tokens_of(subject)).unwrap();
        assert!(gone.iter().all(|(_, hash)| !fixture.has_api_token(*hash)));
        assert!(fixture.has_api_token(kept));
    }
}

fn a_token_is_made_for_the_current_epoch_and_good_in_no_other(fixture: &Fixture) {
    let at = fixture.later();
    for subject in subjects(fixture) {
        let make = |epoch| {
            let (token, hash) = (ApiToken { epoch, ..fixture.new_api_token(subject) }, fixture.hash());
            fixture.write(move |uow| api_tokens::create(uow, &token, hash)).unwrap().then_some(hash)
        };
        let is_valid = |hash| fixture.read(move |uow| api_tokens::find_valid(uow, hash, at)).is_some();
        assert_eq!(make(1), None);
        let hash = make(0).unwrap();
        assert!(is_valid(hash));
        fixture.write(move |uow| uow.raise_epoch(subject, at)).unwrap();
        assert!(!is_valid(hash));
        assert_eq!(make(0), None);
        assert!(is_valid(make(1).unwrap()));
    }
}

fn a_token_is_good_until_it_expires(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let expires_at = fixture.later();
    let token = ApiToken { expires_at: Some(expires_at), ..fixture.new_api_token(subject) };
    let (_, hash) = fixture.store_api_token(token);
    let is_valid = |now| fixture.read(move |uow| api_tokens::find_valid(uow, hash, now)).is_some();
    assert!(is_valid(expires_at.plus(-TimeDelta::microseconds(1))));
    assert!(!is_valid(expires_at));
}

fn a_token_is_revoked_by_its_secret(fixture: &Fixture) {
    let [subject, _] = subjects(fixture);
    let (_, hash) = fixture.api_token(subject);
    let revoke = || fixture.write(move |uow| api_tokens::revoke_by_secret(uow, hash)).unwrap();
    assert!(revoke());
    assert!(!revoke());
}
