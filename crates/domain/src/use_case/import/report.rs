//! What became of an import, row by row.

/// What became of an import, or of a part of one. `created + merged + unchanged + failed` are the `rows`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Whether nothing was stored.
    pub dry_run: bool,
    /// Links, and rows that could not be read.
    pub rows: usize,
    /// Links that are new.
    pub created: usize,
    /// Links that were there, or came earlier in the file, and got something from this row.
    pub merged: usize,
    /// Links that were there and lacked nothing of it.
    pub unchanged: usize,
    /// Rows that were skipped.
    pub failed: usize,
    /// Tags that are new.
    pub tags_created: usize,
    /// Tags that links did not have before.
    pub taglinks_created: usize,
    /// What else is to be told, in the order in which it was met; not all of it if there is much.
    pub problems: Vec<Problem>,
    /// How many problems more there were.
    pub problems_left_out: usize,
}

/// Something to be told of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands in the file.
    pub row: usize,
    pub message: String,
    /// Whether the row was skipped; else it was taken, but not quite as it is.
    pub skipped: bool,
}

impl ImportReport {
    /// How many problems are told.
    pub const MAX_PROBLEMS: usize = 1000;

    /// A row was skipped.
    pub fn skip(&mut self, row: usize, message: impl Into<String>) {
        self.rows += 1;
        self.failed += 1;
        self.tell(row, message, true);
    }

    /// A row was taken, but not quite as it is.
    pub fn note(&mut self, row: usize, message: impl Into<String>) {
        self.tell(row, message, false);
    }

    /// Adds what became of another part.
    pub(super) fn add(&mut self, part: Self) {
        self.rows += part.rows;
        self.created += part.created;
        self.merged += part.merged;
        self.unchanged += part.unchanged;
        self.failed += part.failed;
        self.tags_created += part.tags_created;
        self.taglinks_created += part.taglinks_created;
        self.problems_left_out += part.problems_left_out;
        for Problem { row, message, skipped } in part.problems {
            self.tell(row, message, skipped);
        }
    }

    /// The problems, in the order of their rows.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.problems.sort_by_key(|problem| problem.row);
        self
    }

    fn tell(&mut self, row: usize, message: impl Into<String>, skipped: bool) {
        if self.problems.len() < Self::MAX_PROBLEMS {
            self.problems.push(Problem { row, message: message.into(), skipped });
        } else {
            self.problems_left_out += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_problems_are_told_and_the_others_counted() {
        let mut report = ImportReport::default();
        for row in 0..1005 {
            report.skip(row, "bad");
        }
        assert_eq!((report.rows, report.failed), (1005, 1005));
        assert_eq!((report.problems.len(), report.problems_left_out), (1000, 5));
    }
}
