//! How far long work has come: a bar on the standard error stream, if that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for work of a known length.
pub(super) fn bar(doing: &'static str, length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len}, {eta} left");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
    ProgressBar::new(length).with_style(style).with_message(doing)
}

/// A bar for a file that is read.
pub(super) fn bytes(doing: &'static str, length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} [{bar:40}] {bytes}/{total_bytes}, {eta} left");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
    ProgressBar::new(length).with_style(style).with_message(doing)
}

/// A counter for work of which nobody knows how much it is.
pub(super) fn counter(doing: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} {pos}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
    let counter = ProgressBar::new_spinner().with_style(style).with_message(doing);
    counter.enable_steady_tick(Duration::from_millis(200));
    counter
}
