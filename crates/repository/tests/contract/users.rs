//! Users.

use taglink_domain::model::{NewUser, UserId, Username};
use taglink_domain::port::{Constraint, RepositoryError};

use crate::fixture::Fixture;
use crate::on_every_database;

on_every_database!(
    a_user_is_found_by_id_and_by_folded_name,
    a_name_that_is_taken_is_a_conflict,
    a_new_password_raises_the_epoch_and_a_rehash_does_not,
    a_rehash_of_a_password_that_was_changed_meanwhile_is_dropped,
    users_are_listed_by_name,
    a_removed_user_is_gone,
);

fn add(fixture: &Fixture, name: &str) -> Result<UserId, RepositoryError> {
    let new = NewUser {
        id: UserId::new(),
        username: Username::parse(name).unwrap(),
        hashed_password: "old".into(),
        is_admin: true,
        created_at: fixture.later(),
    };
    fixture.write(move |uow| uow.insert_user(&new).map(|()| new.id))
}

fn a_user_is_found_by_id_and_by_folded_name(fixture: &Fixture) {
    let id = add(fixture, "ApiUser").unwrap();
    let user = fixture.read(move |uow| uow.user(id)).unwrap();
    assert_eq!(
        (user.username.as_str(), user.is_admin, user.disabled, user.epoch),
        ("ApiUser", true, false, 0)
    );
    assert!(fixture.read(|uow| uow.user_by_name("apiuser")) == Some(user));
    assert!(fixture.read(|uow| uow.user_by_name("ApiUser")).is_none(), "the key is compared by its bytes");
    assert!(fixture.read(|uow| uow.user(UserId::new())).is_none());
}

fn a_name_that_is_taken_is_a_conflict(fixture: &Fixture) {
    add(fixture, "apiuser").unwrap();
    assert_eq!(add(fixture, "ApiUser"), Err(RepositoryError::Conflict(Constraint::UserUsername)));
}

fn a_new_password_raises_the_epoch_and_a_rehash_does_not(fixture: &Fixture) {
    let id = add(fixture, "apiuser").unwrap();
    let at = fixture.later();
    fixture.write(move |uow| uow.rehash_password(id, "old", "rehashed", at)).unwrap();
    let user = fixture.read(move |uow| uow.user(id)).unwrap();
    assert_eq!((user.hashed_password.as_str(), user.epoch), ("rehashed", 0));
    assert!(fixture.write(move |uow| uow.set_password(id, "new", at)).unwrap());
    let user = fixture.read(move |uow| uow.user(id)).unwrap();
    assert_eq!((user.hashed_password.as_str(), user.epoch), ("new", 1));
    assert!(!fixture.write(move |uow| uow.set_password(UserId::new(), "new", at)).unwrap());
}

fn a_rehash_of_a_password_that_was_changed_meanwhile_is_dropped(fixture: &Fixture) {
    let id = add(fixture, "apiuser").unwrap();
    let at = fixture.later();
    fixture.write(move |uow| uow.set_password(id, "new", at)).unwrap();
    fixture.write(move |uow| uow.rehash_password(id, "old", "rehashed", at)).unwrap();
    assert_eq!(fixture.read(move |uow| uow.user(id)).unwrap().hashed_password, "new");
}

fn users_are_listed_by_name(fixture: &Fixture) {
    for name in ["carl", "Ada", "bob"] {
        add(fixture, name).unwrap();
    }
    let names = |after: Option<&'static str>, limit| -> Vec<String> {
        let users = fixture.read(move |uow| uow.users(after, limit));
        users.into_iter().map(|user| user.username).collect()
    };
    assert_eq!(names(None, 2), ["Ada", "bob"]);
    assert_eq!(names(Some("bob"), 2), ["carl"]);
}

fn a_removed_user_is_gone(fixture: &Fixture) {
    let id = add(fixture, "apiuser").unwrap();
    assert!(fixture.write(move |uow| uow.delete_user(id)).unwrap());
    assert!(!fixture.write(move |uow| uow.delete_user(id)).unwrap());
    assert!(fixture.read(move |uow| uow.user(id)).is_none());
}
