//! The change feed, numbered by those who read it.
//!
//! A transaction notes what it stores and removes as rows of `change_pending` ([`pending`]), without a number and
//! without a lock, so writers of one account do not wait for each other. Whoever reads the feed first gives numbers to
//! the pending rows that it can see ([`numbering`]) and then reads them ([`reading`]): what commits later is seen later
//! and gets higher numbers, so there are no gaps and nothing is missed.

mod numbering;
mod pending;
mod reading;
mod retention;

use std::fmt;
use std::sync::Arc;

use chrono::TimeDelta;
use taglink_domain::model::{Clock, SystemClock, Timestamp};

pub(crate) use self::pending::{ChangeKind, PendingChanges, Row};
use crate::dialect::DbTime;

/// How the change feed is written.
#[derive(Clone)]
pub struct FeedConfig {
    /// The time of changes.
    pub clock: Arc<dyn Clock>,
    /// For how long changes are kept at least; `None` for ever.
    pub retention: Option<TimeDelta>,
}

/// The machine's clock, and nothing is removed.
impl Default for FeedConfig {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), retention: None }
    }
}

impl fmt::Debug for FeedConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedConfig").field("retention", &self.retention).finish_non_exhaustive()
    }
}

/// The change feed of a connection.
pub(crate) struct ChangeFeed {
    config: FeedConfig,
    /// The time of the changes of the present job.
    now: Option<Timestamp>,
    /// How many changes this connection has noted since it last looked for pending ones that nobody reads.
    noted: usize,
}

impl ChangeFeed {
    pub(crate) fn new(config: FeedConfig) -> Self {
        Self { config, now: None, noted: 0 }
    }

    /// To be called before a job begins.
    pub(crate) fn begin_job(&mut self) {
        self.now = None;
    }

    /// The time of the changes of the present job: that of the first of them.
    pub(crate) fn now(&mut self) -> DbTime {
        DbTime::of(*self.now.get_or_insert_with(|| self.config.clock.now()))
    }
}
