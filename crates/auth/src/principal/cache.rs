//! What is known of credentials, kept for a second: every request needs it, and it hardly ever changes.

use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::sync::Cache;
use taglink_domain::model::{ApiTokenId, SecretHash, SessionId, Subject, SubjectStatus, Timestamp};
use taglink_domain::port::{RepositoryError, Store};
use taglink_domain::use_case::api_tokens;

use crate::scope::Scopes;

/// By what a credential is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum CacheKey {
    Session(SessionId),
    ApiToken(SecretHash),
}

/// What the store said about a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) status: SubjectStatus,
    /// What an API token says of itself; nothing for sessions, whose access tokens do.
    pub(crate) api_token: Option<KnownApiToken>,
}

/// What an API token says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KnownApiToken {
    pub(crate) id: ApiTokenId,
    pub(crate) scopes: Scopes,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) last_used_at: Option<Timestamp>,
}

/// Remembers for at most one second what the store said about 10 000 credentials. One for each process.
pub(crate) struct PrincipalCache {
    store: Arc<dyn Store>,
    entries: Cache<CacheKey, Entry>,
    /// Counts the invalidations. Entries are written and invalidated only while it is locked.
    generation: Mutex<u64>,
}

#[derive(Clone, Copy)]
struct Entry {
    /// Nothing if there is no such credential.
    known: Option<Known>,
    /// When the look-up began.
    asked_at: Timestamp,
}

impl PrincipalCache {
    const CAPACITY: usize = 10_000;
    const LIFETIME_MICROS: i64 = 1_000_000;

    /// An empty cache in front of a store.
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, entries: Cache::new(Self::CAPACITY), generation: Mutex::new(0) }
    }

    /// What is known of a credential, as it was at most one second before `now`; nothing if it does not exist or has
    /// ended. Asks the store, in one statement, if that is not known.
    ///
    /// # Errors
    /// Those of the storage; they are not remembered.
    pub(crate) async fn known(
        &self,
        key: CacheKey,
        now: Timestamp,
    ) -> Result<Option<Known>, RepositoryError> {
        if let Some(entry) = self.entries.get(&key).filter(|entry| entry.is_fresh(now)) {
            return Ok(entry.known);
        }
        let generation = self.with_generation(|generation| *generation);
        let known = self.ask(key, now).await?;
        self.with_generation(|current| {
            // Otherwise something was committed meanwhile that this answer may be older than.
            let is_current = *current == generation;
            // Anybody can make up API tokens that do not exist: these must not push out what is known.
            if is_current && (known.is_some() || matches!(key, CacheKey::Session(_))) {
                self.entries.insert(key, Entry { known, asked_at: now });
            }
        });
        Ok(known)
    }

    async fn ask(&self, key: CacheKey, now: Timestamp) -> Result<Option<Known>, RepositoryError> {
        match key {
            CacheKey::Session(id) => {
                let status = self.store.read(move |uow| uow.session_subject_status(id, now)).await?;
                Ok(status.map(|status| Known { status, api_token: None }))
            }
            CacheKey::ApiToken(hash) => {
                let found = self.store.read(move |uow| api_tokens::find_valid(uow, hash, now)).await?;
                let Some((token, status)) = found else { return Ok(None) };
                let scopes = Scopes::parse(&token.scope)
                    .map_err(|error| RepositoryError::Corrupt(format!("API token {}: {error}", token.id)))?;
                let api_token = KnownApiToken {
                    id: token.id,
                    scopes,
                    expires_at: token.expires_at,
                    last_used_at: token.last_used_at,
                };
                Ok(Some(Known { status, api_token: Some(api_token) }))
            }
        }
    }

    /// Forgets a credential. To be called when its end has been committed.
    pub(crate) fn forget(&self, key: CacheKey) {
        self.with_generation(|generation| {
            *generation = generation.wrapping_add(1);
            self.entries.remove(&key);
        });
    }

    /// Forgets an API token. To be called when its end has been committed.
    pub(crate) fn forget_api_token(&self, id: ApiTokenId) {
        self.forget_where(|known| known.api_token.is_some_and(|token| token.id == id));
    }

    /// Forgets all credentials of a subject. To be called when a change to it has been committed.
    pub(crate) fn forget_subject(&self, subject: Subject) {
        self.forget_where(|known| known.status.subject == subject);
    }

    fn forget_where(&self, is_meant: impl Fn(&Known) -> bool) {
        self.with_generation(|generation| {
            *generation = generation.wrapping_add(1);
            self.entries.retain(|_, entry| !entry.known.as_ref().is_some_and(&is_meant));
        });
    }

    fn with_generation<T>(&self, action: impl FnOnce(&mut u64) -> T) -> T {
        action(&mut self.generation.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Entry {
    /// A clock that was set back makes entries from the future, which are no longer fresh either.
    fn is_fresh(&self, now: Timestamp) -> bool {
        let age = now.micros().saturating_sub(self.asked_at.micros());
        (0..PrincipalCache::LIFETIME_MICROS).contains(&age)
    }
}
