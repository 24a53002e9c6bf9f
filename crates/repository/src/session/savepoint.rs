//! Savepoints: how a part of a transaction is undone.

use taglink_domain::port::{RepositoryError, Result};

use super::Session;
use super::noted::Noted;

/// What a session knew when a savepoint was set.
///
/// Everything that a session knows of its transaction and the database does not, belongs in here, so that
/// [`Session::recall`] can put it back: also locks that it believes to hold, because they go with what is undone.
pub(super) struct Savepoint {
    failure: Option<RepositoryError>,
    /// What had been changed before.
    noted: Noted,
    /// How many accounts were held.
    held: usize,
}

impl Session {
    fn remember_all(&mut self) -> Savepoint {
        Savepoint {
            failure: self.failure.clone(),
            noted: std::mem::take(&mut self.noted),
            held: self.held.len(),
        }
    }

    /// Knows again what it knew then.
    fn recall(&mut self, Savepoint { failure, noted, held }: Savepoint) {
        self.failure = failure;
        self.noted = noted;
        self.held.truncate(held);
    }

    /// Adds what it has learnt since to what it knew then.
    fn keep(&mut self, savepoint: Savepoint) {
        let mut later = std::mem::replace(&mut self.noted, savepoint.noted);
        self.noted.append(&mut later);
    }

    pub(super) fn push_savepoint(&mut self) -> Result<()> {
        // By its depth, because on MariaDB a second one of the same name replaces the first.
        let result = self.execute(&format!("SAVEPOINT point_{}", self.savepoints.len()));
        self.remember(result)?;
        let savepoint = self.remember_all();
        self.savepoints.push(savepoint);
        Ok(())
    }

    pub(super) fn undo_savepoint(&mut self) -> Result<()> {
        let (savepoint, depth) = self.pop_savepoint()?;
        let sql = format!("ROLLBACK TO SAVEPOINT point_{depth}; RELEASE SAVEPOINT point_{depth}");
        let result = self.execute(&sql);
        self.remember(result)?;
        self.recall(savepoint);
        Ok(())
    }

    pub(super) fn drop_savepoint(&mut self) -> Result<()> {
        let (savepoint, depth) = self.pop_savepoint()?;
        let result = self.execute(&format!("RELEASE SAVEPOINT point_{depth}"));
        self.remember(result)?;
        self.keep(savepoint);
        Ok(())
    }

    fn pop_savepoint(&mut self) -> Result<(Savepoint, usize)> {
        let savepoint = self.savepoints.pop();
        let missing = || RepositoryError::Internal("there is no savepoint".into());
        let result = savepoint.map(|savepoint| (savepoint, self.savepoints.len())).ok_or_else(missing);
        self.remember(result)
    }
}
