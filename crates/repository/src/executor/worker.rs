//! A worker: one thread, one connection, one job after the other.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use taglink_domain::port::{Access, Job, Outcome, RepositoryError};

use super::queue::{Entry, Queue};
use crate::connection::{AnyConnection, ConnectError};
use crate::session::{FeedConfig, Session};
use crate::url::Backend;

/// How often a job runs at most when deadlocks, serialization failures and rows that come and go undo it: a tag that
/// many clients use while it is deleted needs more than a few.
const ATTEMPTS: u32 = 200;

/// For how long it may begin again. PostgreSQL takes a second to find a deadlock, and a lock is waited for 3 s.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait before trying again to reach a server that did not answer; meanwhile jobs fail at once.
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);

/// Opens a connection.
pub(super) type Connect = Arc<dyn Fn() -> Result<AnyConnection, ConnectError> + Send + Sync>;

/// A connection that is opened again when it is lost.
pub(super) struct Link {
    connect: Connect,
    feed: FeedConfig,
    session: Option<Session>,
    last_failure: Option<(Instant, RepositoryError)>,
}

impl Link {
    pub(super) fn new(connect: Connect, feed: FeedConfig) -> Self {
        Self { connect, feed, session: None, last_failure: None }
    }

    /// The session, opened now if there is none.
    ///
    /// # Errors
    /// If the database cannot be reached, or could not be reached a moment ago.
    pub(super) fn session(&mut self) -> Result<&mut Session, RepositoryError> {
        if self.session.is_none() {
            if let Some((at, error)) = &self.last_failure
                && at.elapsed() < RECONNECT_PAUSE
            {
                return Err(error.clone());
            }
            match (self.connect)() {
                Ok(connection) => self.session = Some(Session::new(connection, self.feed.clone())),
                Err(error) => {
                    let error = RepositoryError::from(error);
                    self.last_failure = Some((Instant::now(), error.clone()));
                    return Err(error);
                }
            }
        }
        self.session.as_mut().ok_or_else(|| RepositoryError::Internal("no session".into()))
    }

    /// Drops the connection; the next job opens another.
    pub(super) fn cut(&mut self) {
        self.session = None;
    }
}

/// What became of one run of a job.
enum Run {
    /// It is over, as the job decided or with an error.
    Done(Result<(), RepositoryError>),
    /// It was rolled back for a passing reason.
    Again(RepositoryError),
    /// The connection was lost before COMMIT was sent, so nothing of it happened.
    Lost(RepositoryError),
    /// The connection is in an unknown state after this result.
    Broken(RepositoryError),
}

/// Works until the queue is closed and empty.
pub(super) fn work(queue: &Queue, mut link: Link, backend: Backend) {
    while let Some(Entry { access, mut job, .. }) = queue.pop() {
        let result = run_to_the_end(&mut link, backend, access, job.as_mut());
        job.finish(result);
    }
}

fn run_to_the_end(
    link: &mut Link,
    backend: Backend,
    access: Access,
    job: &mut dyn Job,
) -> Result<(), RepositoryError> {
    let started = Instant::now();
    let mut reconnected = false;
    let mut attempt = 1;
    loop {
        let session = link.session()?;
        match run_once(session, backend, access, job) {
            Run::Done(result) => return result,
            Run::Again(error) if attempt == ATTEMPTS || started.elapsed() > PATIENCE => {
                return Err(RepositoryError::Busy(error.to_string()));
            }
            Run::Again(_) => {
                thread::sleep(pause_before(attempt));
                attempt += 1;
            }
            Run::Lost(error) => {
                link.cut();
                if reconnected {
                    return Err(error);
                }
                reconnected = true;
            }
            Run::Broken(error) => {
                link.cut();
                return Err(error);
            }
        }
    }
}

/// Grows from a millisecond or two to ten times that; differs at random, so that two that met once do not meet again.
fn pause_before(attempt: u32) -> Duration {
    let spread = RandomState::new().build_hasher().finish() % 1000;
    Duration::from_micros((1000 + spread) * u64::from(attempt.min(10)))
}

fn run_once(session: &mut Session, backend: Backend, access: Access, job: &mut dyn Job) -> Run {
    session.begin_transaction();
    let begin = match access {
        Access::Read => None,
        Access::Snapshot => Some(backend.begin_snapshot()),
        Access::Write => Some(backend.begin()),
    };
    if let Some(begin) = begin
        && let Err(error) = session.execute(begin)
    {
        return failed_to_begin(error);
    }
    let outcome = run_caught(session, job);
    let lost = session.failure().filter(|failure| matches!(failure, RepositoryError::Unavailable(_)));
    if let Some(failure) = lost {
        return Run::Lost(failure.clone());
    }
    if begin.is_none() {
        return without_transaction(session, outcome);
    }
    match outcome {
        Ok(Outcome::Commit) => commit(session),
        Ok(Outcome::Rollback) => rolled_back(session, Run::Done(Ok(()))),
        Ok(Outcome::Retry) => {
            let failure = transient_failure(session);
            rolled_back(session, Run::Again(failure))
        }
        Err(error) => rolled_back(session, Run::Done(Err(error))),
    }
}

fn failed_to_begin(error: RepositoryError) -> Run {
    match error {
        RepositoryError::Unavailable(_) => Run::Lost(error),
        RepositoryError::Busy(_) => Run::Again(error),
        other => Run::Broken(other),
    }
}

fn without_transaction(session: &Session, outcome: Result<Outcome, RepositoryError>) -> Run {
    match outcome {
        Ok(Outcome::Commit | Outcome::Rollback) => Run::Done(Ok(())),
        Ok(Outcome::Retry) => Run::Again(transient_failure(session)),
        Err(error) => Run::Done(Err(error)),
    }
}

fn commit(session: &mut Session) -> Run {
    if let Some(failure) = session.failure().cloned() {
        let error = RepositoryError::Internal(format!("a use case went on after a failure: {failure}"));
        return rolled_back(session, Run::Done(Err(error)));
    }
    session.agree();
    match session.store_changes() {
        Ok(()) => {}
        Err(error @ RepositoryError::Unavailable(_)) => return Run::Lost(error),
        Err(error) if error.is_transient() => return rolled_back(session, Run::Again(error)),
        Err(error) => return rolled_back(session, Run::Done(Err(error))),
    }
    match session.execute("COMMIT") {
        Ok(()) => Run::Done(Ok(())),
        Err(error @ RepositoryError::Busy(_)) => rolled_back(session, Run::Again(error)),
        // Whether it was committed is unknown: it is not run again, and not reported as done.
        Err(error) => Run::Broken(error),
    }
}

fn rolled_back(session: &mut Session, run: Run) -> Run {
    match session.execute("ROLLBACK") {
        Ok(()) => run,
        Err(error) => Run::Broken(error),
    }
}

fn transient_failure(session: &Session) -> RepositoryError {
    session
        .failure()
        .cloned()
        .unwrap_or_else(|| RepositoryError::Busy("a concurrent change got in the way".into()))
}

/// Runs a job; a panic is an error like any other, so that the thread and its connection live on.
pub(super) fn run_caught(session: &mut Session, job: &mut dyn Job) -> Result<Outcome, RepositoryError> {
    catch_unwind(AssertUnwindSafe(|| job.run(session)))
        .map_err(|_| RepositoryError::Internal("the use case panicked".into()))
}
