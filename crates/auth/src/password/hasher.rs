//! Hashing from asynchronous code: bounded, because it is the cheapest way to take the service down.

use std::convert::Infallible;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::argon2id::{self, HashFailure, HashingMemory};
use super::stored::verify_in;
use super::{NewPassword, UnusableHash, VerifyError, needs_rehash};

/// How much hashing there may be at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashingLimits {
    /// Passwords hashed at once; each takes a core and 19 MiB. At least one.
    pub permits: usize,
    /// Callers that may wait for a permit; those beyond are turned away.
    pub waiting: usize,
}

impl Default for HashingLimits {
    /// Half of the cores, so that a flood of logins leaves the others to those who are logged in; 32 waiting.
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Self { permits: (cores / 2).max(1), waiting: 32 }
    }
}

/// Why a password was not hashed or compared.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HashingError {
    /// Too many callers wait already; a moment later it may work.
    #[error("too many passwords are being hashed")]
    Overloaded,
    #[error(transparent)]
    Failed(#[from] HashFailure),
}

/// What came of comparing a password with a stored hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// It is the password; `upgrade` is a new hash of it if the stored one should be replaced.
    Matches { upgrade: Option<String> },
    /// It is another password, or there was none to compare with.
    Differs,
    /// The stored hash cannot be used.
    Unusable(UnusableHash),
}

/// Hashes and compares passwords on blocking threads, a bounded number at a time.
#[derive(Clone, Debug)]
pub struct PasswordHasher {
    /// Room for those that hash and those that wait.
    places: Arc<Semaphore>,
    /// How many places there are.
    room: usize,
    permits: Arc<Semaphore>,
    memory: Arc<MemoryPool>,
}

/// Memory for each permit: used again while callers follow each other, given back to the system after the last one.
#[derive(Debug, Default)]
struct MemoryPool(Mutex<Vec<HashingMemory>>);

impl MemoryPool {
    fn take(&self) -> HashingMemory {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(&self, memory: HashingMemory, is_last: bool) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_last {
            idle.clear();
        } else if !memory.is_oversized() {
            idle.push(memory);
        }
    }
}

impl PasswordHasher {
    /// A hasher with limits of its own: one for each process.
    #[must_use]
    pub fn new(limits: HashingLimits) -> Self {
        let permits = limits.permits.clamp(1, Semaphore::MAX_PERMITS);
        let room = permits.saturating_add(limits.waiting).min(Semaphore::MAX_PERMITS);
        let (places, permits) = (Arc::new(Semaphore::new(room)), Arc::new(Semaphore::new(permits)));
        Self { places, room, permits, memory: Arc::default() }
    }

    /// Hashes a password that is to be set: argon2id as a PHC string.
    ///
    /// # Errors
    /// If too many callers wait already, or the machine has no memory or randomness left.
    pub async fn hash(&self, password: NewPassword) -> Result<String, HashingError> {
        Ok(self.run(move |memory| argon2id::hash(memory, password.secret().expose_secret())).await??)
    }

    /// Compares a password with a stored hash. Without one, or with an unusable one, it takes as long as a comparison
    /// with a new hash.
    ///
    /// # Errors
    /// If too many callers wait already, or the machine has no memory left.
    pub async fn verify(
        &self,
        password: SecretString,
        stored: Option<String>,
    ) -> Result<Verification, HashingError> {
        let Ok(verification) = self.verify_if(password, stored, || Ok::<_, Infallible>(()), || {}).await?;
        Ok(verification)
    }

    /// [`Self::verify`], if `admit` agrees when it is the caller's turn. `failed` is called when the password was another,
    /// also if the caller has left meanwhile.
    ///
    /// # Errors
    /// As [`Self::verify`]; the inner error is that of `admit`.
    pub(crate) async fn verify_if<E: Send + 'static>(
        &self,
        password: SecretString,
        stored: Option<String>,
        admit: impl FnOnce() -> Result<(), E> + Send + 'static,
        failed: impl FnOnce() + Send + 'static,
    ) -> Result<Result<Verification, E>, HashingError> {
        let compared = self.run(move |memory| {
            if let Err(refusal) = admit() {
                return Ok(Err(refusal));
            }
            let verification = verify(memory, &password, stored.as_deref())?;
            if !matches!(verification, Verification::Matches { .. }) {
                failed();
            }
            Ok::<_, HashFailure>(Ok(verification))
        });
        Ok(compared.await??)
    }

    async fn run<T, F>(&self, work: F) -> Result<T, HashingError>
    where
        F: FnOnce(&mut HashingMemory) -> T + Send + 'static,
        T: Send + 'static,
    {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| HashingError::Overloaded)?;
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| HashingError::Overloaded)?;
        // The work goes on when the caller leaves, so both are held by the work and not by the caller.
        let (pool, places, room) = (Arc::clone(&self.memory), Arc::clone(&self.places), self.room);
        let task = spawn_blocking(move || {
            let _held = (place, permit);
            let mut memory = pool.take();
            let result = work(&mut memory);
            // Of all places, only its own is taken.
            pool.give_back(memory, places.available_permits() + 1 >= room);
            result
        });
        task.await.map_err(|error| match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_shutting_down) => HashingError::Overloaded,
        })
    }
}

fn verify(
    memory: &mut HashingMemory,
    password: &SecretString,
    stored: Option<&str>,
) -> Result<Verification, HashFailure> {
    let Some(stored) = stored else {
        argon2id::verify_nothing(memory, password.expose_secret());
        return Ok(Verification::Differs);
    };
    match verify_in(memory, password, stored) {
        Ok(true) => Ok(Verification::Matches { upgrade: upgrade(memory, password, stored) }),
        Ok(false) => Ok(Verification::Differs),
        Err(VerifyError::Unusable(reason)) => {
            argon2id::verify_nothing(memory, password.expose_secret());
            Ok(Verification::Unusable(reason))
        }
        Err(VerifyError::Failed(failure)) => Err(failure),
    }
}

fn upgrade(memory: &mut HashingMemory, password: &SecretString, stored: &str) -> Option<String> {
    if !needs_rehash(stored) {
        return None;
    }
    argon2id::hash(memory, password.expose_secret())
        .inspect_err(|error| tracing::warn!(%error, "an outdated password hash stays as it is"))
        .ok()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::sync::oneshot;
    use tokio::task::{JoinHandle, yield_now};

    use super::*;
    use crate::password::verify_password;

    fn hasher(permits: usize, waiting: usize) -> PasswordHasher {
        PasswordHasher::new(HashingLimits { permits, waiting })
    }

    #[tokio::test]
    async fn callers_beyond_the_queue_are_turned_away() {
        let hasher = hasher(1, 1);
        let (first, release) = occupy(&hasher).await;
        let second = hasher.run(|_| "waited");
        let third = async {
            let answer = hasher.run(|_| "ran").await;
            release.send(()).unwrap();
            answer
        };
        let (first, second, third) = tokio::join!(first, second, third);
        assert_eq!(first.unwrap(), Ok(()));
        assert_eq!(second, Ok("waited"));
        assert_eq!(third, Err(HashingError::Overloaded));
        assert_eq!(hasher.run(|_| "ran").await, Ok("ran"), "places are given back");
    }

    /// Starts work that ends when the sender is used or dropped.
    async fn occupy(hasher: &PasswordHasher) -> (JoinHandle<Result<(), HashingError>>, mpsc::Sender<()>) {
        let (release, blocked) = mpsc::channel();
        let (started, has_started) = oneshot::channel();
        let hasher = hasher.clone();
        let work = move |_: &mut HashingMemory| {
            started.send(()).unwrap();
            let _ = blocked.recv();
        };
        let caller = tokio::spawn(async move { hasher.run(work).await });
        has_started.await.unwrap();
        (caller, release)
    }

    #[tokio::test]
    async fn a_permit_is_held_until_the_work_is_done_though_the_caller_has_left() {
        let hasher = hasher(1, 0);
        let (caller, release) = occupy(&hasher).await;
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        assert_eq!(hasher.run(|_| ()).await, Err(HashingError::Overloaded));
        release.send(()).unwrap();
        while hasher.run(|_| ()).await.is_err() {
            yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_caller_that_leaves_the_queue_frees_its_place() {
        let hasher = hasher(1, 1);
        let (caller, release) = occupy(&hasher).await;
        tokio::select! {
            biased;
            _ = hasher.run(|_| ()) => panic!("there is no permit"),
            () = yield_now() => {}
        }
        assert_eq!(hasher.places.available_permits(), 1);
        release.send(()).unwrap();
        assert_eq!(caller.await.unwrap(), Ok(()));
    }

    #[tokio::test]
    async fn memory_is_kept_for_those_who_wait_and_freed_by_the_last() {
        let hasher = hasher(1, 2);
        let idle = || hasher.memory.0.lock().unwrap().len();
        let (first, release) = occupy(&hasher).await;
        let second = hasher.run(|memory| argon2id::verify_nothing(memory, "x"));
        let third = hasher.run(|memory| memory.is_empty());
        let release = async { release.send(()).unwrap() };
        let (_, second, third, ()) = tokio::join!(first, second, third, release);
        assert_eq!((second, third), (Ok(()), Ok(false)), "the third has the memory of the second");
        assert_eq!(idle(), 0);
    }

    #[tokio::test]
    async fn no_permits_means_one() {
        assert_eq!(hasher(0, 0).run(|_| ()).await, Ok(()));
        assert_eq!(hasher(usize::MAX, usize::MAX).run(|_| ()).await, Ok(()));
        assert!(HashingLimits::default().permits >= 1);
    }

    #[tokio::test]
    async fn a_password_is_verified_and_its_outdated_hash_upgraded() {
        let hasher = hasher(1, 0);
        let stored = hasher.hash(NewPassword::parse("correct horse".into()).unwrap()).await.unwrap();
        let fresh = hasher.verify("correct horse".into(), Some(stored.clone())).await;
        assert_eq!(fresh, Ok(Verification::Matches { upgrade: None }));
        assert_eq!(hasher.verify("wrong horse".into(), Some(stored)).await, Ok(Verification::Differs));
        assert_eq!(hasher.verify("correct horse".into(), None).await, Ok(Verification::Differs));
        let unusable = hasher.verify("correct horse".into(), Some("?".into())).await;
        assert_eq!(unusable, Ok(Verification::Unusable(UnusableHash::UnknownScheme)));

        let legacy = bcrypt::hash("old", 4).unwrap();
        let Ok(Verification::Matches { upgrade: Some(upgrade) }) =
            hasher.verify("old".into(), Some(legacy)).await
        else {
            panic!("a bcrypt hash is upgraded, however short the password is");
        };
        assert_eq!(verify_password(&"old".into(), &upgrade), Ok(true));
        assert!(!needs_rehash(&upgrade));
    }
}
