//! What a login gives, and what it leaves behind.

use chrono::TimeDelta;
use taglink_auth::service::{Client, Login};
use taglink_domain::model::{AccountId, AccountScope, Clock, PageRequest, Subject};
use taglink_domain::port::RepositoryError;
use tokio::time::Instant;

use crate::clock::{DAY, SECOND};
use crate::setting::{ADDRESS, EMAIL, FLOOR, LIFETIME, PASSWORD, SESSION_DAYS, Setting, USERNAME, ip, shown};

#[tokio::test]
async fn the_right_password_gives_a_token_that_authenticates() {
    let setting = Setting::new();
    let tokens = setting.login(USERNAME, PASSWORD).await.unwrap();
    let access = &tokens.access;
    assert_eq!(access.expires_in, LIFETIME);
    assert_eq!(access.expires_at.seconds() - setting.clock.now().seconds(), i64::try_from(LIFETIME).unwrap());
    assert_eq!(access.expires_at.micros() % SECOND, 0, "the expiry is the claim, which has no fraction");
    assert!(tokens.scopes.is_empty());

    let principal = setting.principal(&tokens).await;
    assert_eq!(principal.subject, Subject::User(setting.user_id));
    assert_eq!(principal.account_scope(), AccountScope::One(AccountId::SHARED));
    let debug = format!("{tokens:?}");
    assert!(
        !debug.contains(&access.access_token) && !debug.contains(shown(&tokens.refresh_token)),
        "{debug}"
    );
}

#[tokio::test]
async fn names_are_compared_as_everywhere() {
    let setting = Setting::new();
    assert!(setting.login(" ApiUser", PASSWORD).await.is_ok());
    assert!(setting.login_for_scope(" Alice@EXAMPLE.org", PASSWORD, "account").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn success_does_not_wait_for_the_floor() {
    let setting = Setting::new();
    let start = Instant::now();
    setting.login(USERNAME, PASSWORD).await.unwrap();
    assert!(start.elapsed() < FLOOR);
}

#[tokio::test]
async fn a_login_stores_its_session() {
    let setting = Setting::new();
    let now = setting.now();
    for (subject, scope) in [
        (Subject::User(setting.user_id), ""),
        (Subject::User(setting.user_id), "read"),
        (setting.admin, "admin read"),
        (setting.account, "account"),
    ] {
        let tokens = setting.tokens(scope).await;
        let id = setting.principal(&tokens).await.session_id().unwrap();
        let session = setting.session(id).unwrap();
        assert_eq!((session.subject, session.scope.as_str(), session.epoch), (subject, scope, 0));
        assert_eq!(session.user_agent.as_deref(), Some("a browser"));
        assert_eq!((session.created_at, session.last_used_at), (now, now));
        let lifetime = TimeDelta::days(i64::try_from(SESSION_DAYS).unwrap());
        assert_eq!(session.expires_at, now.plus(lifetime));
    }
}

#[tokio::test]
async fn every_login_begins_a_session_of_its_own() {
    let setting = Setting::new();
    let first = setting.principal(&setting.tokens("").await).await.session_id();
    let second = setting.principal(&setting.tokens("").await).await.session_id();
    assert_ne!(first, second);
    assert!(setting.session(first.unwrap()).is_some() && setting.session(second.unwrap()).is_some());
}

#[tokio::test]
async fn of_what_a_client_calls_itself_255_characters_are_kept() {
    let setting = Setting::new();
    for (sent, kept) in [(None, None), (Some("ü".repeat(1000)), Some("ü".repeat(255)))] {
        let login = Login {
            username: USERNAME.into(),
            password: PASSWORD.into(),
            scope: String::new(),
            client: Client { address: ip(ADDRESS), user_agent: sent },
        };
        let tokens = setting.auth.login(login).await.unwrap();
        let id = setting.principal(&tokens).await.session_id().unwrap();
        assert_eq!(setting.session(id).unwrap().user_agent, kept);
    }
}

#[tokio::test]
async fn a_login_clears_sessions_away_that_have_expired() {
    let setting = Setting::new();
    let old = setting.principal(&setting.tokens("").await).await.session_id().unwrap();
    setting.clock.advance_micros(i64::try_from(SESSION_DAYS).unwrap() * DAY);
    setting.login_for_scope(EMAIL, PASSWORD, "account").await.unwrap();
    assert!(setting.session(old).is_some(), "it ends in this very moment");
    setting.clock.advance_micros(1);
    setting.login_for_scope(EMAIL, PASSWORD, "account").await.unwrap();
    assert_eq!(setting.session(old), None);
    let (account, now) = (setting.account, setting.now());
    let left = setting.store.elsewhere::<_, RepositoryError>(|uow| {
        uow.sessions(account, now, &PageRequest::default()).map(|page| page.items.len())
    });
    assert_eq!(left, Ok(2));
}
