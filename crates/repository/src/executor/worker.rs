//! A worker: one thread, one connection, one job after the other.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use taglink_domain::port::{Access, Outcome, RepositoryError};

use super::queue::{Entry, Queue};
use super::reconnecting::ReconnectingConnection;
use crate::unit_of_work::DbUnitOfWork;

/// How often a job runs at most when deadlocks, serialization failures and rows that come and go undo it: a tag that
/// many clients use while it is deleted needs more than a few.
pub(super) const ATTEMPTS: u32 = 200;

/// For how long it may begin again. PostgreSQL takes a second to find a deadlock, and a lock is waited for 3 s.
const PATIENCE: Duration = Duration::from_secs(10);

/// The work of a job.
pub(super) type Work<'a> = dyn FnMut(&mut DbUnitOfWork) -> Outcome + 'a;

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
pub(super) fn work(queue: &Queue, mut connection: ReconnectingConnection) {
    while let Some(Entry { access, mut job, .. }) = queue.pop() {
        let result = run_to_the_end(&mut connection, access, &mut |uow| job.run(uow), ATTEMPTS);
        job.finish(result);
    }
}

/// Runs a job in a transaction of its own, again at most `attempts` times while the reason is a passing one.
pub(super) fn run_to_the_end(
    connection: &mut ReconnectingConnection,
    access: Access,
    job: &mut Work<'_>,
    attempts: u32,
) -> Result<(), RepositoryError> {
    let started = Instant::now();
    let mut reconnected = false;
    let mut attempt = 1;
    let must_be_writable = connection.must_be_writable;
    loop {
        let uow = connection.unit_of_work()?;
        uow.begin_job(attempt > 1);
        let run = match (run_once(uow, access, job), uow.failure()) {
            // The server has become a standby: another one is the primary.
            (Run::Done(_), Some(failure @ RepositoryError::NotWritable(_))) if must_be_writable => {
                Run::Lost(failure.clone())
            }
            (run, _) => run,
        };
        match run {
            Run::Done(result) => return result,
            Run::Again(error) if attempt == attempts || started.elapsed() > PATIENCE => {
                return Err(RepositoryError::Busy(error.to_string()));
            }
            Run::Again(_) => {
                thread::sleep(pause_before(attempt));
                attempt += 1;
            }
            Run::Lost(error) => {
                connection.cut();
                if reconnected {
                    return Err(error);
                }
                reconnected = true;
            }
            Run::Broken(error) => {
                connection.cut();
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

fn run_once(uow: &mut DbUnitOfWork, access: Access, job: &mut Work<'_>) -> Run {
    let begin = match access {
        Access::Read => None,
        Access::Snapshot => Some(uow.dialect().begin_snapshot()),
        Access::Write => Some(uow.dialect().begin()),
    };
    if let Some(begin) = begin
        && let Err(error) = uow.control(begin)
    {
        return failed_to_begin(error);
    }
    let outcome = run_caught(uow, job);
    let lost = uow.failure().filter(|failure| matches!(failure, RepositoryError::Unavailable(_)));
    if let Some(failure) = lost {
        return Run::Lost(failure.clone());
    }
    if begin.is_none() {
        return without_transaction(uow, outcome);
    }
    match outcome {
        Ok(Outcome::Commit) => commit(uow),
        Ok(Outcome::Rollback) => rolled_back(uow, Run::Done(Ok(()))),
        Ok(Outcome::Retry) => {
            let failure = transient_failure(uow);
            rolled_back(uow, Run::Again(failure))
        }
        Err(error) => rolled_back(uow, Run::Done(Err(error))),
    }
}

fn failed_to_begin(error: RepositoryError) -> Run {
    match error {
        RepositoryError::Unavailable(_) => Run::Lost(error),
        RepositoryError::Busy(_) => Run::Again(error),
        other => Run::Broken(other),
    }
}

fn without_transaction(uow: &DbUnitOfWork, outcome: Result<Outcome, RepositoryError>) -> Run {
    match outcome {
        Ok(Outcome::Commit | Outcome::Rollback) => Run::Done(Ok(())),
        Ok(Outcome::Retry) => Run::Again(transient_failure(uow)),
        Err(error) => Run::Done(Err(error)),
    }
}

fn commit(uow: &mut DbUnitOfWork) -> Run {
    if let Some(failure) = uow.failure().cloned() {
        let error = RepositoryError::Internal(format!("a use case went on after a failure: {failure}"));
        return rolled_back(uow, Run::Done(Err(error)));
    }
    match uow.control("COMMIT") {
        Ok(()) => Run::Done(Ok(())),
        Err(error @ RepositoryError::Busy(_)) => rolled_back(uow, Run::Again(error)),
        // Whether it was committed is unknown: it is not run again, and not reported as done.
        Err(error) => Run::Broken(error),
    }
}

/// A ROLLBACK that meets a deadlock has rolled back: Galera answers so when another node's change came first.
fn rolled_back(uow: &mut DbUnitOfWork, run: Run) -> Run {
    match uow.control("ROLLBACK") {
        Ok(()) | Err(RepositoryError::Busy(_)) => run,
        Err(error) => Run::Broken(error),
    }
}

fn transient_failure(uow: &DbUnitOfWork) -> RepositoryError {
    uow.failure()
        .cloned()
        .unwrap_or_else(|| RepositoryError::Busy("a concurrent change got in the way".into()))
}

/// Runs a job; a panic is an error like any other, so that the thread and its connection live on.
pub(super) fn run_caught(uow: &mut DbUnitOfWork, job: &mut Work<'_>) -> Result<Outcome, RepositoryError> {
    catch_unwind(AssertUnwindSafe(|| job(uow)))
        .map_err(|_| RepositoryError::Internal("the use case panicked".into()))
}
