//! Logging in.

mod race;
mod refusal;
mod scope;
mod stored_hash;
mod success;

use std::time::Duration;

use taglink_auth::service::LoginError;
use tokio::time::Instant;

use crate::setting::{FLOOR, Setting};

/// What an attempt was answered with and how long it took.
async fn timed(setting: &Setting, username: &str, password: &str, scope: &str) -> (LoginError, Duration) {
    let start = Instant::now();
    let error = setting.login_for_scope(username, password, scope).await.unwrap_err();
    (error, start.elapsed())
}

/// The floor, and not the time of the work on top of it. The tests' time is paused: it passes only while all wait.
fn is_floor(took: Duration) -> bool {
    (FLOOR..FLOOR + Duration::from_secs(10)).contains(&took)
}
