//! The real store on a SQLite file of its own, watched: accesses are counted, and jobs can be refused and held back.

use std::fs;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use taglink_domain::port::{Access, Job, Outcome, RepositoryError, Store, UnitOfWork, UseCaseError};
use taglink_repository::{DatabaseUrl, DieselStore, ExecutorConfig, migration, with_unit_of_work};
use tempfile::{TempDir, tempdir};
use tokio::sync::Notify;

pub(crate) struct TestStore {
    database: DieselStore,
    url: DatabaseUrl,
    watch: Arc<Watch>,
    _folder: TempDir,
}

/// What is seen, and done to jobs on their way.
#[derive(Default)]
struct Watch {
    state: Mutex<State>,
    has_held: Notify,
}

#[derive(Default)]
pub(crate) struct State {
    accesses: Vec<Access>,
    /// What every job is answered with instead of being run.
    pub(crate) failure: Option<RepositoryError>,
    /// What every writing job is answered with instead of being run.
    pub(crate) fail_writes: Option<RepositoryError>,
    /// Whether the answers of reads are held back.
    pub(crate) hold_reads: bool,
    /// Whether writes are held back before they are run.
    pub(crate) hold_writes: bool,
    answers: Vec<(Box<dyn Job>, Result<(), RepositoryError>)>,
    writes: Vec<Box<dyn Job>>,
}

impl State {
    fn held(&self) -> usize {
        self.answers.len() + self.writes.len()
    }

    /// Answers the write that is held back with a failure instead of running it.
    pub(crate) fn fail_held_write(&mut self, failure: RepositoryError) {
        self.writes.remove(0).finish(Err(failure));
    }
}

impl TestStore {
    pub(crate) fn new() -> Self {
        let folder = tempdir().unwrap();
        let file = folder.path().join("taglink.db");
        fs::write(&file, migrated()).unwrap();
        let url = sqlite(&file);
        let config = ExecutorConfig { connections: 1, queue: 1000, deadline: Duration::from_mins(1) };
        let database = DieselStore::open(&url, config).unwrap();
        Self { database, url, watch: Arc::default(), _folder: folder }
    }

    /// Does to the database what another process does to it: unseen, and at once.
    pub(crate) fn elsewhere<T: Send, E: UseCaseError>(
        &self,
        work: impl FnMut(&mut dyn UnitOfWork) -> Result<T, E> + Send,
    ) -> Result<T, E> {
        with_unit_of_work(&self.url, work)
    }

    /// Waits until all writes that have been submitted have been run.
    pub(crate) async fn settle(&self) {
        let database: &dyn Store = &self.database;
        database.write(|uow| uow.ping()).await.unwrap();
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.watch.state.lock().unwrap()
    }

    pub(crate) fn reads(&self) -> usize {
        self.state().accesses.iter().filter(|access| **access != Access::Write).count()
    }

    pub(crate) fn writes(&self) -> usize {
        self.state().accesses.iter().filter(|access| **access == Access::Write).count()
    }

    pub(crate) fn accesses(&self) -> usize {
        self.state().accesses.len()
    }

    /// Waits until so many answers and writes are held back.
    pub(crate) async fn held(&self, number: usize) {
        loop {
            let more = self.watch.has_held.notified();
            if self.state().held() >= number {
                return;
            }
            more.await;
        }
    }

    /// Gives out the answers that were held back, runs the writes, and holds no more.
    pub(crate) fn release(&self) {
        let mut state = self.state();
        state.hold_reads = false;
        state.hold_writes = false;
        let (answers, writes) = (std::mem::take(&mut state.answers), std::mem::take(&mut state.writes));
        drop(state);
        for (job, result) in answers {
            job.finish(result);
        }
        for job in writes {
            self.database.submit(Access::Write, job);
        }
    }
}

impl Store for TestStore {
    fn submit(&self, access: Access, job: Box<dyn Job>) {
        let mut state = self.state();
        state.accesses.push(access);
        let write_failure = state.fail_writes.clone().filter(|_| access == Access::Write);
        if let Some(failure) = state.failure.clone().or(write_failure) {
            drop(state);
            job.finish(Err(failure));
        } else if access == Access::Write && state.hold_writes {
            state.writes.push(job);
            self.watch.has_held.notify_one();
        } else {
            let watch = (access != Access::Write).then(|| Arc::clone(&self.watch));
            drop(state);
            self.database.submit(access, Box::new(WatchedJob { job, watch }));
        }
    }
}

impl Drop for TestStore {
    fn drop(&mut self) {
        self.database.close();
    }
}

struct WatchedJob {
    job: Box<dyn Job>,
    /// By whom the answer may be held back.
    watch: Option<Arc<Watch>>,
}

impl Job for WatchedJob {
    fn run(&mut self, unit_of_work: &mut dyn UnitOfWork) -> Outcome {
        self.job.run(unit_of_work)
    }

    fn finish(self: Box<Self>, result: Result<(), RepositoryError>) {
        if let Some(watch) = &self.watch {
            let mut state = watch.state.lock().unwrap();
            if state.hold_reads {
                state.answers.push((self.job, result));
                watch.has_held.notify_one();
                return;
            }
        }
        self.job.finish(result);
    }
}

/// A migrated file without rows of ours; migrated once for all tests of the process.
fn migrated() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let folder = tempdir().unwrap();
        let file = folder.path().join("taglink.db");
        migration::run(&sqlite(&file)).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left in a log beside it");
        fs::read(file).unwrap()
    })
}

fn sqlite(file: &std::path::Path) -> DatabaseUrl {
    DatabaseUrl::parse(&format!("sqlite:{}", file.display())).unwrap()
}
