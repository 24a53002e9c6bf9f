//! Managing accounts, on a real database: who may see which, and what goes with them.

use std::sync::atomic::{AtomicBool, Ordering};

use taglink_domain::model::{
    Account, AccountChange, AccountId, AccountPosition, AccountScope, Email, IdRef, LinkUrl, Owner, Subject,
    TagName,
};
use taglink_domain::use_case::accounts::{self, AccountError, CreateAccount};
use taglink_domain::use_case::links::{self, CreateLink, CreateLinkError, TagChoice};

use crate::fixture::{Fixture, SHARED, at_once, page};
use crate::on_every_database;

on_every_database!(
    an_account_is_created_once_for_each_email,
    of_many_one_creates_the_account,
    accounts_are_listed_and_found_as_far_as_the_scope_reaches,
    an_account_is_changed_as_far_as_the_scope_reaches,
    a_new_password_ends_sessions_and_api_tokens,
    deleting_an_account_removes_all_that_is_its_own,
    an_account_is_deleted_as_far_as_the_scope_reaches,
    an_account_is_deleted_while_others_write_to_it,
);

fn email(text: &str) -> Email {
    Email::parse(text.into()).unwrap()
}

fn create(fixture: &Fixture, text: &str) -> Result<Account, AccountError> {
    let command = CreateAccount { email: email(text), hashed_password: "old".into(), at: fixture.later() };
    fixture.write(move |uow| accounts::create(uow, &command))
}

fn change(
    fixture: &Fixture,
    scope: AccountScope,
    id: AccountId,
    wish: AccountChange,
) -> Result<Account, AccountError> {
    let at = fixture.later();
    fixture.write(move |uow| accounts::change(uow, scope, &id.into(), &wish, at))
}

fn new_email(text: &str) -> AccountChange {
    AccountChange { email: Some(email(text)), hashed_password: None }
}

fn new_password() -> AccountChange {
    AccountChange { email: None, hashed_password: Some("new".into()) }
}

fn an_account_is_created_once_for_each_email(fixture: &Fixture) {
    let account = create(fixture, "Ada@example.org").ok().unwrap();
    assert!(fixture.read(move |uow| uow.account(account.id)) == Some(account));
    assert!(matches!(create(fixture, "ada@Example.org"), Err(AccountError::EmailTaken(_))));
}

fn of_many_one_creates_the_account(fixture: &Fixture) {
    let results = at_once(20, |_| create(fixture, "ada@example.org"));
    let refused = results.iter().filter(|result| matches!(result, Err(AccountError::EmailTaken(_)))).count();
    let created = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!((created, refused), (1, 19));
}

fn accounts_are_listed_and_found_as_far_as_the_scope_reaches(fixture: &Fixture) {
    let stored = ["carl@example.org", "Ada@example.org"].map(|email| fixture.account(email));
    let [carl, ada] = [stored[0].id, stored[1].id];
    let list = |scope, text: Option<&str>, after: Option<&Account>| -> Vec<Account> {
        let (email, after) = (text.map(email), after.map(AccountPosition::from));
        fixture.read(move |uow| accounts::list(uow, scope, email.as_ref(), &page(9, after))).items
    };
    assert!(list(AccountScope::All, None, None) == stored);
    assert!(list(AccountScope::All, None, Some(&stored[0])) == stored[1..]);
    assert!(list(AccountScope::All, Some("ADA@example.org"), None) == stored[1..]);
    assert!(list(AccountScope::All, Some("ADA@example.org"), Some(&stored[1])).is_empty());
    assert!(list(AccountScope::One(carl), None, None) == stored[..1]);
    assert!(list(AccountScope::One(carl), None, Some(&stored[0])).is_empty());
    assert!(list(AccountScope::One(carl), Some("ada@example.org"), None).is_empty());
    assert!(list(AccountScope::One(SHARED), None, None).is_empty());

    let sees =
        |scope, id: IdRef<AccountId>| fixture.read(move |uow| accounts::find(uow, scope, &id)).is_some();
    assert!(sees(AccountScope::All, ada.into()) && sees(AccountScope::One(ada), ada.into()));
    assert!(!sees(AccountScope::One(carl), ada.into()));
    for scope in [AccountScope::All, AccountScope::One(SHARED)] {
        assert!(!sees(scope, SHARED.into()));
        assert!(!sees(scope, IdRef::new("blah".into())));
    }
}

fn an_account_is_changed_as_far_as_the_scope_reaches(fixture: &Fixture) {
    let [ada, bob] = ["ada@example.org", "bob@example.org"].map(|email| fixture.account(email).id);
    let changed = change(fixture, AccountScope::One(ada), ada, new_email("Eve@example.org")).ok().unwrap();
    assert_eq!((changed.email.as_str(), changed.epoch), ("Eve@example.org", 0));
    assert!(fixture.read(move |uow| uow.account(ada)) == Some(changed.clone()));
    assert!(change(fixture, AccountScope::All, ada, AccountChange::default()).ok() == Some(changed));
    let taken = change(fixture, AccountScope::All, bob, new_email("eve@example.org"));
    assert!(matches!(taken, Err(AccountError::EmailTaken(_))));
    for (scope, id) in [
        (AccountScope::One(ada), bob),
        (AccountScope::All, AccountId::new()),
        (AccountScope::All, SHARED),
        (AccountScope::One(SHARED), SHARED),
    ] {
        let refused = change(fixture, scope, id, new_password());
        assert!(matches!(refused, Err(AccountError::NotFound(_))), "{scope:?} {id}");
    }
}

fn a_new_password_ends_sessions_and_api_tokens(fixture: &Fixture) {
    let [ada, bob] = ["ada@example.org", "bob@example.org"].map(|email| fixture.account(email).id);
    let [(ada_session, ada_token), (bob_session, bob_token)] = [ada, bob].map(|id| {
        let subject = Subject::Account(id);
        (fixture.session(subject).0.id, fixture.api_token(subject).1)
    });
    change(fixture, AccountScope::All, ada, new_email("eve@example.org")).ok().unwrap();
    assert!(fixture.has_session(ada_session) && fixture.has_api_token(ada_token));
    let changed = change(fixture, AccountScope::All, ada, new_password()).ok().unwrap();
    assert_eq!((changed.hashed_password.as_str(), changed.epoch), ("new", 1));
    assert!(!fixture.has_session(ada_session) && !fixture.has_api_token(ada_token));
    assert!(fixture.has_session(bob_session) && fixture.has_api_token(bob_token));
}

fn deleting_an_account_removes_all_that_is_its_own(fixture: &Fixture) {
    let [gone, kept] = ["ada@example.org", "bob@example.org"].map(|email| fixture.account(email).id);
    let rows = [gone, kept].map(|account| {
        let (tag, link) = (fixture.tag(account, "rust"), fixture.link(account, "https://example.com"));
        fixture.taglink(&tag, &link);
        let subject = Subject::Account(account);
        let ((session, refresh), (_, token)) = (fixture.session(subject), fixture.api_token(subject));
        (account, session.id, refresh, token)
    });
    fixture.write(move |uow| uow.lock_for_many(gone)).unwrap();
    assert!(fixture.delete_account(AccountScope::All, gone));
    for ((account, session, refresh, token), left) in rows.into_iter().zip([0, 1]) {
        assert_eq!(fixture.read(move |uow| uow.account_exists(account)), left == 1);
        assert_eq!(fixture.has_session(session), left == 1);
        assert_eq!(fixture.has_refresh_token(refresh), left == 1);
        assert_eq!(fixture.has_api_token(token), left == 1);
        assert_eq!(fixture.rows_of(account), [left; 3]);
    }
    assert!(!fixture.delete_account(AccountScope::All, gone));
    assert!(create(fixture, "ada@example.org").is_ok(), "the email is free again");
}

fn an_account_is_deleted_as_far_as_the_scope_reaches(fixture: &Fixture) {
    let [ada, bob] = ["ada@example.org", "bob@example.org"].map(|email| fixture.account(email).id);
    let tag = fixture.tag(SHARED, "rust").id;
    assert!(!fixture.delete_account(AccountScope::One(ada), bob));
    assert!(!fixture.delete_account(AccountScope::All, SHARED));
    assert!(!fixture.delete_account(AccountScope::One(SHARED), SHARED));
    assert!(fixture.read(move |uow| uow.tag(AccountScope::All, tag)).is_some());
    assert!(fixture.delete_account(AccountScope::One(bob), bob));
    assert!(fixture.delete_account(AccountScope::All, ada));
}

fn an_account_is_deleted_while_others_write_to_it(fixture: &Fixture) {
    let account = fixture.other_account();
    let deleted = AtomicBool::new(false);
    at_once(9, |client| {
        if client == 0 {
            // Once the others are at work.
            while fixture.rows_of(account)[0] < 9 {}
            assert!(fixture.delete_account(AccountScope::All, account));
            return deleted.store(true, Ordering::SeqCst);
        }
        // Clients are refused from the beginning of the deletion: these here stop later, but they do stop.
        for number in 0..1_000 {
            let is_last = deleted.load(Ordering::SeqCst);
            let command = CreateLink {
                owner: Owner::own(account),
                url: LinkUrl::parse(format!("https://{client}.example/{number}")).unwrap(),
                tag: TagChoice::Named(TagName::parse("a".into()).unwrap()),
                title: None,
                notes: None,
                created_at: None,
                at: fixture.later(),
            };
            match fixture.write(move |uow| links::create(uow, &command)) {
                Ok(_) => assert!(!is_last, "a link of an account that is gone"),
                Err(CreateLinkError::AccountNotFound(_)) => return,
                Err(other) => panic!("{other}"),
            }
        }
    });
    assert_eq!(fixture.rows_of(account), [0, 0, 0]);
}
