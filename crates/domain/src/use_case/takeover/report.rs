//! What was taken over.

use std::fmt;

/// What became of a takeover.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakeoverReport {
    /// Whether everything was undone.
    pub dry_run: bool,
    pub users: Counts,
    pub accounts: Counts,
    pub tags: Counts,
    pub links: Counts,
    pub taglinks: Counts,
    /// Everything that is not as it was: what was skipped, merged, or got another id.
    pub problems: Vec<String>,
    /// How many more there were.
    pub problems_left_out: usize,
}

/// How many rows of a table there were, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub read: usize,
    /// New here.
    pub stored: usize,
    /// There already, or twice in the source.
    pub merged: usize,
    pub skipped: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { read, stored, merged, skipped } = self;
        write!(f, "{read:>7} read {stored:>7} stored {merged:>7} merged {skipped:>7} skipped")
    }
}
