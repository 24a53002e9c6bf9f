//! Short ways to give credentials to a subject.

use chrono::TimeDelta;
use taglink_domain::model::{
    ApiToken, ApiTokenId, LoginOrigin, RefreshToken, SecretHash, Session, SessionId, Subject,
};

use crate::fixture::Fixture;

impl Fixture {
    fn digest(&self) -> [u8; 32] {
        let mut digest = [0xff; 32];
        digest[..8].copy_from_slice(&self.later().micros().to_be_bytes());
        digest
    }

    /// A hash that no other is equal to.
    pub(crate) fn hash(&self) -> SecretHash {
        self.digest().into()
    }

    /// An origin that no other is equal to.
    pub(crate) fn origin(&self) -> LoginOrigin {
        self.digest().into()
    }

    /// A session that lasts a day.
    pub(crate) fn new_session(&self, subject: Subject) -> Session {
        let created_at = self.later();
        Session {
            id: SessionId::new(),
            subject,
            scope: "admin read".into(),
            epoch: 0,
            user_agent: Some("Mozilla/5.0 🍣".into()),
            created_at,
            last_used_at: created_at,
            expires_at: created_at.plus(TimeDelta::days(1)),
        }
    }

    /// An unused refresh token that is the first of its session.
    pub(crate) fn new_refresh_token(&self, session_id: SessionId) -> RefreshToken {
        let created_at = self.later();
        RefreshToken { hash: self.hash(), session_id, predecessor: None, created_at, used_at: None }
    }

    /// An API token that does not expire.
    pub(crate) fn new_api_token(&self, subject: Subject) -> ApiToken {
        ApiToken {
            id: ApiTokenId::new(),
            subject,
            name: "backup 🍣".into(),
            scope: "read".into(),
            epoch: 0,
            created_at: self.later(),
            expires_at: None,
            last_used_at: None,
        }
    }

    /// Stores a session and its first refresh token.
    pub(crate) fn session(&self, subject: Subject) -> (Session, SecretHash) {
        self.store_session(self.new_session(subject))
    }

    pub(crate) fn store_session(&self, session: Session) -> (Session, SecretHash) {
        let (new, token) = (session.clone(), self.new_refresh_token(session.id));
        self.write(move |uow| {
            uow.insert_session(&new)?;
            uow.insert_refresh_token(&token)
        })
        .unwrap();
        (session, token.hash)
    }

    pub(crate) fn api_token(&self, subject: Subject) -> (ApiToken, SecretHash) {
        self.store_api_token(self.new_api_token(subject))
    }

    pub(crate) fn store_api_token(&self, token: ApiToken) -> (ApiToken, SecretHash) {
        let (new, hash) = (token.clone(), self.hash());
        self.write(move |uow| uow.insert_api_token(&new, hash)).unwrap();
        (token, hash)
    }

    pub(crate) fn has_session(&self, id: SessionId) -> bool {
        self.read(move |uow| uow.session(id)).is_some()
    }

    pub(crate) fn has_refresh_token(&self, hash: SecretHash) -> bool {
        self.read(move |uow| uow.refresh_token(hash)).is_some()
    }

    pub(crate) fn has_api_token(&self, hash: SecretHash) -> bool {
        self.read(move |uow| uow.api_token_with_status(hash)).is_some()
    }
}

/// Each of a fresh user and a fresh account.
pub(crate) fn subjects(fixture: &Fixture) -> [Subject; 2] {
    [Subject::User(fixture.user("ada").id), Subject::Account(fixture.account("ada@example.org").id)]
}
