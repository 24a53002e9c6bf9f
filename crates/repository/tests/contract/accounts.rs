//! Accounts.

use taglink_domain::model::{Account, AccountChange, AccountId, AccountPosition, Email, NewAccount, Subject};
use taglink_domain::port::{Constraint, RepositoryError};

use crate::fixture::{Fixture, OURS, SHARED, page};
use crate::on_every_database;

on_every_database!(
    an_account_is_found_by_id_and_by_folded_email,
    an_email_that_is_taken_is_a_conflict,
    a_new_password_raises_the_epoch_and_a_new_email_does_not,
    a_change_of_nothing_says_whether_the_account_is_there,
    pages_follow_creation_then_id,
    the_shared_account_is_there_and_nothing_more,
    only_rows_of_the_account_are_removed,
    a_removed_account_is_gone,
);

fn find(fixture: &Fixture, id: AccountId) -> Option<Account> {
    fixture.read(move |uow| uow.account(id))
}

fn change(
    fixture: &Fixture,
    id: AccountId,
    email: Option<&str>,
    hashed_password: Option<&str>,
) -> Result<bool, RepositoryError> {
    let email = email.map(|email| Email::parse(email.into()).unwrap());
    let change = AccountChange { email, hashed_password: hashed_password.map(str::to_owned) };
    let at = fixture.later();
    fixture.write(move |uow| uow.update_account(id, &change, at))
}

fn an_account_is_found_by_id_and_by_folded_email(fixture: &Fixture) {
    let account = fixture.account("Ada@Example.org");
    let id = account.id;
    assert_eq!((account.email.as_str(), account.epoch), ("Ada@Example.org", 0));
    assert!(find(fixture, id) == Some(account.clone()));
    assert!(fixture.read(move |uow| uow.account_exists(id)));
    assert!(fixture.read(|uow| uow.account_by_email("ada@example.org")) == Some(account));
    assert!(fixture.read(|uow| uow.account_by_email("Ada@Example.org")).is_none(), "compared by its bytes");
    assert!(find(fixture, AccountId::new()).is_none());
    assert!(!fixture.read(|uow| uow.account_exists(AccountId::new())));
}

fn an_email_that_is_taken_is_a_conflict(fixture: &Fixture) {
    let ada = fixture.account("ada@example.org").id;
    let bob = fixture.account("bob@example.org").id;
    let taken = RepositoryError::Conflict(Constraint::AccountEmail);
    let again = fixture.new_account("ADA@example.org");
    assert_eq!(fixture.write(move |uow| uow.insert_account(&again)), Err(taken.clone()));
    assert_eq!(change(fixture, bob, Some("Ada@example.org"), None), Err(taken));
    assert_eq!(change(fixture, ada, Some("Ada@example.org"), None), Ok(true), "one's own is not taken");
}

fn a_new_password_raises_the_epoch_and_a_new_email_does_not(fixture: &Fixture) {
    let id = fixture.account("ada@example.org").id;
    let now = || {
        let account = find(fixture, id).unwrap();
        (account.email, account.hashed_password, account.epoch)
    };
    assert_eq!(change(fixture, id, Some("Eve@example.org"), None), Ok(true));
    assert_eq!(now(), ("Eve@example.org".into(), "old".into(), 0));
    assert!(fixture.read(|uow| uow.account_by_email("eve@example.org")).is_some());
    assert!(fixture.read(|uow| uow.account_by_email("ada@example.org")).is_none());
    assert_eq!(change(fixture, id, None, Some("new")), Ok(true));
    assert_eq!(now(), ("Eve@example.org".into(), "new".into(), 1));
}

fn a_change_of_nothing_says_whether_the_account_is_there(fixture: &Fixture) {
    let (account, at) = (fixture.account("ada@example.org"), fixture.later());
    let id = account.id;
    for _ in 0..2 {
        let change = AccountChange::default();
        assert_eq!(fixture.write(move |uow| uow.update_account(id, &change, at)), Ok(true));
    }
    assert!(find(fixture, id) == Some(account));
    assert_eq!(change(fixture, AccountId::new(), None, None), Ok(false));
}

fn pages_follow_creation_then_id(fixture: &Fixture) {
    let same_moment = fixture.later();
    let mut expected: Vec<Account> = (0..5)
        .map(|number| {
            let mut new = fixture.new_account(&format!("{}@example.org", 9 - number));
            if number % 2 == 0 {
                new.created_at = same_moment;
            }
            let stored = new.clone().into();
            fixture.write(move |uow| uow.insert_account(&new)).unwrap();
            stored
        })
        .collect();
    expected.sort_by_key(|account| AccountPosition::from(account));
    let mut seen: Vec<Account> = Vec::new();
    loop {
        let after = seen.last().map(AccountPosition::from);
        let found = fixture.read(move |uow| uow.accounts(&page(2, after)));
        seen.extend(found.items);
        if !found.has_more {
            break;
        }
    }
    assert!(seen == expected);
}

fn the_shared_account_is_there_and_nothing_more(fixture: &Fixture) {
    let tag = fixture.tag(SHARED, "rust");
    assert!(fixture.read(|uow| uow.account_exists(SHARED)));
    assert!(find(fixture, SHARED).is_none());
    assert!(fixture.read(|uow| uow.accounts(&page(9, None))).items.is_empty());
    assert_eq!(change(fixture, SHARED, Some("shared@example.org"), Some("new")), Ok(false));
    fixture.write(|uow| uow.delete_rows_of_account(SHARED)).unwrap();
    assert_eq!(fixture.write(|uow| uow.delete_account(SHARED)), Ok(false));

    let (subject, at) = (Subject::Account(SHARED), fixture.later());
    assert_eq!(fixture.read(move |uow| uow.subject_status(subject)), None);
    assert_eq!(fixture.read(move |uow| uow.hashed_password(subject)), None);
    assert_eq!(fixture.write(move |uow| uow.set_password(subject, "new", at)), Ok(false));
    assert_eq!(fixture.write(move |uow| uow.raise_epoch(subject, at)), Ok(false));
    let (session, _) = fixture.session(subject);
    assert_eq!(fixture.read(move |uow| uow.session_subject_status(session.id, at)), None);
    let (_, hash) = fixture.api_token(subject);
    assert_eq!(fixture.read(move |uow| uow.api_token_with_status(hash)), None);

    assert!(fixture.read(|uow| uow.account_exists(SHARED)));
    assert_eq!(fixture.read(move |uow| uow.tag(OURS, tag.id)), Some(tag));
}

fn only_rows_of_the_account_are_removed(fixture: &Fixture) {
    let accounts = ["ada@example.org", "bob@example.org"].map(|email| fixture.account(email).id);
    for account in [accounts[0], accounts[1], SHARED] {
        let (tag, link) = (fixture.tag(account, "rust"), fixture.link(account, "https://example.com"));
        fixture.taglink(&tag, &link);
    }
    let [gone, kept] = accounts;
    fixture.write(move |uow| uow.delete_rows_of_account(gone)).unwrap();
    for (account, rows) in [(gone, 0), (kept, 1), (SHARED, 1)] {
        assert_eq!(fixture.rows_of(account), [rows; 3]);
    }
    assert!(find(fixture, gone).is_some(), "the account itself stays");
}

fn a_removed_account_is_gone(fixture: &Fixture) {
    let id = fixture.account("ada@example.org").id;
    assert_eq!(fixture.write(move |uow| uow.delete_account(id)), Ok(true));
    assert_eq!(fixture.write(move |uow| uow.delete_account(id)), Ok(false));
    assert!(find(fixture, id).is_none());
    let again: NewAccount = fixture.new_account("ada@example.org");
    assert_eq!(fixture.write(move |uow| uow.insert_account(&again)), Ok(()));
}
