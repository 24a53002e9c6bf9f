//! Reindexing beside the service.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use taglink_domain::port::RepositoryError;

use super::reindex::Reindexer;
use crate::connection::DatabaseUrl;

/// When to try again what has failed for a reason that may pass.
const RETRY: Duration = Duration::from_secs(10);

/// A thread that brings all links and tags up to date. Dropping it stops it after the transaction at hand.
pub struct Reindexing {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Reindexing {
    /// Starts it.
    ///
    /// # Errors
    /// If there can be no thread.
    pub fn start(url: &DatabaseUrl) -> io::Result<Self> {
        let (stop, is_stopped) = channel();
        let url = url.clone();
        let work = move || work(&url, &is_stopped);
        let thread = Builder::new().name("taglink-reindexing".into()).spawn(work)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Reindexing {
    fn drop(&mut self) {
        drop(self.stop.take());
        // It ends by panic only through a defect, which the panic hook has reported.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

fn work(url: &DatabaseUrl, stop: &Receiver<()>) {
    let mut reindexer = Reindexer::new();
    let mut wait = |time| stop.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    loop {
        match reindexer.run(url, &mut wait) {
            Ok(()) => return,
            Err(
                error @ (RepositoryError::Busy(_)
                | RepositoryError::MissingReference(_)
                | RepositoryError::Unavailable(_)
                | RepositoryError::NotWritable(_)),
            ) => tracing::warn!(%error, "cannot update the index of the search now"),
            Err(error) => {
                tracing::error!(%error, "cannot update the index of the search; some links may not be found");
                return;
            }
        }
        if !wait(RETRY) {
            return;
        }
    }
}
