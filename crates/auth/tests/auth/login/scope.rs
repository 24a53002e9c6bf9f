//! Which scopes can be had by whom.

use taglink_auth::scope::Scopes;
use taglink_domain::model::{Subject, UserChange};

use crate::setting::{ADMIN, EMAIL, PASSWORD, Setting, USERNAME};

#[tokio::test(start_paused = true)]
async fn each_role_is_for_those_who_may_have_it() {
    let setting = Setting::new();
    // Whether a user, an admin and an account may have the scope.
    for (scope, user, admin, account) in [
        ("", true, true, false),
        ("read", true, true, false),
        ("admin", false, true, false),
        ("read admin", false, true, false),
        ("account", false, false, true),
        ("account read", false, false, true),
        ("account admin", false, false, false),
    ] {
        for (name, may) in [(USERNAME, user), (ADMIN, admin), (EMAIL, account)] {
            let result = setting.login_for_scope(name, PASSWORD, scope).await;
            assert_eq!(result.is_ok(), may, "{name} {scope:?}");
            if let Ok(tokens) = result {
                assert_eq!(Ok(tokens.scopes), Scopes::parse(scope));
                assert_eq!(setting.principal(&tokens).await.scopes, tokens.scopes);
            }
        }
    }
}

#[tokio::test]
async fn a_user_who_becomes_an_admin_keeps_its_tokens_and_may_ask_for_more() {
    let setting = Setting::new();
    let before = setting.tokens("").await;
    setting.change_user(&UserChange { is_admin: Some(true), ..UserChange::default() });
    setting.auth.invalidate(Subject::User(setting.user_id));
    assert!(setting.principal(&before).await.scopes.is_empty(), "the token stays what it was");
    assert!(setting.login_for_scope(USERNAME, PASSWORD, "admin").await.is_ok());
    let narrow = setting.refresh_for_scope(&before.refresh_token, "admin").await;
    assert!(narrow.is_err(), "and so does the session");
}
