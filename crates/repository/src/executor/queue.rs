//! A bounded first-in-first-out queue whose entries expire.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use taglink_domain::port::{Access, Job, RepositoryError};

/// A job that waits for its thread.
pub(super) struct Entry {
    pub(super) access: Access,
    pub(super) job: Box<dyn Job>,
    expires: Instant,
}

/// Jobs that wait: at most `capacity`, each at most `deadline` long.
pub(super) struct Queue {
    state: Mutex<State>,
    ready: Condvar,
    capacity: usize,
    deadline: Duration,
}

struct State {
    entries: VecDeque<Entry>,
    /// Threads that wait for a job; a wake-up costs a system call, so it is spared where nobody sleeps.
    idle: usize,
    closed: bool,
}

impl Queue {
    pub(super) fn new(capacity: usize, deadline: Duration) -> Self {
        let state = State { entries: VecDeque::with_capacity(capacity), idle: 0, closed: false };
        Self { state: Mutex::new(state), ready: Condvar::new(), capacity, deadline }
    }

    /// Queues a job; one that finds the queue full or closed is finished at once.
    pub(super) fn push(&self, access: Access, job: Box<dyn Job>) {
        let mut state = self.lock();
        let refusal = if state.closed {
            RepositoryError::Unavailable("the store is shutting down".into())
        } else if state.entries.len() >= self.capacity {
            RepositoryError::Busy("the queue is full".into())
        } else {
            state.entries.push_back(Entry { access, job, expires: Instant::now() + self.deadline });
            let is_awaited = state.idle > 0;
            drop(state);
            if is_awaited {
                self.ready.notify_one();
            }
            return;
        };
        drop(state);
        job.finish(Err(refusal));
    }

    /// Takes the oldest job, waiting for one; nothing once the queue is closed and empty.
    pub(super) fn pop(&self) -> Option<Entry> {
        let mut state = self.lock();
        loop {
            if let Some(entry) = state.entries.pop_front() {
                return Some(entry);
            }
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    /// Takes up to `most` jobs, oldest first, without waiting.
    pub(super) fn take(&self, most: usize) -> Vec<Entry> {
        let mut state = self.lock();
        let count = state.entries.len().min(most);
        state.entries.drain(..count).collect()
    }

    /// Finishes the jobs whose time is over, which may be while every thread is stuck with a dead server. False once
    /// the queue is closed and empty.
    pub(super) fn expire(&self, now: Instant) -> bool {
        let mut expired = Vec::new();
        let mut state = self.lock();
        // All entries wait equally long, so the oldest expires first.
        while let Some(entry) = state.entries.pop_front_if(|entry| entry.expires <= now) {
            expired.push(entry);
        }
        let open = !state.closed || !state.entries.is_empty();
        drop(state);
        for entry in expired {
            entry.job.finish(Err(RepositoryError::Busy("waited too long in the queue".into())));
        }
        open
    }

    /// Refuses further jobs; those that wait are still done.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.ready.notify_all();
    }

    /// No code that can panic runs under the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, Sender, channel};

    use taglink_domain::port::{Outcome, UnitOfWork};

    use super::*;

    struct Probe(Sender<Result<(), RepositoryError>>);

    impl Job for Probe {
        fn run(&mut self, _: &mut dyn UnitOfWork) -> Outcome {
            Outcome::Commit
        }
        fn finish(self: Box<Self>, result: Result<(), RepositoryError>) {
            self.0.send(result).unwrap();
        }
    }

    fn push(queue: &Queue) -> Receiver<Result<(), RepositoryError>> {
        let (sender, receiver) = channel();
        queue.push(Access::Read, Box::new(Probe(sender)));
        receiver
    }

    #[test]
    fn a_full_queue_refuses_at_once() {
        let queue = Queue::new(2, Duration::from_mins(1));
        let waiting = [push(&queue), push(&queue)];
        assert!(matches!(push(&queue).try_recv(), Ok(Err(RepositoryError::Busy(_)))));
        assert!(waiting.iter().all(|receiver| receiver.try_recv().is_err()), "those queued still wait");
    }

    #[test]
    fn a_job_that_waited_too_long_is_finished_without_a_thread() {
        let queue = Queue::new(9, Duration::from_mins(1));
        let waiting = push(&queue);
        queue.expire(Instant::now());
        assert!(waiting.try_recv().is_err(), "not yet");
        queue.expire(Instant::now() + Duration::from_secs(61));
        assert!(matches!(waiting.try_recv(), Ok(Err(RepositoryError::Busy(_)))));
        assert!(queue.take(9).is_empty());
    }

    #[test]
    fn closing_lets_waiting_jobs_finish_and_refuses_new_ones() {
        let queue = Arc::new(Queue::new(9, Duration::from_mins(1)));
        let waiting = push(&queue);
        queue.close();
        assert!(matches!(push(&queue).try_recv(), Ok(Err(RepositoryError::Unavailable(_)))));
        queue.pop().unwrap().job.finish(Ok(()));
        assert_eq!(waiting.try_recv(), Ok(Ok(())));
        assert!(queue.pop().is_none());
    }
}
