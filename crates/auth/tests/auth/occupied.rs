//! A hasher that is occupied for as long as a test wants.

use std::sync::mpsc;

use tokio::runtime::Builder;
use tokio::task::spawn_blocking;

/// Runs a test in a runtime with a single thread for hashing, and with paused time.
pub(crate) fn run(test: impl Future<Output = ()>) {
    let mut runtime = Builder::new_current_thread();
    runtime.enable_all().start_paused(true).max_blocking_threads(1);
    runtime.build().unwrap().block_on(test);
}

/// Lets nothing be hashed until the sender is dropped. The time stands still meanwhile.
pub(crate) fn occupy() -> mpsc::Sender<()> {
    let (release, occupied) = mpsc::channel();
    drop(spawn_blocking(move || occupied.recv()));
    release
}
