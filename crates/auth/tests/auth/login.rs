//! Logging in.

use std::time::Duration;

use taglink_auth::password::{HashingLimits, hash_password};
use taglink_auth::service::{AuthConfig, LoginError};
use taglink_domain::model::{AccountId, Clock, Realm};
use taglink_domain::port::RepositoryError;
use tokio::time::Instant;

use crate::setting::{FLOOR, LIFETIME, PASSWORD, Setting, USERNAME, config};

/// What an attempt was answered with and how long it took.
async fn timed(setting: &Setting, username: &str, password: &str, scope: &str) -> (LoginError, Duration) {
    let start = Instant::now();
    let error = setting.login_for_scope(username, password, scope).await.unwrap_err();
    (error, start.elapsed())
}

/// The floor, and not the time of the work on top of it.
fn is_floor(took: Duration) -> bool {
    (FLOOR..FLOOR + Duration::from_secs(10)).contains(&took)
}

#[tokio::test]
async fn the_right_password_gives_a_token_that_authenticates() {
    let setting = Setting::new();
    let token = setting.login(USERNAME, PASSWORD).await.unwrap();
    assert_eq!(token.expires_in, LIFETIME);
    assert_eq!(token.expires_at.seconds() - setting.clock.now().seconds(), i64::try_from(LIFETIME).unwrap());
    assert_eq!(token.expires_at.micros() % 1_000_000, 0, "the expiry is the claim, which has no fraction");

    let principal = setting.auth.authenticate(&token.access_token).await.unwrap();
    assert_eq!(principal.user_id, setting.user_id);
    assert_eq!(principal.realm(), Realm::One(AccountId::SHARED));
    assert_eq!(principal.account_id(), AccountId::SHARED);
    assert!(!format!("{token:?}").contains(&token.access_token));
}

#[tokio::test]
async fn usernames_are_compared_as_everywhere() {
    let setting = Setting::new();
    assert!(setting.login(" ApiUser", PASSWORD).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn every_refusal_gives_the_same_answer_and_takes_the_floor() {
    let setting = Setting::new();
    for (username, password) in [
        (USERNAME, "wrong horse"),
        (USERNAME, ""),
        ("nobody", PASSWORD),
        ("no\0username", PASSWORD),
        ("", ""),
        (&"long".repeat(1000), PASSWORD),
    ] {
        let (error, took) = timed(&setting, username, password, "").await;
        assert_eq!(error, LoginError::IncorrectCredentials, "{username:?}");
        assert!(is_floor(took), "{username:?}: {took:?}");
    }
    setting.change_user(|user| user.disabled = true);
    let (error, took) = timed(&setting, USERNAME, PASSWORD, "").await;
    assert_eq!(error, LoginError::IncorrectCredentials);
    assert!(is_floor(took), "{took:?}");
    assert_eq!(error.to_string(), "Incorrect username or password");
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_for_a_scope_is_told_about_scopes_whatever_was_wrong() {
    let setting = Setting::new();
    for (username, password) in [(USERNAME, PASSWORD), (USERNAME, "wrong horse"), ("nobody", PASSWORD)] {
        for scope in ["admin", "account", "read", "admin read", "nonsense"] {
            let (error, took) = timed(&setting, username, password, scope).await;
            assert_eq!(error, LoginError::InvalidScope, "{username} {scope}");
            assert!(is_floor(took), "{took:?}");
            assert_eq!(error.to_string(), "Incorrect username or password or invalid scopes");
        }
    }
    assert!(setting.login_for_scope(USERNAME, PASSWORD, " ").await.is_ok(), "a blank asks for none");
}

#[tokio::test(start_paused = true)]
async fn success_does_not_wait_for_the_floor() {
    let setting = Setting::new();
    let start = Instant::now();
    setting.login(USERNAME, PASSWORD).await.unwrap();
    assert!(start.elapsed() < FLOOR);
}

#[tokio::test]
async fn a_bcrypt_hash_is_accepted_and_upgraded_and_tokens_stay_valid() {
    for prefix in ["$2a$", "$2b$", "$2y$"] {
        let legacy = bcrypt::hash(PASSWORD, 4).unwrap().replace("$2b$", prefix);
        let setting = Setting::with(config(), &legacy);
        let token = setting.token().await;
        let upgraded = setting.store.state().users[0].clone();
        assert!(upgraded.hashed_password.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{prefix}");
        assert_eq!(upgraded.epoch, 7);
        assert!(setting.auth.authenticate(&token).await.is_ok());

        assert!(setting.login(USERNAME, PASSWORD).await.is_ok(), "{prefix}");
        assert_eq!(setting.store.state().users[0].hashed_password, upgraded.hashed_password);
        assert_eq!(setting.store.writes(), 1, "a current hash is left alone");
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_login_that_succeeds_upgrades_the_hash() {
    let legacy = bcrypt::hash(PASSWORD, 4).unwrap();
    let setting = Setting::with(config(), &legacy);
    setting.login(USERNAME, "wrong horse").await.unwrap_err();
    setting.change_user(|user| user.disabled = true);
    setting.login(USERNAME, PASSWORD).await.unwrap_err();
    assert_eq!(setting.store.state().users[0].hashed_password, legacy);
    assert_eq!(setting.store.writes(), 0);
}

#[tokio::test]
async fn bcrypt_compares_the_first_72_bytes_and_the_upgrade_all() {
    let setting = Setting::with(config(), &bcrypt::hash("x".repeat(72), 4).unwrap());
    let long = "x".repeat(100);
    assert!(setting.login(USERNAME, &long).await.is_ok());
    assert!(setting.login(USERNAME, &long).await.is_ok(), "with the upgraded hash");
}

#[tokio::test(start_paused = true)]
async fn a_poisoned_hash_lets_nobody_in_and_is_not_computed() {
    let argon2 = hash_password(&PASSWORD.into()).unwrap();
    for poisoned in [
        argon2.replace("m=19456", "m=4294967295"),
        argon2.replace("t=2", "t=4294967295"),
        argon2.replace("argon2id", "argon2i"),
        bcrypt::hash(PASSWORD, 4).unwrap().replace("$04$", "$31$"),
        bcrypt::hash(PASSWORD, 4).unwrap().replace("$2b$", "$2x$"),
        PASSWORD.to_owned(),
        String::new(),
        "$argon2id$".repeat(1_000_000),
    ] {
        let setting = Setting::with(config(), &poisoned);
        let (error, took) = timed(&setting, USERNAME, PASSWORD, "").await;
        assert_eq!(error, LoginError::IncorrectCredentials);
        assert!(is_floor(took), "{took:?}");
    }
}

#[tokio::test]
async fn logins_beyond_the_queue_are_turned_away() {
    let hashing = HashingLimits { permits: 1, waiting: 1 };
    let setting =
        Setting::with(AuthConfig { hashing, ..config() }, &hash_password(&PASSWORD.into()).unwrap());
    let (first, second, third) = tokio::join!(
        setting.login(USERNAME, PASSWORD),
        setting.login(USERNAME, PASSWORD),
        setting.login("nobody", PASSWORD),
    );
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(third, Err(LoginError::Overloaded));
}

#[tokio::test]
async fn a_failure_of_the_storage_is_no_refusal() {
    let setting = Setting::new();
    let failure = RepositoryError::Unavailable("gone".into());
    setting.store.state().failure = Some(failure.clone());
    assert_eq!(setting.login(USERNAME, PASSWORD).await, Err(LoginError::Repository(failure)));
}

#[tokio::test]
async fn an_upgrade_that_fails_does_not_fail_the_login() {
    let setting = Setting::with(config(), &bcrypt::hash(PASSWORD, 4).unwrap());
    setting.store.state().fail_writes = Some(RepositoryError::NotWritable("read only".into()));
    assert!(setting.login(USERNAME, PASSWORD).await.is_ok());
    assert_eq!(setting.store.writes(), 1);
}
