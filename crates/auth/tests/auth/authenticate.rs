//! Who is let in with a token, for how long, and how soon no longer.

use taglink_auth::principal::Credential;
use taglink_auth::service::AuthenticateError::Invalid;
use taglink_auth::service::{AuthConfig, AuthenticateError};
use taglink_auth::token::{DEFAULT_ISSUER, Grant, TokenIssuer};
use taglink_domain::model::{SessionId, Subject, UserChange, UserId};
use taglink_domain::port::RepositoryError;

use crate::clock::SECOND;
use crate::setting::{Setting, config, keys, shown, wish};

async fn outcome(setting: &Setting, token: &str) -> Result<UserId, AuthenticateError> {
    setting.authenticate(token).await.map(|principal| principal.user_id().unwrap())
}

#[tokio::test]
async fn a_principal_is_the_subject_its_scopes_and_its_session() {
    let setting = Setting::new();
    for scope in ["", "read", "admin", "account read"] {
        let tokens = setting.tokens(scope).await;
        let principal = setting.principal(&tokens).await;
        let subject = match scope {
            "admin" => setting.admin,
            "account read" => setting.account,
            _ => Subject::User(setting.user_id),
        };
        assert_eq!(principal.subject, subject);
        assert_eq!(principal.epoch, 0);
        assert_eq!(principal.scopes.as_str(), scope);
        let session = setting.session(principal.session_id().unwrap()).unwrap();
        assert_eq!(session.subject, subject);
        assert_eq!(principal.credential, Credential::Session(session.id));
        assert_eq!(principal.user_id().is_some(), scope != "account read");
    }
}

#[tokio::test]
async fn a_token_lives_exactly_as_long_as_it_says() {
    let setting = Setting::new();
    let issued = setting.tokens("").await.access;
    let left = issued.expires_at.micros() - setting.now().micros();
    setting.clock.advance_micros(left - 1);
    assert_eq!(outcome(&setting, &issued.access_token).await, Ok(setting.user_id));
    setting.clock.advance_micros(1);
    assert_eq!(outcome(&setting, &issued.access_token).await, Err(Invalid));
}

#[tokio::test]
async fn a_change_of_the_user_counts_after_a_second_though_nobody_told() {
    let setting = Setting::new();
    let token = setting.token().await;
    assert_eq!(outcome(&setting, &token).await, Ok(setting.user_id));
    setting.disable_user();
    setting.clock.advance_micros(SECOND - 1);
    assert_eq!(outcome(&setting, &token).await, Ok(setting.user_id), "remembered");
    setting.clock.advance_micros(1);
    assert_eq!(outcome(&setting, &token).await, Err(Invalid));
}

#[tokio::test]
async fn a_change_of_the_user_counts_at_once_when_it_is_told() {
    let setting = Setting::new();
    let token = setting.token().await;
    assert_eq!(outcome(&setting, &token).await, Ok(setting.user_id));
    setting.disable_user();
    setting.auth.invalidate(Subject::User(setting.user_id));
    assert_eq!(outcome(&setting, &token).await, Err(Invalid));
}

#[tokio::test]
async fn a_token_of_another_epoch_subject_or_session_is_refused_though_it_is_signed() {
    let setting = Setting::new();
    let tokens = setting.tokens("").await;
    let principal = setting.principal(&tokens).await;
    let issuer = TokenIssuer::new(keys(), DEFAULT_ISSUER.into(), config().access_token_lifetime);
    let genuine = Grant {
        subject: principal.subject,
        session_id: principal.session_id().unwrap(),
        epoch: principal.epoch,
        scopes: principal.scopes,
    };
    let is_let_in = async |grant| {
        let token = issuer.issue(grant, setting.now()).unwrap();
        setting.authenticate(&token.access_token).await.is_ok()
    };
    assert!(is_let_in(genuine).await);
    for forged in [
        Grant { epoch: 1, ..genuine },
        Grant { epoch: -1, ..genuine },
        Grant { epoch: i64::MAX, ..genuine },
        Grant { subject: setting.admin, ..genuine },
        Grant { subject: setting.account, ..genuine },
        Grant { subject: Subject::User(UserId::new()), ..genuine },
        Grant { session_id: SessionId::new(), ..genuine },
    ] {
        assert!(!is_let_in(forged).await, "{forged:?}");
    }
}

#[tokio::test]
async fn a_user_that_is_enabled_again_stays_logged_out() {
    let setting = Setting::new();
    let token = setting.token().await;
    setting.disable_user();
    setting.change_user(&UserChange { disabled: Some(false), ..UserChange::default() });
    assert_eq!(outcome(&setting, &token).await, Err(Invalid));
    let fresh = setting.token().await;
    assert_eq!(outcome(&setting, &fresh).await, Ok(setting.user_id));
}

#[tokio::test]
async fn many_requests_in_one_second_cost_one_look_up() {
    let setting = Setting::new();
    let tokens = setting.tokens("").await;
    let api_token = setting.api_token(&setting.principal(&tokens).await).await;
    setting.clock.advance_micros(SECOND);
    for token in [&tokens.access.access_token, shown(&api_token.secret)] {
        let before = setting.store.reads();
        for _ in 0..100 {
            assert_eq!(outcome(&setting, token).await, Ok(setting.user_id));
        }
        assert_eq!(setting.store.reads(), before + 1);
        setting.clock.advance_micros(SECOND);
        assert_eq!(outcome(&setting, token).await, Ok(setting.user_id));
        assert_eq!(setting.store.reads(), before + 2);
    }
}

#[tokio::test]
async fn a_session_that_has_ended_is_remembered_too() {
    let setting = Setting::new();
    let token = setting.token().await;
    setting.remove_user();
    let before = setting.store.reads();
    for _ in 0..100 {
        assert_eq!(outcome(&setting, &token).await, Err(Invalid));
    }
    assert_eq!(setting.store.reads(), before + 1);
}

#[tokio::test]
async fn an_api_token_that_does_not_exist_is_not_remembered() {
    let setting = Setting::new();
    let principal = setting.principal(&setting.tokens("").await).await;
    let unknown = setting.auth.create_api_token(&principal, wish(None)).await.unwrap();
    assert_eq!(setting.auth.revoke(&unknown.secret).await, Ok(()));
    let before = setting.store.reads();
    for number in 1..=10 {
        assert_eq!(outcome(&setting, shown(&unknown.secret)).await, Err(Invalid));
        assert_eq!(setting.store.reads(), before + number, "it must not push out what is known");
    }
}

#[tokio::test]
async fn a_clock_that_was_set_back_prolongs_nothing() {
    let setting = Setting::new();
    let token = setting.token().await;
    setting.clock.advance_micros(4 * SECOND);
    assert_eq!(outcome(&setting, &token).await, Ok(setting.user_id));
    setting.remove_user();
    setting.clock.advance_micros(-4 * SECOND);
    assert_eq!(outcome(&setting, &token).await, Err(Invalid));
}

#[tokio::test]
async fn a_look_up_that_began_before_a_change_is_not_remembered() {
    let setting = Setting::new();
    let tokens = setting.tokens("").await;
    let api_token = setting.api_token(&setting.principal(&tokens).await).await;
    setting.clock.advance_micros(SECOND);
    setting.store.state().hold_reads = true;
    let during = async {
        setting.store.held(2).await;
        setting.disable_user();
        setting.auth.invalidate(Subject::User(setting.user_id));
        setting.store.release();
    };
    let (access, api) = (&tokens.access.access_token, shown(&api_token.secret));
    let (first, second, ()) = tokio::join!(outcome(&setting, access), outcome(&setting, api), during);
    assert_eq!((first, second), (Ok(setting.user_id), Ok(setting.user_id)), "asked before the change");
    assert_eq!(outcome(&setting, access).await, Err(Invalid));
    assert_eq!(outcome(&setting, api).await, Err(Invalid));
}

#[tokio::test]
async fn a_failure_of_the_storage_is_neither_a_refusal_nor_remembered() {
    let setting = Setting::new();
    let tokens = setting.tokens("").await;
    let api_token = setting.api_token(&setting.principal(&tokens).await).await;
    setting.clock.advance_micros(SECOND);
    for token in [&tokens.access.access_token, shown(&api_token.secret)] {
        let failure = RepositoryError::Unavailable("gone".into());
        setting.store.state().failure = Some(failure.clone());
        assert_eq!(outcome(&setting, token).await, Err(AuthenticateError::Repository(failure)));
        setting.store.state().failure = None;
        assert_eq!(outcome(&setting, token).await, Ok(setting.user_id));
    }
}

#[tokio::test]
async fn a_refused_token_asks_the_store_nothing() {
    let setting = Setting::new();
    let garbage = "x".repeat(48);
    for token in
        ["", "a.b.c", "tgp_", "tgr_", &format!("tgp_{garbage}"), &format!("tgr_{garbage}"), "\0", "ä"]
    {
        assert_eq!(outcome(&setting, token).await, Err(Invalid), "{token:?}");
    }
    assert_eq!(setting.store.accesses(), 0);
    assert_eq!(Invalid.to_string(), "Could not validate credentials");
}

#[tokio::test]
async fn a_token_is_good_for_one_purpose_only() {
    let setting = Setting::new();
    let tokens = setting.tokens("").await;
    let api_token = setting.api_token(&setting.principal(&tokens).await).await;
    assert_eq!(outcome(&setting, shown(&tokens.refresh_token)).await, Err(Invalid), "as a bearer token");
    let other_prefix = shown(&tokens.refresh_token).replace("tgr_", "tgp_");
    assert_eq!(outcome(&setting, &other_prefix).await, Err(Invalid));

    let before = setting.store.accesses();
    let access = tokens.access.access_token.clone().into();
    let other_prefix = shown(&api_token.secret).replace("tgp_", "tgr_").into();
    for token in [access, api_token.secret, other_prefix, "".into(), "tgr_".into()] {
        assert!(setting.refresh(&token).await.is_err(), "as a refresh token");
    }
    assert_eq!(setting.store.accesses(), before, "none is even looked up");
    assert!(setting.refresh(&tokens.refresh_token).await.is_ok());
}

#[tokio::test]
async fn the_issuer_of_a_token_is_the_configured_one() {
    let setting = Setting::new();
    let token = setting.token().await;
    let config = AuthConfig { issuer: "https://links.example.org/".into(), ..config() };
    let other = setting.restarted(config);
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
