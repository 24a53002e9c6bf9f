//! SQLite's writer: one thread that commits whatever is queued as one group.
//!
//! A commit waits for the disk, so many jobs share one: each runs in a savepoint of its own inside one transaction,
//! and nobody is answered before that is committed. Where the group cannot be committed, each job runs once more by
//! itself.

use taglink_domain::port::{Job, Outcome, RepositoryError};

use super::queue::Queue;
use super::worker::{Link, run_caught};
use crate::session::Session;
use crate::url::Backend;

/// How many jobs share a commit at most.
const GROUP: usize = 256;

/// How often a job runs at most when it asks for another try.
const ATTEMPTS: u32 = 3;

/// A job and what it decided, which comes to pass with the group's commit.
struct Member {
    job: Box<dyn Job>,
    result: Result<(), RepositoryError>,
}

/// Works until the queue is closed and empty.
pub(super) fn work(queue: &Queue, mut link: Link) {
    while let Some(first) = queue.pop() {
        let more = queue.take(GROUP - 1);
        let jobs = std::iter::once(first).chain(more);
        let mut group: Vec<_> = jobs.map(|entry| Member { job: entry.job, result: Ok(()) }).collect();
        if let Err(error) = attempt(&mut link, &mut group) {
            run_one_by_one(&mut link, &mut group, error);
        }
        for member in group {
            member.job.finish(member.result);
        }
    }
}

/// Runs each job once more by itself, except where the database is locked by somebody else: then all of them would
/// wait for the same lock, one after the other.
fn run_one_by_one(link: &mut Link, group: &mut [Member], mut error: RepositoryError) {
    for member in group {
        if !matches!(error, RepositoryError::Busy(_)) {
            match attempt(link, std::slice::from_mut(member)) {
                Ok(()) => continue,
                Err(failure) => error = failure,
            }
        }
        member.result = Err(error.clone());
    }
}

/// Runs a group in one transaction.
///
/// # Errors
/// If nothing of it came to pass.
fn attempt(link: &mut Link, group: &mut [Member]) -> Result<(), RepositoryError> {
    let session = link.session()?;
    session.begin_transaction();
    session.execute(Backend::Sqlite.begin())?;
    let committed = run_group(session, group).and_then(|()| session.execute("COMMIT"));
    if let Err(error) = committed {
        // SQLite may have rolled back by itself, then there is nothing left to roll back; a fresh connection is sure.
        if session.execute("ROLLBACK").is_err() {
            link.cut();
        }
        return Err(error);
    }
    Ok(())
}

fn run_group(session: &mut Session, group: &mut [Member]) -> Result<(), RepositoryError> {
    for member in group {
        member.result = run_member(session, member.job.as_mut())?;
    }
    // Once for all of them: whoever reads sees them all at once anyway.
    session.store_changes()
}

/// Runs one job in a savepoint. The outer error means that the whole transaction is lost.
fn run_member(
    session: &mut Session,
    job: &mut dyn Job,
) -> Result<Result<(), RepositoryError>, RepositoryError> {
    for _ in 0..ATTEMPTS {
        session.begin_job();
        session.execute("SAVEPOINT job")?;
        let outcome = run_caught(session, job);
        let failure = session.failure().cloned();
        let settled = match (outcome, failure) {
            (Ok(Outcome::Commit), None) => {
                session.execute("RELEASE job")?;
                session.agree();
                return Ok(Ok(()));
            }
            (Ok(Outcome::Commit), Some(failure)) => {
                Some(Err(RepositoryError::Internal(format!("a use case went on after a failure: {failure}"))))
            }
            (Ok(Outcome::Rollback), _) => Some(Ok(())),
            (Ok(Outcome::Retry), _) => None,
            (Err(panic), _) => Some(Err(panic)),
        };
        undo(session)?;
        if let Some(result) = settled {
            return Ok(result);
        }
    }
    Ok(Err(RepositoryError::Busy("a concurrent change got in the way".into())))
}

/// Rolls the savepoint back; if it is gone, tells the failure that made SQLite roll back everything.
fn undo(session: &mut Session) -> Result<(), RepositoryError> {
    session
        .execute("ROLLBACK TO job; RELEASE job")
        .map_err(|error| session.failure().cloned().unwrap_or(error))
}
