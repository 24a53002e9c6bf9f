//! Which stored hashes let somebody in, and what becomes of outdated ones.

use taglink_auth::service::LoginError;
use taglink_domain::port::RepositoryError;

use super::{is_floor, timed};
use crate::setting::{EMAIL, PASSWORD, Setting, USERNAME, config, hashed_password};

#[tokio::test]
async fn a_bcrypt_hash_is_accepted_and_upgraded_and_tokens_stay_valid() {
    for prefix in ["$2a$", "$2b$", "$2y$"] {
        let legacy = bcrypt::hash(PASSWORD, 4).unwrap().replace("$2b$", prefix);
        let setting = Setting::with(config(), &legacy);
        let token = setting.token().await;
        let upgraded = setting.user();
        assert!(upgraded.hashed_password.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{prefix}");
        assert_eq!(upgraded.epoch, 0);
        assert!(setting.authenticate(&token).await.is_ok());

        let before = setting.store.writes();
        assert!(setting.login(USERNAME, PASSWORD).await.is_ok(), "{prefix}");
        assert_eq!(setting.user().hashed_password, upgraded.hashed_password);
        assert_eq!(setting.store.writes(), before + 1, "a current hash is left alone; a session is begun");
    }
}

#[tokio::test]
async fn the_hash_of_an_account_is_upgraded_as_well() {
    let setting = Setting::with(config(), &bcrypt::hash(PASSWORD, 4).unwrap());
    let tokens = setting.tokens("account").await;
    let account = setting.account;
    let stored = setting.store.elsewhere::<_, RepositoryError>(|uow| uow.hashed_password(account));
    assert!(stored.unwrap().unwrap().starts_with("$argon2id$"));
    assert_eq!(setting.principal(&tokens).await.subject, account);
    assert!(setting.login_for_scope(EMAIL, PASSWORD, "account").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn only_a_login_that_succeeds_upgrades_the_hash() {
    let legacy = bcrypt::hash(PASSWORD, 4).unwrap();
    let setting = Setting::with(config(), &legacy);
    setting.login(USERNAME, "wrong horse").await.unwrap_err();
    setting.disable_user();
    setting.login(USERNAME, PASSWORD).await.unwrap_err();
    assert_eq!(setting.user().hashed_password, legacy);
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
    let argon2 = hashed_password();
    for poisoned in [
        argon2.replace("m=19456", "m=4294967295"),
        argon2.replace("t=2", "t=4294967295"),
        argon2.replace("argon2id", "argon2i"),
        bcrypt::hash(PASSWORD, 4).unwrap().replace("$04$", "$31$"),
        bcrypt::hash(PASSWORD, 4).unwrap().replace("$2b$", "$2x$"),
        PASSWORD.to_owned(),
        "$argon2id$".repeat(100),
    ] {
        let setting = Setting::with(config(), &poisoned);
        for (name, scope) in [(USERNAME, ""), (EMAIL, "account")] {
            let (error, took) = timed(&setting, name, PASSWORD, scope).await;
            let for_scope = !scope.is_empty();
            assert_eq!(error, LoginError::IncorrectCredentials { for_scope }, "{poisoned}");
            assert!(is_floor(took), "{took:?}");
        }
    }
}

#[tokio::test]
async fn an_upgrade_that_fails_does_not_fail_the_login() {
    let legacy = bcrypt::hash(PASSWORD, 4).unwrap();
    let setting = Setting::with(config(), &legacy);
    setting.store.state().hold_writes = true;
    let during = async {
        // The upgrade comes first, and the session after it.
        setting.store.held(1).await;
        setting.store.state().fail_held_write(RepositoryError::NotWritable("full".into()));
        setting.store.held(1).await;
        setting.store.release();
    };
    let (login, ()) = tokio::join!(setting.login(USERNAME, PASSWORD), during);
    assert!(login.is_ok());
    assert_eq!(setting.store.writes(), 2);
    assert_eq!(setting.user().hashed_password, legacy);
}
