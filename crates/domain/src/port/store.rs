//! The store: runs a use case on a thread that owns a database connection, in the transaction it asks for.

use std::future::Future;

use futures_channel::oneshot;

use super::{
    AccountRepository, ApiTokenRepository, BulkRepository, ChangeRepository, IdempotencyRepository,
    LinkRepository, RepositoryError, SearchRepository, SessionRepository, SubjectRepository,
    TagLinkRepository, TagRepository, UserRepository,
};

/// All repositories on one connection, inside one transaction.
pub trait UnitOfWork:
    LinkRepository
    + TagRepository
    + TagLinkRepository
    + BulkRepository
    + SearchRepository
    + AccountRepository
    + UserRepository
    + SubjectRepository
    + SessionRepository
    + ApiTokenRepository
    + IdempotencyRepository
    + ChangeRepository
{
    /// Makes the smallest possible round trip to the database.
    ///
    /// # Errors
    /// If the database does not answer.
    fn ping(&mut self) -> super::Result<()>;

    /// Whether the database takes no writes, being the standby of another, say.
    ///
    /// # Errors
    /// If the database does not answer.
    fn is_read_only(&mut self) -> super::Result<bool>;

    /// Whether this transaction is run again because the first try met a concurrent change or a missing reference. A
    /// use case may assume on its first try what a constraint checks anyway.
    fn is_retry(&self) -> bool;

    /// Sets a savepoint, within those that are set. A use case that wants to undo a part of its work uses
    /// [`attempt`](crate::use_case::attempt).
    ///
    /// # Errors
    /// Those of the storage.
    fn set_savepoint(&mut self) -> super::Result<()>;

    /// Undoes everything since the last savepoint, failures included, and takes the savepoint away.
    ///
    /// # Errors
    /// Those of the storage; if there is no savepoint.
    fn roll_back_to_savepoint(&mut self) -> super::Result<()>;

    /// Keeps everything since the last savepoint, and takes the savepoint away.
    ///
    /// # Errors
    /// Those of the storage; if there is no savepoint.
    fn release_savepoint(&mut self) -> super::Result<()>;
}

/// What a job needs from the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// One reading statement, without a transaction around it.
    Read,
    /// Several reading statements that see the same state.
    Snapshot,
    /// A transaction that may write.
    Write,
}

/// What is to become of a transaction after its job has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Commit,
    Rollback,
    /// Roll back and run the job again, a bounded number of times.
    Retry,
}

impl Outcome {
    /// A result commits; an error that may pass is tried again.
    pub fn of<T, E: UseCaseError>(result: &Result<T, E>) -> Self {
        match result {
            Ok(_) => Self::Commit,
            Err(error) if error.repository().is_some_and(RepositoryError::is_transient) => Self::Retry,
            Err(_) => Self::Rollback,
        }
    }
}

/// A use case together with the place its answer goes to.
pub trait Job: Send {
    /// Does the work. May be called again after [`Outcome::Retry`] or a failed commit, so it has no side effects
    /// outside of the unit of work.
    fn run(&mut self, unit_of_work: &mut dyn UnitOfWork) -> Outcome;

    /// Called once, after COMMIT or ROLLBACK has returned: `Ok` if what `run` decided came to pass.
    fn finish(self: Box<Self>, result: Result<(), RepositoryError>);
}

/// Runs jobs.
pub trait Store: Send + Sync {
    /// Hands a job over; does not block. If it cannot be run in time, it is finished with
    /// [`RepositoryError::Busy`] or [`RepositoryError::Unavailable`].
    fn submit(&self, access: Access, job: Box<dyn Job>);
}

/// The error type of a use case: its own cases, and those of the storage.
pub trait UseCaseError: From<RepositoryError> + Send + 'static {
    /// The storage failure behind this error, if it is one.
    fn repository(&self) -> Option<&RepositoryError>;
}

impl UseCaseError for RepositoryError {
    fn repository(&self) -> Option<&RepositoryError> {
        Some(self)
    }
}

impl dyn Store + '_ {
    /// Runs a use case of one reading statement.
    ///
    /// # Errors
    /// Those of the use case, and those of the storage.
    pub fn read<T, E, F>(&self, use_case: F) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnMut(&mut dyn UnitOfWork) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: UseCaseError,
    {
        self.run(Access::Read, use_case)
    }

    /// Runs a use case of several reading statements, all of which see the same state.
    ///
    /// # Errors
    /// Those of the use case, and those of the storage.
    pub fn read_snapshot<T, E, F>(
        &self,
        use_case: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnMut(&mut dyn UnitOfWork) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: UseCaseError,
    {
        self.run(Access::Snapshot, use_case)
    }

    /// Runs a use case in a transaction of its own: `Ok` commits, `Err` rolls back, and the answer comes after that.
    ///
    /// # Errors
    /// Those of the use case, and those of the storage.
    pub fn write<T, E, F>(&self, use_case: F) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnMut(&mut dyn UnitOfWork) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: UseCaseError,
    {
        self.run(Access::Write, use_case)
    }

    fn run<T, E, F>(
        &self,
        access: Access,
        use_case: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F>
    where
        F: FnMut(&mut dyn UnitOfWork) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: UseCaseError,
    {
        let (sender, receiver) = oneshot::channel();
        self.submit(access, Box::new(UseCaseJob { use_case, answer: None, sender }));
        async move {
            receiver.await.unwrap_or_else(|_| {
                Err(RepositoryError::Unavailable("the store has shut down".into()).into())
            })
        }
    }
}

struct UseCaseJob<F, T, E> {
    use_case: F,
    answer: Option<Result<T, E>>,
    sender: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for UseCaseJob<F, T, E>
where
    F: FnMut(&mut dyn UnitOfWork) -> Result<T, E> + Send,
    T: Send,
    E: UseCaseError,
{
    fn run(&mut self, unit_of_work: &mut dyn UnitOfWork) -> Outcome {
        Outcome::of(self.answer.insert((self.use_case)(unit_of_work)))
    }

    fn finish(self: Box<Self>, result: Result<(), RepositoryError>) {
        let answer = match (result, self.answer) {
            (Ok(()), Some(answer)) => answer,
            (Ok(()), None) => Err(RepositoryError::Internal("the job never ran".into()).into()),
            (Err(error), _) => Err(error.into()),
        };
        // Nobody listens any more when the client has gone; the transaction stands all the same.
        drop(self.sender.send(answer));
    }
}
