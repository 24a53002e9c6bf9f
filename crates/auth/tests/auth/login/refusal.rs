//! Refusals tell nobody what was wrong, by their words or by their time.

use std::time::Duration;

use taglink_auth::service::LoginError;
use taglink_auth::service::LoginError::{IncorrectCredentials, InvalidScope};

use super::{is_floor, timed};
use crate::setting::{ADMIN, EMAIL, PASSWORD, Setting, USERNAME};

const WRONG: &str = "wrong horse";

#[tokio::test(start_paused = true)]
async fn every_refusal_gives_the_same_answer_and_takes_the_floor() {
    let setting = Setting::new();
    for (username, password) in [
        (USERNAME, WRONG),
        (USERNAME, ""),
        ("nobody", PASSWORD),
        ("no\0username", PASSWORD),
        ("", ""),
        (&"long".repeat(1000), PASSWORD),
        (EMAIL, PASSWORD),
        (EMAIL, WRONG),
    ] {
        let (error, took) = timed(&setting, username, password, "").await;
        assert_eq!(error, IncorrectCredentials { for_scope: false }, "{username:?}");
        assert!(is_floor(took), "{username:?}: {took:?}");
    }
    setting.disable_user();
    let (error, took) = timed(&setting, USERNAME, PASSWORD, "").await;
    assert_eq!(error, IncorrectCredentials { for_scope: false });
    assert!(is_floor(took), "{took:?}");
    assert_eq!(error.to_string(), "Incorrect username or password");
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_for_a_scope_is_told_about_scopes_whatever_was_wrong() {
    let setting = Setting::new();
    let incorrect = IncorrectCredentials { for_scope: true };
    for (username, password, scope, expected) in [
        (USERNAME, WRONG, "read", &incorrect),
        ("nobody", PASSWORD, "read", &incorrect),
        (USERNAME, WRONG, "admin", &incorrect),
        (ADMIN, WRONG, "admin", &incorrect),
        ("nobody", PASSWORD, "admin", &incorrect),
        (EMAIL, WRONG, "account", &incorrect),
        ("nobody@example.org", PASSWORD, "account", &incorrect),
        ("no email", PASSWORD, "account", &incorrect),
        ("", "", "account read", &incorrect),
        // An account is no user, and a user no account: nobody is told that the other exists.
        (USERNAME, PASSWORD, "account", &incorrect),
        (ADMIN, PASSWORD, "account read", &incorrect),
        (EMAIL, PASSWORD, "read", &incorrect),
        (EMAIL, PASSWORD, "admin", &incorrect),
        // Only whoever knows the password hears that it was the scope.
        (USERNAME, PASSWORD, "admin", &InvalidScope),
        (USERNAME, PASSWORD, "admin read", &InvalidScope),
    ] {
        let (error, took) = timed(&setting, username, password, scope).await;
        assert_eq!(error, *expected, "{username} {scope}");
        assert!(is_floor(took), "{username} {scope}: {took:?}");
        assert_eq!(error.to_string(), "Incorrect username or password or invalid scopes");
    }
    assert!(setting.login_for_scope(USERNAME, PASSWORD, " ").await.is_ok(), "a blank asks for none");
}

#[tokio::test(start_paused = true)]
async fn a_scope_that_does_not_exist_is_refused_alike_for_all_before_anything_is_looked_up() {
    let setting = Setting::new();
    for scope in
        ["nonsense", "admin account", "read read", "Admin", "admin,read", "\0", &"admin ".repeat(100_000)]
    {
        for (username, password) in
            [(USERNAME, PASSWORD), (ADMIN, PASSWORD), (USERNAME, WRONG), ("nobody", PASSWORD)]
        {
            let (error, took) = timed(&setting, username, password, scope).await;
            assert_eq!(error, InvalidScope, "{username}");
            assert!(is_floor(took), "{took:?}");
        }
    }
    assert_eq!(setting.store.accesses(), 0);
    assert_eq!(InvalidScope.to_string(), "Incorrect username or password or invalid scopes");
}

#[test]
fn other_failures_say_what_they_are() {
    let throttled = LoginError::Throttled(Duration::from_secs(6));
    assert_eq!(throttled.to_string(), "Too many failed logins, please try again later");
    assert_eq!(LoginError::Overloaded.to_string(), "too many passwords are being hashed");
}
