//! Refresh tokens: each is used once, and what they give never grows.

use taglink_auth::service::RefreshError::{self, Invalid, InvalidScope};
use taglink_auth::service::{AuthenticateError, Tokens};
use taglink_domain::port::RepositoryError;

use crate::clock::{DAY, MINUTE, SECOND};
use crate::setting::{SESSION_DAYS, Setting, config, shown};

async fn is_let_in(setting: &Setting, tokens: &Tokens) -> bool {
    setting.authenticate(&tokens.access.access_token).await.is_ok()
}

/// How the session is once its refresh token has been used twice.
async fn assert_ended(setting: &Setting, all: &[&Tokens]) {
    for tokens in all {
        assert!(!is_let_in(setting, tokens).await, "its access tokens end at once");
        assert_eq!(setting.refresh(&tokens.refresh_token).await.map(drop), Err(Invalid));
    }
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_of_the_same_session() {
    let setting = Setting::new();
    for scope in ["", "read", "admin", "account read"] {
        let first = setting.tokens(scope).await;
        let before = setting.principal(&first).await;
        let id = before.session_id().unwrap();
        setting.clock.advance_micros(MINUTE);
        let second = setting.refresh(&first.refresh_token).await.unwrap();
        assert_ne!(second.access.access_token, first.access.access_token);
        assert_ne!(shown(&second.refresh_token), shown(&first.refresh_token));
        assert_eq!(second.scopes.as_str(), scope);
        assert_eq!(second.access.expires_at.micros() - first.access.expires_at.micros(), MINUTE);
        assert_eq!(setting.principal(&second).await, before);
        assert!(is_let_in(&setting, &first).await, "an access token lives as long as it says");
        assert_eq!(setting.session(id).unwrap().last_used_at, setting.now());
        assert!(setting.refresh(&second.refresh_token).await.is_ok());
    }
}

#[tokio::test]
async fn a_session_ends_when_its_refresh_token_is_used_again_later() {
    let setting = Setting::new();
    let first = setting.tokens("").await;
    let second = setting.refresh(&first.refresh_token).await.unwrap();
    let third = setting.refresh(&second.refresh_token).await.unwrap();
    let other = setting.tokens("").await;
    for tokens in [&first, &second, &third] {
        assert!(is_let_in(&setting, tokens).await);
    }
    setting.clock.advance_micros(MINUTE + 1);
    assert_eq!(setting.refresh(&first.refresh_token).await.map(drop), Err(Invalid));
    assert_ended(&setting, &[&first, &second, &third]).await;
    assert!(is_let_in(&setting, &other).await && setting.refresh(&other.refresh_token).await.is_ok());
}

#[tokio::test]
async fn used_again_within_60_seconds_a_token_gives_the_same_successor() {
    let setting = Setting::new();
    let first = setting.tokens("").await;
    let second = setting.refresh(&first.refresh_token).await.unwrap();
    setting.clock.advance_micros(MINUTE);
    let again = setting.refresh(&first.refresh_token).await.unwrap();
    assert_eq!(shown(&again.refresh_token), shown(&second.refresh_token));
    assert_ne!(again.access.access_token, second.access.access_token);
    let next = setting.refresh(&again.refresh_token).await.unwrap();
    let same = setting.refresh(&first.refresh_token).await.unwrap();
    assert_eq!(shown(&same.refresh_token), shown(&second.refresh_token), "also when it was used itself");
    for tokens in [&second, &again, &next, &same] {
        assert!(is_let_in(&setting, tokens).await);
    }
    assert!(setting.refresh(&next.refresh_token).await.is_ok());
}

#[tokio::test]
async fn another_signing_key_gives_the_same_successor_while_the_former_is_known() {
    let setting = Setting::new();
    let first = setting.tokens("").await;
    let second = setting.refresh(&first.refresh_token).await.unwrap();
    let (new, former) = (crate::setting::EARLIER_SECRET.into(), crate::setting::SECRET.into());
    let keys = taglink_auth::key::SigningKeys::new(&new, &[former]).unwrap();
    let rotated = setting.restarted(taglink_auth::service::AuthConfig { keys, ..config() });
    let again = rotated.refresh(&first.refresh_token).await.unwrap();
    assert_eq!(shown(&again.refresh_token), shown(&second.refresh_token));
}

#[tokio::test]
async fn a_lost_answer_is_a_replay_after_60_seconds() {
    let setting = Setting::new();
    let first = setting.tokens("").await;
    let second = setting.refresh(&first.refresh_token).await.unwrap();
    setting.clock.advance_micros(MINUTE + 1);
    assert!(is_let_in(&setting, &second).await);
    assert_eq!(setting.refresh(&first.refresh_token).await.map(drop), Err(Invalid));
    assert_ended(&setting, &[&first, &second]).await;
}

#[tokio::test]
async fn losing_one_answer_after_the_other_does_not_prolong_the_60_seconds() {
    let setting = Setting::new();
    let first = setting.tokens("").await;
    for _ in 0..3 {
        setting.refresh(&first.refresh_token).await.unwrap();
        setting.clock.advance_micros(20 * SECOND);
    }
    let last = setting.refresh(&first.refresh_token).await.unwrap();
    setting.clock.advance_micros(1);
    assert_eq!(setting.refresh(&first.refresh_token).await.map(drop), Err(Invalid));
    assert_ended(&setting, &[&last]).await;
}

#[tokio::test]
async fn two_at_once_get_the_same_successor_and_both_go_on() {
    let setting = Setting::new();
    let first = setting.tokens("").await;
    let refresh = || setting.refresh(&first.refresh_token);
    let (one, other) = tokio::join!(biased; refresh(), refresh());
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(shown(&one.refresh_token), shown(&other.refresh_token));
    for tokens in [&one, &other] {
        assert!(is_let_in(&setting, tokens).await);
        assert!(setting.refresh(&tokens.refresh_token).await.is_ok());
    }
}

#[tokio::test]
async fn a_scope_may_be_less_for_one_access_token_and_never_more() {
    let setting = Setting::new();
    for (scope, less, more) in [
        ("admin", ["admin read", "read", "read admin"].as_slice(), ["account", "account read"].as_slice()),
        ("admin read", &["admin read", "read"], &["admin", "account"]),
        ("", &["read"], &["admin", "admin read", "account", "account read"]),
        ("read", &["read"], &["admin", "admin read", "account"]),
        ("account", &["account read", "account"], &["admin", "read", "admin read"]),
        ("account read", &["account read"], &["account", "read", "admin"]),
    ] {
        let mut tokens = setting.tokens(scope).await;
        for less in less {
            tokens = setting.refresh_for_scope(&tokens.refresh_token, less).await.unwrap();
            let scopes = setting.principal(&tokens).await.scopes;
            assert_eq!(Ok(scopes), taglink_auth::scope::Scopes::parse(less), "{less} of {scope:?}");
            assert_eq!(tokens.scopes, scopes);
        }
        for more in more.iter().chain(&["nonsense", "read read"]) {
            let refused = setting.refresh_for_scope(&tokens.refresh_token, more).await;
            assert_eq!(refused.map(drop), Err(InvalidScope), "{more} of {scope:?}");
        }
        let whole = setting.refresh(&tokens.refresh_token).await.unwrap();
        assert_eq!(
            whole.scopes.as_str(),
            scope,
            "the session keeps its scope, and no refusal used the token"
        );
    }
}

#[tokio::test]
async fn refreshing_does_not_move_the_end_of_a_session() {
    let setting = Setting::new();
    let mut tokens = setting.tokens("").await;
    let id = setting.principal(&tokens).await.session_id().unwrap();
    let expires_at = setting.session(id).unwrap().expires_at;
    for _ in 1..SESSION_DAYS {
        setting.clock.advance_micros(DAY);
        tokens = setting.refresh(&tokens.refresh_token).await.unwrap();
        assert_eq!(setting.session(id).unwrap().expires_at, expires_at);
    }
    setting.clock.set(expires_at);
    setting.clock.advance_micros(-1);
    tokens = setting.refresh(&tokens.refresh_token).await.unwrap();
    assert!(is_let_in(&setting, &tokens).await);
    setting.clock.advance_micros(1);
    assert_eq!(setting.refresh(&tokens.refresh_token).await.map(drop), Err(Invalid));
    setting.clock.advance_micros(SECOND);
    let refused = setting.authenticate(&tokens.access.access_token).await;
    assert_eq!(refused, Err(AuthenticateError::Invalid), "no access token outlives its session");
}

#[tokio::test]
async fn garbage_is_refused_without_asking_the_store() {
    let setting = Setting::new();
    let garbage = "A".repeat(48);
    for token in ["", "tgr_", "\0", &garbage, &format!("tgr_{garbage}"), &"tgr_".repeat(100_000)] {
        let refresh = setting.refresh(&token.into()).await;
        assert_eq!(refresh.map(drop), Err(Invalid));
    }
    assert_eq!(setting.store.accesses(), 0);
    assert_eq!(Invalid.to_string(), "The refresh token is not valid");
}

#[tokio::test]
async fn a_failure_of_the_storage_does_not_use_the_token_up() {
    let setting = Setting::new();
    let tokens = setting.tokens("").await;
    let failure = RepositoryError::NotWritable("full".into());
    setting.store.state().fail_writes = Some(failure.clone());
    let failed = setting.refresh(&tokens.refresh_token).await.map(drop);
    assert_eq!(failed, Err(RefreshError::Repository(failure)));
    setting.store.state().fail_writes = None;
    assert!(setting.refresh(&tokens.refresh_token).await.is_ok());
}

#[tokio::test]
async fn refresh_tokens_outlive_a_restart_and_the_signing_key() {
    let setting = Setting::new();
    let tokens = setting.tokens("").await;
    let keys = taglink_auth::key::SigningKeys::new(&crate::setting::EARLIER_SECRET.into(), &[]).unwrap();
    let other = setting.restarted(taglink_auth::service::AuthConfig { keys, ..config() });
    assert!(!is_let_in(&other, &tokens).await, "the key that signed it was dropped");
    let fresh = other.refresh(&tokens.refresh_token).await.unwrap();
    assert!(is_let_in(&other, &fresh).await);
}
