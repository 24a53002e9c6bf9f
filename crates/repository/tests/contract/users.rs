//! Users.

use std::sync::Arc;

use taglink_domain::model::{User, UserChange, UserId, UserPosition};
use taglink_domain::port::{Constraint, RepositoryError};
use taglink_repository::Backend;

use crate::fixture::{Fixture, failure_of, page};
use crate::on_every_database;

on_every_database!(
    a_user_is_found_by_id_and_by_folded_name,
    a_name_that_is_taken_is_a_conflict,
    pages_follow_creation_then_id,
    what_is_not_given_stays,
    a_change_of_nothing_says_whether_the_user_is_there,
    only_admins_who_can_log_in_are_counted,
    a_removed_user_is_gone,
);

fn find(fixture: &Fixture, id: UserId) -> Option<User> {
    fixture.read(move |uow| uow.user(id))
}

fn a_user_is_found_by_id_and_by_folded_name(fixture: &Fixture) {
    let user = fixture.user("ApiUser");
    assert_eq!(
        (user.username.as_str(), user.is_admin, user.disabled, user.epoch),
        ("ApiUser", true, false, 0)
    );
    assert!(find(fixture, user.id) == Some(user.clone()));
    assert!(fixture.read(|uow| uow.user_by_name("apiuser")) == Some(user));
    assert!(fixture.read(|uow| uow.user_by_name("ApiUser")).is_none(), "the key is compared by its bytes");
    assert!(find(fixture, UserId::new()).is_none());
}

fn a_name_that_is_taken_is_a_conflict(fixture: &Fixture) {
    fixture.user("apiuser");
    let again = fixture.new_user("ApiUser");
    let refused = fixture.write(move |uow| uow.insert_user(&again));
    assert_eq!(refused, Err(RepositoryError::Conflict(Constraint::UserUsername)));
}

fn pages_follow_creation_then_id(fixture: &Fixture) {
    let same_moment = fixture.later();
    let mut expected: Vec<User> = (0..5)
        .map(|number| {
            let mut new = fixture.new_user(&(9 - number).to_string());
            if number % 2 == 0 {
                new.created_at = same_moment;
            }
            let stored = new.clone().into();
            fixture.write(move |uow| uow.insert_user(&new)).unwrap();
            stored
        })
        .collect();
    expected.sort_by_key(|user| UserPosition::from(user));
    let mut seen: Vec<User> = Vec::new();
    loop {
        let after = seen.last().map(UserPosition::from);
        let found = fixture.read(move |uow| uow.users(&page(2, after)));
        seen.extend(found.items);
        if !found.has_more {
            break;
        }
    }
    assert!(seen == expected);
}

fn change(fixture: &Fixture, id: UserId, change: UserChange, raise_epoch: bool) -> bool {
    let at = fixture.later();
    fixture.write(move |uow| uow.update_user(id, &change, raise_epoch, at)).unwrap()
}

fn what_is_not_given_stays(fixture: &Fixture) {
    let bystander = fixture.user("bystander");
    let mut user = fixture.user("apiuser");
    let nothing = UserChange::default;
    let mut expect = |wish: UserChange, raise_epoch: bool, apply: fn(&mut User)| {
        assert!(change(fixture, user.id, wish, raise_epoch));
        apply(&mut user);
        assert!(find(fixture, user.id) == Some(user.clone()));
    };
    expect(UserChange { is_admin: Some(false), ..nothing() }, false, |user| user.is_admin = false);
    expect(UserChange { disabled: Some(true), ..nothing() }, true, |user| {
        user.disabled = true;
        user.epoch = 1;
    });
    expect(UserChange { hashed_password: Some("new".into()), ..nothing() }, true, |user| {
        user.hashed_password = "new".into();
        user.epoch = 2;
    });
    assert!(find(fixture, bystander.id) == Some(bystander));
}

fn a_change_of_nothing_says_whether_the_user_is_there(fixture: &Fixture) {
    let (user, at) = (fixture.user("apiuser"), fixture.later());
    let id = user.id;
    for _ in 0..2 {
        let change = UserChange::default();
        assert_eq!(fixture.write(move |uow| uow.update_user(id, &change, false, at)), Ok(true));
    }
    assert!(find(fixture, id) == Some(user));
    assert!(!change(fixture, UserId::new(), UserChange::default(), false));
}

fn only_admins_who_can_log_in_are_counted(fixture: &Fixture) {
    let count = || fixture.write(|uow| uow.lock_admins()).unwrap();
    assert_eq!(count(), 0);
    let [_, demoted, disabled] = ["a", "b", "c"].map(|name| fixture.user(name).id);
    assert_eq!(count(), 3);
    change(fixture, demoted, UserChange { is_admin: Some(false), ..UserChange::default() }, false);
    change(fixture, disabled, UserChange { disabled: Some(true), ..UserChange::default() }, false);
    assert_eq!(count(), 1);
}

/// SQLite has one writer anyway.
#[test]
fn admins_are_locked_until_the_transaction_ends() {
    for backend in [Backend::Postgres, Backend::Mariadb] {
        let fixture = Fixture::new(backend);
        let [id, _] = ["a", "b"].map(|name| fixture.user(name).id);
        let (at, store) = (fixture.later(), Arc::clone(&fixture.store));
        fixture
            .write(move |uow| {
                assert_eq!(uow.lock_admins()?, 2);
                let demotion = UserChange { is_admin: Some(false), ..UserChange::default() };
                uow.update_user(id, &demotion, false, at)?;
                let met = failure_of(store.as_ref(), |uow| uow.lock_admins().map(drop));
                assert!(matches!(met, RepositoryError::Busy(_)), "{met}");
                Ok::<_, RepositoryError>(())
            })
            .unwrap();
        assert_eq!(fixture.write(|uow| uow.lock_admins()), Ok(1));
    }
}

fn a_removed_user_is_gone(fixture: &Fixture) {
    let id = fixture.user("apiuser").id;
    assert!(fixture.write(move |uow| uow.delete_user(id)).unwrap());
    assert!(!fixture.write(move |uow| uow.delete_user(id)).unwrap());
    assert!(find(fixture, id).is_none());
}
