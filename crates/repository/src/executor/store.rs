//! The store: queues, and the threads that empty them.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use taglink_domain::port::{Access, Job, Store};
use thiserror::Error;

use super::queue::Queue;
use super::reconnecting::{Connect, ReconnectingConnection};
use super::{group_writer, worker};
use crate::change_feed::FeedConfig;
use crate::connection::{Backend, DatabaseUrl, connect, connect_for_reading, on_own_thread};

/// The size of the executor.
#[derive(Clone, Copy, Debug)]
pub struct ExecutorConfig {
    /// Connections, each with a thread of its own; on SQLite the readers beside the one writer. At least 1.
    pub connections: usize,
    /// How many jobs may wait, for readers and the writer of SQLite each. At least 1.
    pub queue: usize,
    /// How long a job may wait before it is refused.
    pub deadline: Duration,
}

/// Why a store could not be opened. Never holds a password.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("cannot use the database {url}: {cause}")]
    Connect { url: Box<DatabaseUrl>, cause: String },
    #[error("cannot start a thread")]
    Thread(#[from] std::io::Error),
}

/// Runs jobs on threads that own their connection. Dropping it without [`DieselStore::close`] leaves the threads to
/// finish by themselves.
pub struct DieselStore {
    reads: Arc<Queue>,
    writes: Arc<Queue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl DieselStore {
    /// Starts the threads. The first connection is made at once, so that a wrong address is told here; the others
    /// when they are needed. Blocks.
    ///
    /// # Errors
    /// If the database cannot be reached or is not supported.
    pub fn open(url: &DatabaseUrl, config: ExecutorConfig) -> Result<Self, OpenError> {
        Self::open_with_feed(url, config, &FeedConfig::default())
    }

    /// [`DieselStore::open`], and writes the change feed so.
    ///
    /// # Errors
    /// If the database cannot be reached or is not supported.
    pub fn open_with_feed(
        url: &DatabaseUrl,
        config: ExecutorConfig,
        feed: &FeedConfig,
    ) -> Result<Self, OpenError> {
        on_own_thread(|| connect(url).map(drop))
            .map_err(|error| OpenError::Connect { url: Box::new(url.clone()), cause: error.to_string() })?;
        let backend = url.backend();
        let queue = || Arc::new(Queue::new(config.queue.max(1), config.deadline));
        let reads = queue();
        let writes = if backend == Backend::Sqlite { queue() } else { Arc::clone(&reads) };
        let store = Self { reads, writes, threads: Mutex::new(Vec::new()) };

        let reader_url = url.clone();
        let open_reader: Connect = Arc::new(move || connect_for_reading(&reader_url));
        let must_be_writable = url.must_be_writable();
        for _ in 0..config.connections.max(1) {
            let queue = Arc::clone(&store.reads);
            let connection =
                ReconnectingConnection::new(Arc::clone(&open_reader), feed.clone(), must_be_writable);
            store.spawn("database", move || worker::work(&queue, connection))?;
        }
        if backend == Backend::Sqlite {
            let (queue, url) = (Arc::clone(&store.writes), url.clone());
            let connection =
                ReconnectingConnection::new(Arc::new(move || connect(&url)), feed.clone(), false);
            store.spawn("writer", move || group_writer::work(&queue, connection))?;
        }
        store.spawn_reaper(config.deadline)?;
        Ok(store)
    }

    /// Refuses further jobs, lets the waiting ones finish, and waits for the threads. Blocks.
    pub fn close(&self) {
        self.close_queues();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A thread ends by panic only through a defect, which the panic hook has reported.
            drop(thread.join());
        }
    }

    fn close_queues(&self) {
        self.reads.close();
        self.writes.close();
    }

    fn spawn(&self, name: &str, body: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        let thread = thread::Builder::new().name(format!("taglink-{name}")).spawn(body)?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }

    /// Starts the thread that finishes jobs whose deadline passes while they wait. It ends with the queues.
    fn spawn_reaper(&self, deadline: Duration) -> std::io::Result<()> {
        let tick = (deadline / 20).clamp(Duration::from_millis(10), Duration::from_millis(250));
        let queues = [Arc::downgrade(&self.reads), Arc::downgrade(&self.writes)];
        // Not joined: it would delay the shutdown by a tick, and holds nothing.
        thread::Builder::new().name("taglink-reaper".into()).spawn(move || {
            while queues.iter().all(|queue| queue.upgrade().is_some_and(|queue| queue.expire(Instant::now())))
            {
                thread::sleep(tick);
            }
        })?;
        Ok(())
    }
}

impl Store for DieselStore {
    fn submit(&self, access: Access, job: Box<dyn Job>) {
        let queue = match access {
            Access::Read | Access::Snapshot => &self.reads,
            Access::Write => &self.writes,
        };
        queue.push(access, job);
    }
}

impl Drop for DieselStore {
    fn drop(&mut self) {
        self.close_queues();
    }
}
