//! SQLite's writer: one thread that commits whatever is queued as one group.
//!
//! A commit waits for the disk, so many jobs share one: each runs in a savepoint of its own inside one transaction,
//! and nobody is answered before that is committed. Where the group cannot be committed, each job runs once more by
//! itself, as one does that finds no other in the queue.

use taglink_domain::port::{Access, Job, Outcome, RepositoryError};

use super::queue::Queue;
use super::reconnecting::ReconnectingConnection;
use super::worker::{run_caught, run_to_the_end};
use crate::unit_of_work::DbUnitOfWork;

/// How many jobs share a commit at most.
const GROUP: usize = 256;

/// How often a job runs at most when it asks for another try.
const ATTEMPTS: u32 = 3;

/// A job and the result it has if the group is committed.
struct Member {
    job: Box<dyn Job>,
    result: Result<(), RepositoryError>,
}

/// Works until the queue is closed and empty.
pub(super) fn work(queue: &Queue, mut connection: ReconnectingConnection) {
    while let Some(first) = queue.pop() {
        let more = queue.take(GROUP - 1);
        let jobs = std::iter::once(first).chain(more);
        let mut group: Vec<_> = jobs.map(|entry| Member { job: entry.job, result: Ok(()) }).collect();
        if let [alone] = group.as_mut_slice() {
            alone.result = run_alone(&mut connection, alone);
        } else if let Err(error) = run_group(&mut connection, &mut group) {
            run_one_by_one(&mut connection, &mut group, &error);
        }
        for member in group {
            member.job.finish(member.result);
        }
    }
}

fn run_alone(connection: &mut ReconnectingConnection, member: &mut Member) -> Result<(), RepositoryError> {
    run_to_the_end(connection, Access::Write, &mut |uow| member.job.run(uow), ATTEMPTS)
}

/// Runs each job once more by itself, except where the database is locked by somebody else: then all of them would
/// wait for the same lock, one after the other.
fn run_one_by_one(connection: &mut ReconnectingConnection, group: &mut [Member], error: &RepositoryError) {
    for member in group {
        member.result = match error {
            RepositoryError::Busy(_) => Err(error.clone()),
            _ => run_alone(connection, member),
        };
    }
}

/// Runs a group in one transaction.
///
/// # Errors
/// If nothing of it was stored.
fn run_group(connection: &mut ReconnectingConnection, group: &mut [Member]) -> Result<(), RepositoryError> {
    let uow = connection.unit_of_work()?;
    uow.control(uow.dialect().begin())?;
    let run = |uow: &mut DbUnitOfWork| {
        for member in group {
            member.result = run_member(uow, member.job.as_mut())?;
        }
        uow.control("COMMIT")
    };
    let committed = run(uow);
    // SQLite may have rolled back by itself, then there is nothing left to roll back; a fresh connection is sure.
    if committed.is_err() && uow.control("ROLLBACK").is_err() {
        connection.cut();
    }
    committed
}

/// Runs one job in a savepoint. The outer error means that the whole transaction is lost.
fn run_member(
    uow: &mut DbUnitOfWork,
    job: &mut dyn Job,
) -> Result<Result<(), RepositoryError>, RepositoryError> {
    for attempt in 0..ATTEMPTS {
        uow.begin_job(attempt > 0);
        uow.control("SAVEPOINT job")?;
        let outcome = run_caught(uow, &mut |uow| job.run(uow));
        let failure = uow.failure().cloned();
        let settled = match (outcome, failure) {
            (Ok(Outcome::Commit), None) => return uow.control("RELEASE job").map(Ok),
            (Ok(Outcome::Commit), Some(failure)) => {
                Some(Err(RepositoryError::Internal(format!("a use case went on after a failure: {failure}"))))
            }
            (Ok(Outcome::Rollback), _) => Some(Ok(())),
            (Ok(Outcome::Retry), _) => None,
            (Err(panic), _) => Some(Err(panic)),
        };
        undo(uow)?;
        if let Some(result) = settled {
            return Ok(result);
        }
    }
    Ok(Err(RepositoryError::Busy("a concurrent change got in the way".into())))
}

/// Rolls the savepoint back; if it is gone, the error is the failure that made SQLite roll back everything.
fn undo(uow: &mut DbUnitOfWork) -> Result<(), RepositoryError> {
    let undone = uow.control("ROLLBACK TO job").and_then(|()| uow.control("RELEASE job"));
    undone.map_err(|error| uow.failure().cloned().unwrap_or(error))
}
