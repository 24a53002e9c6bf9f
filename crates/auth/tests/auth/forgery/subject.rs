//! Tokens that are signed, but whose subject or session is not what they say: refused by the service.

use serde_json::{Value, json};
use taglink_auth::service::AuthenticateError;
use taglink_domain::model::{AccountChange, AccountId, AccountScope, Email, SessionId, Subject, UserId};
use taglink_domain::port::RepositoryError;
use taglink_domain::use_case::accounts;

use super::craft::{json_of, sign};
use crate::setting::{EMAIL, PASSWORD, Setting, USERNAME, hashed_password, insert_account, insert_user};

/// The header and the claims of a genuine token of a session with this scope.
async fn parts(setting: &Setting, scope: &str) -> (Value, Value) {
    let token = setting.tokens(scope).await.access.access_token;
    let parts: Vec<_> = token.split('.').collect();
    (json_of(parts[0]), json_of(parts[1]))
}

fn id(subject: Subject) -> String {
    match subject {
        Subject::User(id) => id.to_string(),
        Subject::Account(id) => id.to_string(),
    }
}

/// Whether a token is let in whose claims were changed like this.
async fn is_let_in(setting: &Setting, scope: &str, changes: &[(&str, Value)]) -> bool {
    let (header, mut claims) = parts(setting, scope).await;
    for (member, value) in changes {
        claims[*member] = value.clone();
    }
    match setting.authenticate(&sign(&header, &claims)).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error, AuthenticateError::Invalid);
            false
        }
    }
}

#[tokio::test]
async fn the_subject_is_an_account_exactly_when_the_scope_is_account() {
    let setting = Setting::new();
    let (user, admin, account) = (id(Subject::User(setting.user_id)), id(setting.admin), id(setting.account));
    for scope in ["", "read", "admin", "account"] {
        assert!(is_let_in(&setting, scope, &[]).await, "{scope:?}");
    }
    for (scope, changes) in [
        ("", [("scope", "account"), ("sub", &user)].as_slice()),
        ("", &[("scope", "account read"), ("sub", &user)]),
        ("", &[("scope", "account"), ("sub", &account)]),
        ("", &[("sub", &account)]),
        ("", &[("sub", &admin)]),
        ("", &[("scope", "admin"), ("sub", &admin)]),
        ("", &[("scope", "admin")]),
        ("admin", &[("scope", "account")]),
        ("admin", &[("sub", &user)]),
        ("account", &[("scope", "")]),
        ("account", &[("scope", "read")]),
        ("account", &[("scope", "admin")]),
        ("account", &[("scope", "admin"), ("sub", &admin)]),
        ("account", &[("scope", ""), ("sub", &user)]),
        ("account", &[("sub", &user)]),
        ("account", &[("sub", &AccountId::SHARED.to_string())]),
        ("", &[("sub", &AccountId::SHARED.to_string())]),
        ("", &[("sub", &UserId::new().to_string())]),
        ("account", &[("sub", &AccountId::new().to_string())]),
    ] {
        let changes: Vec<_> = changes.iter().map(|(member, text)| (*member, json!(text))).collect();
        assert!(!is_let_in(&setting, scope, &changes).await, "{scope:?} {changes:?}");
    }
}

#[tokio::test]
async fn the_session_is_there_and_the_subjects_own() {
    let setting = Setting::new();
    for other in ["admin", "account"] {
        let sid = parts(&setting, other).await.1["sid"].clone();
        assert!(!is_let_in(&setting, "", &[("sid", sid.clone())]).await, "{other}");
    }
    let own = parts(&setting, "").await.1;
    assert!(is_let_in(&setting, "", &[("sid", own["sid"].clone())]).await, "another session of its own");
    for sid in
        [SessionId::new().to_string(), AccountId::SHARED.to_string(), id(Subject::User(setting.user_id))]
    {
        assert!(!is_let_in(&setting, "", &[("sid", json!(sid))]).await, "{sid}");
    }
    assert!(!is_let_in(&setting, "", &[("sid", own["jti"].clone())]).await);
}

#[tokio::test]
async fn the_epoch_is_the_present_one() {
    let setting = Setting::new();
    for epoch in [-1, 1, 2, i64::MAX, i64::MIN] {
        assert!(!is_let_in(&setting, "", &[("epoch", json!(epoch))]).await, "{epoch}");
    }
    assert!(is_let_in(&setting, "", &[("epoch", json!(0))]).await);
}

#[tokio::test]
async fn a_token_names_its_subject_by_the_id_so_another_name_changes_nothing() {
    let setting = Setting::new();
    let Subject::Account(id) = setting.account else { unreachable!() };
    let tokens = setting.tokens("account").await;
    let email = Email::parse("bob@example.org".into()).unwrap();
    let change = AccountChange { email: Some(email), ..AccountChange::default() };
    let at = setting.now();
    setting
        .store
        .elsewhere(|uow| accounts::change(uow, AccountScope::All, &id.into(), &change, at).map(drop))
        .unwrap();
    setting.auth.invalidate(setting.account);
    assert_eq!(setting.principal(&tokens).await.subject, setting.account);
    assert!(setting.refresh(&tokens.refresh_token).await.is_ok());
    assert!(setting.login_for_scope("bob@example.org", PASSWORD, "account").await.is_ok());
}

#[tokio::test]
async fn a_token_of_a_subject_that_was_removed_is_dead_though_another_has_its_name() {
    let setting = Setting::new();
    let user = setting.tokens("").await.access.access_token;
    setting.remove_user();
    setting
        .store
        .elsewhere::<_, RepositoryError>(|uow| {
            let hash = hashed_password();
            Ok(insert_user(uow, USERNAME, true, hash))
        })
        .unwrap();
    assert_eq!(setting.authenticate(&user).await, Err(AuthenticateError::Invalid));
    assert!(setting.login(USERNAME, PASSWORD).await.is_ok());

    let account = setting.tokens("account").await.access.access_token;
    let Subject::Account(id) = setting.account else { unreachable!() };
    let now = setting.now();
    let removed = setting.store.elsewhere::<_, RepositoryError>(|uow| {
        accounts::begin_deletion(uow, AccountScope::All, &id.into(), now)?;
        Ok(insert_account(uow, EMAIL, hashed_password()))
    });
    assert!(removed.is_ok());
    assert_eq!(setting.authenticate(&account).await, Err(AuthenticateError::Invalid));
    assert!(setting.login_for_scope(EMAIL, PASSWORD, "account").await.is_ok());
}
