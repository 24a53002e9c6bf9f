//! Changing and removing users, on a real database: an admin is always left, and credentials end where they must.

use taglink_domain::model::{IdRef, Subject, User, UserChange, UserId};
use taglink_domain::use_case::users::{self, UserError};

use crate::fixture::{Fixture, at_once, page};
use crate::on_every_database;

on_every_database!(
    users_are_listed_by_creation_or_by_name,
    a_change_that_ends_credentials_ends_them,
    a_change_that_ends_no_credentials_keeps_them,
    the_last_admin_is_kept,
    of_two_admins_who_demote_each_other_one_stays,
    of_many_admins_who_remove_each_other_one_stays,
    a_removed_user_takes_its_credentials_along,
);

fn demotion() -> UserChange {
    UserChange { is_admin: Some(false), ..UserChange::default() }
}

fn disabling() -> UserChange {
    UserChange { disabled: Some(true), ..UserChange::default() }
}

fn new_password() -> UserChange {
    UserChange { hashed_password: Some("new".into()), ..UserChange::default() }
}

fn change(fixture: &Fixture, id: UserId, wish: UserChange) -> Result<User, UserError> {
    let at = fixture.later();
    fixture.write(move |uow| users::change(uow, &id.into(), &wish, at))
}

fn remove(fixture: &Fixture, id: UserId) -> Result<(), UserError> {
    fixture.write(move |uow| users::remove(uow, &id.into()))
}

fn users_are_listed_by_creation_or_by_name(fixture: &Fixture) {
    assert!(fixture.read(users::is_empty));
    let stored = ["carl", "Ada"].map(|name| fixture.user(name));
    assert!(!fixture.read(users::is_empty));
    let list = |name: Option<&str>, after: Option<&User>| -> Vec<User> {
        let name = name.map(|name| taglink_domain::model::Username::parse(name).unwrap());
        let after = after.map(Into::into);
        fixture.read(move |uow| users::list(uow, name.as_ref(), &page(9, after))).items
    };
    assert!(list(None, None) == stored);
    assert!(list(None, Some(&stored[0])) == stored[1..]);
    assert!(list(Some("ADA"), None) == stored[1..]);
    assert!(list(Some("ADA"), Some(&stored[1])).is_empty());
    assert!(list(Some("bob"), None).is_empty());
}

fn a_change_that_ends_credentials_ends_them(fixture: &Fixture) {
    let bystander = Subject::User(fixture.user("bystander").id);
    let ((kept, _), (_, kept_token)) = (fixture.session(bystander), fixture.api_token(bystander));
    for (number, wish) in [demotion(), disabling(), new_password()].into_iter().enumerate() {
        let id = fixture.user(&number.to_string()).id;
        let ((session, _), (_, token)) =
            (fixture.session(Subject::User(id)), fixture.api_token(Subject::User(id)));
        let changed = change(fixture, id, wish).ok().unwrap();
        assert_eq!(changed.epoch, 1);
        assert!(!fixture.has_session(session.id) && !fixture.has_api_token(token));
    }
    assert!(fixture.has_session(kept.id) && fixture.has_api_token(kept_token));
}

fn a_change_that_ends_no_credentials_keeps_them(fixture: &Fixture) {
    let user = fixture.user("apiuser");
    let (session, _) = fixture.session(Subject::User(user.id));
    let (_, token) = fixture.api_token(Subject::User(user.id));
    let promotion = UserChange { is_admin: Some(true), disabled: Some(false), hashed_password: None };
    for wish in [promotion, UserChange::default()] {
        assert!(change(fixture, user.id, wish).ok() == Some(user.clone()));
    }
    assert!(fixture.has_session(session.id) && fixture.has_api_token(token));
    let unknown = change(fixture, UserId::new(), UserChange::default());
    assert!(matches!(unknown, Err(UserError::NotFound(_))));
    let at = fixture.later();
    let malformed = fixture.write(move |uow| users::change(uow, &IdRef::new("blah".into()), &demotion(), at));
    assert!(matches!(malformed, Err(UserError::NotFound(_))));
}

fn the_last_admin_is_kept(fixture: &Fixture) {
    let [last, disabled, demoted] = ["a", "b", "c"].map(|name| fixture.user(name).id);
    change(fixture, disabled, disabling()).ok().unwrap();
    change(fixture, demoted, demotion()).ok().unwrap();
    for wish in [demotion(), disabling()] {
        assert!(matches!(change(fixture, last, wish), Err(UserError::LastAdmin)));
    }
    assert!(matches!(remove(fixture, last), Err(UserError::LastAdmin)));
    change(fixture, last, new_password()).ok().unwrap();
    for other in [disabled, demoted] {
        remove(fixture, other).unwrap();
    }
    assert!(matches!(remove(fixture, disabled), Err(UserError::NotFound(_))));
}

fn of_two_admins_who_demote_each_other_one_stays(fixture: &Fixture) {
    let admins = ["a", "b"].map(|name| fixture.user(name).id);
    for round in 0..40 {
        let wish = if round % 2 == 0 { demotion() } else { disabling() };
        let results = at_once(2, |number| change(fixture, admins[1 - number], wish.clone()));
        let succeeded = results.iter().filter(|result| result.is_ok()).count();
        let refused = results.iter().filter(|result| matches!(result, Err(UserError::LastAdmin))).count();
        assert_eq!(
            (succeeded, refused),
            (1, 1),
            "{:?}",
            results.iter().map(Result::is_ok).collect::<Vec<_>>()
        );
        assert_eq!(fixture.write(|uow| uow.lock_admins()), Ok(1));
        let restored = UserChange { is_admin: Some(true), disabled: Some(false), hashed_password: None };
        for id in admins {
            change(fixture, id, restored.clone()).ok().unwrap();
        }
    }
}

fn of_many_admins_who_remove_each_other_one_stays(fixture: &Fixture) {
    const ADMINS: usize = 8;
    for round in 0..5 {
        let admins: Vec<_> = (0..ADMINS)
            .map(|number| fixture.user(&format!("{round} {number}")).id)
            .inspect(|id| {
                fixture.session(Subject::User(*id));
            })
            .collect();
        let results = at_once(ADMINS, |number| remove(fixture, admins[number]));
        for result in results {
            assert!(matches!(result, Ok(()) | Err(UserError::LastAdmin)), "{result:?}");
        }
        assert_eq!(fixture.write(|uow| uow.lock_admins()), Ok(1));
    }
}

fn a_removed_user_takes_its_credentials_along(fixture: &Fixture) {
    let [kept, gone] = ["a", "b"].map(|name| fixture.user(name).id);
    let credentials = [kept, gone].map(|id| {
        let ((session, refresh), (_, token)) =
            (fixture.session(Subject::User(id)), fixture.api_token(Subject::User(id)));
        (session.id, refresh, token)
    });
    remove(fixture, gone).unwrap();
    for ((session, refresh, token), is_there) in credentials.into_iter().zip([true, false]) {
        assert_eq!(fixture.has_session(session), is_there);
        assert_eq!(fixture.has_refresh_token(refresh), is_there);
        assert_eq!(fixture.has_api_token(token), is_there);
    }
    assert!(fixture.read(move |uow| uow.user(gone)).is_none());
}
