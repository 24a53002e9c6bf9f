//! Who is let in with a token, for how long, and how soon no longer.

use taglink_auth::service::AuthenticateError::Invalid;
use taglink_auth::service::{AuthConfig, AuthenticateError};
use taglink_domain::model::UserId;
use taglink_domain::port::RepositoryError;

use crate::setting::{Setting, config, keys};

const SECOND: i64 = 1_000_000;

async fn outcome(setting: &Setting, token: &str) -> Result<UserId, AuthenticateError> {
    setting.auth.authenticate(token).await.map(|principal| principal.user_id)
}

#[tokio::test]
async fn a_token_lives_exactly_as_long_as_it_says() {
    let setting = Setting::new();
    let issued = setting.login("apiuser", "correct horse").await.unwrap();
    let left = issued.expires_at.micros() - 1_700_000_000_250_000;
    setting.clock.advance_micros(left - 1);
    assert_eq!(outcome(&setting, &issued.access_token).await, Ok(setting.user_id));
    setting.clock.advance_micros(1);
    assert_eq!(outcome(&setting, &issued.access_token).await, Err(Invalid));
}

#[tokio::test]
async fn a_change_of_the_user_counts_after_a_second_though_nobody_told() {
    let changes: [fn(&Setting); 4] = [
        |setting| setting.store.state().users.clear(),
        |setting| setting.change_user(|user| user.disabled = true),
        |setting| setting.change_user(|user| user.epoch += 1),
        |setting| setting.change_user(|user| user.epoch -= 1),
    ];
    for change in changes {
        let setting = Setting::new();
        let token = setting.token().await;
        assert_eq!(outcome(&setting, &token).await, Ok(setting.user_id));
        change(&setting);
        setting.clock.advance_micros(SECOND - 1);
        assert_eq!(outcome(&setting, &token).await, Ok(setting.user_id), "remembered");
        setting.clock.advance_micros(1);
        assert_eq!(outcome(&setting, &token).await, Err(Invalid));
    }
}

#[tokio::test]
async fn a_change_of_the_user_counts_at_once_when_it_is_told() {
    let setting = Setting::new();
    let token = setting.token().await;
    assert_eq!(outcome(&setting, &token).await, Ok(setting.user_id));
    setting.change_user(|user| user.epoch += 1);
    setting.auth.invalidate(setting.user_id);
    assert_eq!(outcome(&setting, &token).await, Err(Invalid));
}

#[tokio::test]
async fn a_user_that_is_enabled_again_keeps_its_tokens_of_the_same_epoch() {
    let setting = Setting::new();
    let token = setting.token().await;
    setting.change_user(|user| user.disabled = true);
    assert_eq!(outcome(&setting, &token).await, Err(Invalid));
    setting.change_user(|user| user.disabled = false);
    setting.clock.advance_micros(SECOND);
    assert_eq!(outcome(&setting, &token).await, Ok(setting.user_id));
}

#[tokio::test]
async fn many_requests_in_one_second_cost_one_look_up() {
    let setting = Setting::new();
    let token = setting.token().await;
    let before = setting.store.reads();
    for _ in 0..100 {
        assert_eq!(outcome(&setting, &token).await, Ok(setting.user_id));
    }
    assert_eq!(setting.store.reads(), before + 1);
    setting.clock.advance_micros(SECOND);
    assert_eq!(outcome(&setting, &token).await, Ok(setting.user_id));
    assert_eq!(setting.store.reads(), before + 2);
}

#[tokio::test]
async fn a_user_that_does_not_exist_is_remembered_too() {
    let setting = Setting::new();
    let token = setting.token().await;
    setting.store.state().users.clear();
    let before = setting.store.reads();
    for _ in 0..100 {
        assert_eq!(outcome(&setting, &token).await, Err(Invalid));
    }
    assert_eq!(setting.store.reads(), before + 1);
}

#[tokio::test]
async fn a_clock_that_was_set_back_prolongs_nothing() {
    let setting = Setting::new();
    let token = setting.token().await;
    setting.clock.advance_micros(4 * SECOND);
    assert_eq!(outcome(&setting, &token).await, Ok(setting.user_id));
    setting.store.state().users.clear();
    setting.clock.advance_micros(-4 * SECOND);
    assert_eq!(outcome(&setting, &token).await, Err(Invalid));
}

#[tokio::test]
async fn a_look_up_that_began_before_a_change_is_not_remembered() {
    let setting = Setting::new();
    let token = setting.token().await;
    setting.store.state().hold = true;
    let during = async {
        setting.change_user(|user| user.disabled = true);
        setting.auth.invalidate(setting.user_id);
        setting.store.release();
    };
    let (earlier, ()) = tokio::join!(outcome(&setting, &token), during);
    assert_eq!(earlier, Ok(setting.user_id), "it was asked before the change");
    assert_eq!(outcome(&setting, &token).await, Err(Invalid));
}

#[tokio::test]
async fn a_failure_of_the_storage_is_neither_a_refusal_nor_remembered() {
    let setting = Setting::new();
    let token = setting.token().await;
    let failure = RepositoryError::Unavailable("gone".into());
    setting.store.state().failure = Some(failure.clone());
    assert_eq!(outcome(&setting, &token).await, Err(AuthenticateError::Repository(failure)));
    setting.store.state().failure = None;
    assert_eq!(outcome(&setting, &token).await, Ok(setting.user_id));
}

#[tokio::test]
async fn a_refused_token_asks_the_store_nothing() {
    let setting = Setting::new();
    assert_eq!(outcome(&setting, "a.b.c").await, Err(Invalid));
    assert_eq!(setting.store.reads(), 0);
    assert_eq!(Invalid.to_string(), "Could not validate credentials");
}

#[tokio::test]
async fn the_issuer_of_a_token_is_the_configured_one() {
    let setting = Setting::new();
    let token = setting.token().await;
    let config = AuthConfig { issuer: "https://links.example.org/".into(), ..config() };
    let other = Setting::with(config, "");
    other.store.state().users.clone_from(&setting.store.state().users);
    assert_eq!(outcome(&other, &token).await, Err(Invalid));
    let own = other.token().await;
    assert_eq!(outcome(&other, &own).await, Ok(setting.user_id));
}

#[test]
fn nothing_secret_is_shown() {
    let shown = format!("{:?}", config());
    assert!(
        !shown.contains(crate::setting::SECRET) && !shown.contains(crate::setting::EARLIER_SECRET),
        "{shown}"
    );
    assert!(format!("{:?}", keys()).starts_with("SigningKeys"));
}
