//! A clock that is set by hand.

use std::sync::atomic::{AtomicI64, Ordering};

use taglink_domain::model::{Clock, Timestamp};

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const DAY: i64 = 24 * 60 * MINUTE;

pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that stands a quarter of a second behind a whole second.
    pub(crate) fn new() -> Self {
        Self(AtomicI64::new(1_700_000_000_250_000))
    }

    pub(crate) fn advance_micros(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    pub(crate) fn set(&self, now: Timestamp) {
        self.0.store(now.micros(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }
}
