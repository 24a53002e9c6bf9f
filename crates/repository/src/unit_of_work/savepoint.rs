//! Savepoints: how a part of a transaction is undone.

use taglink_domain::port::{RepositoryError, Result};

use super::DbUnitOfWork;
use crate::error::execute;

impl DbUnitOfWork {
    pub(super) fn push_savepoint(&mut self) -> Result<()> {
        // By its depth, because on MariaDB a second one of the same name replaces the first.
        self.run(&format!("SAVEPOINT point_{}", self.savepoints.len()))?;
        self.savepoints.push(self.failure.clone());
        Ok(())
    }

    pub(super) fn undo_savepoint(&mut self) -> Result<()> {
        let (failure, depth) = self.pop_savepoint()?;
        self.run(&format!("ROLLBACK TO SAVEPOINT point_{depth}; RELEASE SAVEPOINT point_{depth}"))?;
        self.failure = failure;
        Ok(())
    }

    pub(super) fn drop_savepoint(&mut self) -> Result<()> {
        let (_, depth) = self.pop_savepoint()?;
        self.run(&format!("RELEASE SAVEPOINT point_{depth}"))
    }

    fn pop_savepoint(&mut self) -> Result<(Option<RepositoryError>, usize)> {
        let savepoint = self.savepoints.pop();
        let missing = || RepositoryError::Internal("there is no savepoint".into());
        let result = savepoint.map(|failure| (failure, self.savepoints.len())).ok_or_else(missing);
        self.remember(result)
    }

    fn run(&mut self, sql: &str) -> Result<()> {
        let result = execute(&mut self.connection, sql);
        self.remember(result)
    }
}
