//! Revoking tokens (RFC 7009).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use taglink_auth::service::{AuthenticateError, NewApiToken, RefreshError, Tokens};
use taglink_domain::port::RepositoryError;

use crate::clock::SECOND;
use crate::setting::{LIFETIME, Setting, shown};

struct Given {
    setting: Setting,
    tokens: Tokens,
    other: Tokens,
    api_token: NewApiToken,
    other_api_token: NewApiToken,
}

impl Given {
    /// Two logins and two API tokens of a subject with this scope, all of which are known to be good.
    async fn new(scope: &str) -> Self {
        let setting = Setting::new();
        let (tokens, other) = (setting.tokens(scope).await, setting.tokens(scope).await);
        let principal = setting.principal(&tokens).await;
        let (api_token, other_api_token) =
            (setting.api_token(&principal).await, setting.api_token(&principal).await);
        let given = Self { setting, tokens, other, api_token, other_api_token };
        assert_eq!(given.good().await, [true; 4]);
        given
    }

    /// Whether the access tokens of both logins and both API tokens are accepted.
    async fn good(&self) -> [bool; 4] {
        let is_good = async |token: &str| match self.setting.authenticate(token).await {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error, AuthenticateError::Invalid);
                false
            }
        };
        [
            is_good(&self.tokens.access.access_token).await,
            is_good(&self.other.access.access_token).await,
            is_good(shown(&self.api_token.secret)).await,
            is_good(shown(&self.other_api_token.secret)).await,
        ]
    }

    async fn revoke(&self, token: &str) {
        assert_eq!(self.setting.auth.revoke(&token.into()).await, Ok(()));
    }

    async fn refresh(&self, token: &SecretString) -> Result<(), RefreshError> {
        self.setting.refresh(token).await.map(drop)
    }
}

#[tokio::test]
async fn an_access_token_or_refresh_token_ends_its_session_at_once_and_no_other() {
    for scope in ["", "admin", "account read"] {
        for is_access in [true, false] {
            let given = Given::new(scope).await;
            let Tokens { access, refresh_token, .. } = &given.tokens;
            given.revoke(if is_access { &access.access_token } else { shown(refresh_token) }).await;
            assert_eq!(given.good().await, [false, true, true, true], "{scope:?} {is_access}");
            assert_eq!(given.refresh(refresh_token).await, Err(RefreshError::Invalid));
            assert_eq!(given.refresh(&given.other.refresh_token).await, Ok(()));
        }
    }
}

#[tokio::test]
async fn a_used_refresh_token_ends_its_session_too() {
    let given = Given::new("").await;
    let successor = given.setting.refresh(&given.tokens.refresh_token).await.unwrap();
    given.revoke(shown(&given.tokens.refresh_token)).await;
    assert_eq!(given.good().await, [false, true, true, true]);
    assert_eq!(given.refresh(&successor.refresh_token).await, Err(RefreshError::Invalid));
}

#[tokio::test]
async fn an_api_token_ends_at_once_and_no_other() {
    let given = Given::new("account").await;
    given.revoke(shown(&given.api_token.secret)).await;
    assert_eq!(given.good().await, [true, true, false, true]);
}

#[tokio::test]
async fn what_is_not_good_belongs_to_nothing_which_is_no_error() {
    let given = Given::new("").await;
    let access = &given.tokens.access.access_token;
    let (message, signature) = access.rsplit_once('.').unwrap();
    let unsigned = URL_SAFE_NO_PAD.encode([0; 32]);
    let refresh = shown(&given.tokens.refresh_token);
    let api = shown(&given.api_token.secret);
    let before = given.setting.store.writes();
    for garbage in [
        "",
        "garbage",
        "\0",
        &format!("{message}.{unsigned}"),
        &format!("{message}."),
        &format!(" {access}"),
        signature,
        &refresh.replace("tgr_", "tgp_"),
        &api.replace("tgp_", "tgr_"),
        &refresh.to_lowercase(),
        &api[..51],
        &"x".repeat(1_000_000),
    ] {
        given.revoke(garbage).await;
    }
    assert_eq!(given.setting.store.writes(), before, "the store is not even asked");
    assert_eq!(given.good().await, [true; 4]);
}

#[tokio::test]
async fn revoking_twice_is_no_error() {
    let given = Given::new("").await;
    for _ in 0..2 {
        given.revoke(&given.tokens.access.access_token).await;
        given.revoke(shown(&given.other.refresh_token)).await;
        given.revoke(shown(&given.api_token.secret)).await;
    }
    assert_eq!(given.good().await, [false, false, false, true]);
}

#[tokio::test]
async fn an_expired_access_token_ends_nothing() {
    let given = Given::new("").await;
    given.setting.clock.advance_micros(i64::try_from(LIFETIME).unwrap() * SECOND);
    given.revoke(&given.tokens.access.access_token).await;
    assert_eq!(given.refresh(&given.tokens.refresh_token).await, Ok(()));
}

#[tokio::test]
async fn only_ones_own_session_is_ended_by_its_id() {
    let given = Given::new("").await;
    let setting = &given.setting;
    let id = setting.principal(&given.tokens).await.session_id().unwrap();
    for subject in [setting.admin, setting.account] {
        assert_eq!(setting.auth.end_session(subject, id).await, Ok(false));
    }
    assert_eq!(given.good().await, [true; 4]);
    let own = setting.principal(&given.tokens).await.subject;
    assert_eq!(setting.auth.end_session(own, id).await, Ok(true));
    assert_eq!(given.good().await, [false, true, true, true]);
    assert_eq!(setting.auth.end_session(own, id).await, Ok(false));
}

#[tokio::test]
async fn a_failure_of_the_storage_is_told() {
    let given = Given::new("").await;
    let failure = RepositoryError::NotWritable("full".into());
    given.setting.store.state().fail_writes = Some(failure.clone());
    let Tokens { access, refresh_token, .. } = &given.tokens;
    for token in [&access.access_token, shown(refresh_token), shown(&given.api_token.secret)] {
        assert_eq!(given.setting.auth.revoke(&token.into()).await, Err(failure.clone()));
    }
    assert_eq!(given.good().await, [true; 4]);
}
