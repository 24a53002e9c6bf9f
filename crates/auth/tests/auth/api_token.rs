//! Personal API tokens: what they may be used for, until when, and how it is told that they were used.

use chrono::TimeDelta;
use taglink_auth::principal::{Credential, Principal};
use taglink_auth::scope::Scopes;
use taglink_auth::service::{AuthenticateError, CreateApiToken, CreateApiTokenError};
use taglink_domain::model::{ApiTokenId, PageRequest, Subject, Timestamp, UserChange};
use taglink_domain::port::RepositoryError;

use crate::clock::{MINUTE, SECOND};
use crate::setting::{Setting, config, shown, wish};

async fn principal(setting: &Setting, scope: &str) -> Principal {
    setting.principal(&setting.tokens(scope).await).await
}

/// When the token was last used, as it is stored once all writes have been run.
async fn last_used(setting: &Setting, subject: Subject, id: ApiTokenId) -> Option<Timestamp> {
    setting.store.settle().await;
    let page = setting
        .store
        .elsewhere::<_, RepositoryError>(|uow| uow.api_tokens(subject, &PageRequest::default()))
        .unwrap();
    page.items.iter().find(|token| token.id == id).unwrap().last_used_at
}

#[tokio::test]
async fn an_api_token_acts_as_the_one_who_made_it() {
    let setting = Setting::new();
    for scope in ["", "admin", "account", "account read"] {
        let maker = principal(&setting, scope).await;
        let made = setting.auth.create_api_token(&maker, wish(None)).await.unwrap();
        assert_eq!(made.token.scope, scope, "as much as the login may");
        assert_eq!((made.token.name.as_str(), made.token.created_at), ("a script", setting.now()));
        assert_eq!((made.token.expires_at, made.token.last_used_at), (None, None));
        let used = setting.authenticate(shown(&made.secret)).await.unwrap();
        assert_eq!((used.subject, used.epoch, used.scopes), (maker.subject, maker.epoch, maker.scopes));
        assert_eq!(used.credential, Credential::ApiToken(made.token.id));
        assert_eq!(used.session_id(), None);
        assert_eq!(shown(&made.secret).len(), 52);
        assert!(!format!("{made:?}").contains(shown(&made.secret)));
    }
}

#[tokio::test]
async fn its_scope_is_no_more_than_that_of_the_one_who_makes_it() {
    let setting = Setting::new();
    let all = ["", "read", "admin", "admin read", "account", "account read"];
    for (maker, within) in [
        ("", ["", "read"].as_slice()),
        ("read", &["read"]),
        ("admin", &["", "read", "admin", "admin read"]),
        ("admin read", &["read", "admin read"]),
        ("account", &["account", "account read"]),
        ("account read", &["account read"]),
    ] {
        let maker = principal(&setting, maker).await;
        for scope in all {
            let made = setting.auth.create_api_token(&maker, wish(Some(scope))).await;
            if within.contains(&scope) {
                let used = setting.authenticate(shown(&made.unwrap().secret)).await.unwrap();
                assert_eq!(Ok(used.scopes), Scopes::parse(scope));
            } else {
                let refused = made.map(drop);
                assert_eq!(refused, Err(CreateApiTokenError::ScopeTooWide(maker.scopes)), "{scope}");
            }
        }
    }
}

#[tokio::test]
async fn it_expires_to_the_microsecond_though_it_is_remembered() {
    let setting = Setting::new();
    let maker = principal(&setting, "").await;
    for lifetime in [TimeDelta::microseconds(1_500_001), TimeDelta::days(3650)] {
        let command = CreateApiToken { lifetime: Some(lifetime), ..wish(None) };
        let made = setting.auth.create_api_token(&maker, command).await.unwrap();
        let expires_at = setting.now().plus(lifetime);
        assert_eq!(made.token.expires_at, Some(expires_at));
        let secret = shown(&made.secret);
        setting.clock.set(expires_at);
        setting.clock.advance_micros(-1);
        assert!(setting.authenticate(secret).await.is_ok());
        setting.clock.advance_micros(1);
        assert_eq!(setting.authenticate(secret).await, Err(AuthenticateError::Invalid), "remembered");
        setting.clock.advance_micros(SECOND);
        assert_eq!(setting.authenticate(secret).await, Err(AuthenticateError::Invalid), "looked up");
    }
}

#[tokio::test]
async fn it_outlives_its_login_and_a_restart() {
    let setting = Setting::new();
    let maker = principal(&setting, "").await;
    let made = setting.api_token(&maker).await;
    assert_eq!(setting.auth.end_session(maker.subject, maker.session_id().unwrap()).await, Ok(true));
    let restarted = setting.restarted(config());
    assert!(restarted.authenticate(shown(&made.secret)).await.is_ok());
}

#[tokio::test]
async fn nobody_makes_one_after_having_changed_or_gone() {
    for is_removed in [true, false] {
        let setting = Setting::new();
        let maker = principal(&setting, "").await;
        if is_removed {
            setting.remove_user();
        } else {
            setting.disable_user();
            setting.change_user(&UserChange { disabled: Some(false), ..UserChange::default() });
        }
        let made = setting.auth.create_api_token(&maker, wish(None)).await.map(drop);
        assert_eq!(made, Err(CreateApiTokenError::Outdated));
    }
    assert_eq!(CreateApiTokenError::Outdated.to_string(), "Could not validate credentials");
}

#[tokio::test]
async fn a_revoked_one_is_refused_at_once_when_it_is_told_by_its_id() {
    let setting = Setting::new();
    let maker = principal(&setting, "").await;
    let (made, other) = (setting.api_token(&maker).await, setting.api_token(&maker).await);
    for token in [&made, &other] {
        assert!(setting.authenticate(shown(&token.secret)).await.is_ok());
    }
    let id = made.token.id;
    let revoked = setting.store.elsewhere(|uow| uow.delete_api_token(maker.subject, id));
    assert_eq!(revoked, Ok::<_, RepositoryError>(true));
    setting.auth.invalidate_api_token(id);
    assert_eq!(setting.authenticate(shown(&made.secret)).await, Err(AuthenticateError::Invalid));
    let before = setting.store.reads();
    assert!(setting.authenticate(shown(&other.secret)).await.is_ok());
    assert_eq!(setting.store.reads(), before, "others stay remembered");
}

#[tokio::test]
async fn its_last_use_is_written_at_most_once_a_minute() {
    let setting = Setting::new();
    let maker = principal(&setting, "").await;
    let made = setting.api_token(&maker).await;
    let secret = shown(&made.secret);
    let (subject, id) = (maker.subject, made.token.id);
    assert_eq!(last_used(&setting, subject, id).await, None);
    let mut writes = setting.store.writes();
    for _ in 0..3 {
        let first = setting.now();
        for _ in 0..61 {
            for _ in 0..3 {
                assert!(setting.authenticate(secret).await.is_ok());
            }
            assert_eq!(setting.store.writes(), writes + 1);
            assert_eq!(last_used(&setting, subject, id).await, Some(first));
            setting.clock.advance_micros(SECOND);
        }
        writes += 1;
    }
    setting.clock.advance_micros(MINUTE);
    assert_eq!(setting.store.writes(), writes, "nothing is written while it is not used");
}

#[tokio::test]
async fn processes_that_share_a_store_write_it_once() {
    let setting = Setting::new();
    let maker = principal(&setting, "").await;
    let made = setting.api_token(&maker).await;
    assert!(setting.authenticate(shown(&made.secret)).await.is_ok());
    setting.store.settle().await;
    let first = setting.now();
    let before = setting.store.writes();
    setting.clock.advance_micros(59 * SECOND);
    let other = setting.restarted(config());
    assert!(other.authenticate(shown(&made.secret)).await.is_ok());
    assert_eq!(setting.store.writes(), before);
    assert_eq!(last_used(&setting, maker.subject, made.token.id).await, Some(first));
}

#[tokio::test]
async fn a_request_neither_waits_for_its_last_use_to_be_written_nor_fails_with_it() {
    let setting = Setting::new();
    let maker = principal(&setting, "").await;
    let made = setting.api_token(&maker).await;
    let (secret, id) = (shown(&made.secret), made.token.id);
    setting.store.state().hold_writes = true;
    let first = setting.now();
    assert!(setting.authenticate(secret).await.is_ok());
    setting.store.held(1).await;
    assert_eq!(last_used(&setting, maker.subject, id).await, None);
    setting.store.release();
    assert_eq!(last_used(&setting, maker.subject, id).await, Some(first));

    setting.clock.advance_micros(2 * MINUTE);
    setting.store.state().fail_writes = Some(RepositoryError::NotWritable("read only".into()));
    assert!(setting.authenticate(secret).await.is_ok());
    setting.store.state().fail_writes = None;
    assert_eq!(last_used(&setting, maker.subject, id).await, Some(first));
    setting.clock.advance_micros(2 * MINUTE);
    assert!(setting.authenticate(secret).await.is_ok());
    assert_eq!(last_used(&setting, maker.subject, id).await, Some(setting.now()), "made up for later");
}

#[tokio::test]
async fn a_refused_one_was_not_used() {
    let setting = Setting::new();
    let maker = principal(&setting, "").await;
    let command = CreateApiToken { lifetime: Some(TimeDelta::seconds(1)), ..wish(None) };
    let made = setting.auth.create_api_token(&maker, command).await.unwrap();
    setting.clock.advance_micros(SECOND);
    assert!(setting.authenticate(shown(&made.secret)).await.is_err());
    assert_eq!(last_used(&setting, maker.subject, made.token.id).await, None);
}

#[tokio::test]
async fn a_failure_of_the_storage_makes_none() {
    let setting = Setting::new();
    let maker = principal(&setting, "").await;
    let failure = RepositoryError::NotWritable("full".into());
    setting.store.state().fail_writes = Some(failure.clone());
    let made = setting.auth.create_api_token(&maker, wish(None)).await.map(drop);
    assert_eq!(made, Err(CreateApiTokenError::Repository(failure)));
}
