//! What is known of principals, kept for a second: every request needs it, and it hardly ever changes.

use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::sync::Cache;
use taglink_domain::model::{Timestamp, User, UserId};
use taglink_domain::port::{RepositoryError, Store};

/// What decides whether a principal's tokens are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrincipalState {
    /// Tokens of another epoch are refused.
    pub epoch: i64,
    /// Whether the principal may use the scope `admin`.
    pub is_admin: bool,
    /// Whether all its tokens are refused.
    pub disabled: bool,
}

impl From<&User> for PrincipalState {
    fn from(user: &User) -> Self {
        Self { epoch: user.epoch, is_admin: user.is_admin, disabled: user.disabled }
    }
}

/// Remembers for at most one second what the store said about 10 000 principals. One for each process.
pub struct PrincipalCache {
    store: Arc<dyn Store>,
    entries: Cache<UserId, Entry>,
    /// Counts the calls of [`Self::invalidate`]. Entries are written and invalidated only while it is locked.
    generation: Mutex<u64>,
}

#[derive(Clone, Copy)]
struct Entry {
    /// Nothing if there is no such principal.
    state: Option<PrincipalState>,
    /// When the look-up began.
    asked_at: Timestamp,
}

impl PrincipalCache {
    const CAPACITY: usize = 10_000;
    const LIFETIME_MICROS: i64 = 1_000_000;

    /// An empty cache in front of a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, entries: Cache::new(Self::CAPACITY), generation: Mutex::new(0) }
    }

    /// The state of a user as it was at most one second before `now`; nothing if there is no such user. Asks the
    /// store, in one statement, if that is not known.
    ///
    /// # Errors
    /// Those of the storage; they are not remembered.
    pub async fn state(&self, id: UserId, now: Timestamp) -> Result<Option<PrincipalState>, RepositoryError> {
        if let Some(entry) = self.entries.get(&id).filter(|entry| entry.is_fresh(now)) {
            return Ok(entry.state);
        }
        let generation = self.with_generation(|generation| *generation);
        let state = self.store.read(move |uow| Ok(uow.user(id)?.as_ref().map(PrincipalState::from))).await?;
        self.with_generation(|current| {
            // Otherwise something was committed meanwhile that this answer may be older than.
            if *current == generation {
                self.entries.insert(id, Entry { state, asked_at: now });
            }
        });
        Ok(state)
    }

    /// Forgets a user. To be called when a change to it has been committed.
    pub fn invalidate(&self, id: UserId) {
        self.with_generation(|generation| {
            *generation = generation.wrapping_add(1);
            self.entries.remove(&id);
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
