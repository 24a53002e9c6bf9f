//! A connection that is opened again when it is lost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use taglink_domain::port::RepositoryError;

use crate::change_feed::FeedConfig;
use crate::connection::{AnyConnection, ConnectError, DatabaseUrl, connect};
use crate::unit_of_work::DbUnitOfWork;

/// How long to wait before trying again to reach a server that did not answer; meanwhile jobs fail at once.
const RECONNECT_PAUSE: Duration = Duration::from_millis(100);

/// Opens a connection.
pub(super) type Connect = Arc<dyn Fn() -> Result<AnyConnection, ConnectError> + Send + Sync>;

/// A connection that is opened again when it is lost.
pub(crate) struct ReconnectingConnection {
    connect: Connect,
    feed: FeedConfig,
    /// Whether a server that does not take writes any more is left for another.
    pub(super) must_be_writable: bool,
    unit_of_work: Option<DbUnitOfWork>,
    last_failure: Option<(Instant, RepositoryError)>,
}

impl ReconnectingConnection {
    pub(super) fn new(connect: Connect, feed: FeedConfig, must_be_writable: bool) -> Self {
        Self { connect, feed, must_be_writable, unit_of_work: None, last_failure: None }
    }

    /// Opens a connection at once.
    pub(crate) fn open(url: &DatabaseUrl) -> Result<Self, ConnectError> {
        let (must_be_writable, url) = (url.must_be_writable(), url.clone());
        let mut new = Self::new(Arc::new(move || connect(&url)), FeedConfig::default(), must_be_writable);
        new.unit_of_work = Some(DbUnitOfWork::new((new.connect)()?, new.feed.clone()));
        Ok(new)
    }

    /// A unit of work on the connection, which is opened first if it is not open.
    ///
    /// # Errors
    /// If the database cannot be reached, or could not be reached a moment ago.
    pub(crate) fn unit_of_work(&mut self) -> Result<&mut DbUnitOfWork, RepositoryError> {
        if self.unit_of_work.is_none() {
            if let Some((at, error)) = &self.last_failure
                && at.elapsed() < RECONNECT_PAUSE
            {
                return Err(error.clone());
            }
            match (self.connect)() {
                Ok(connection) => self.unit_of_work = Some(DbUnitOfWork::new(connection, self.feed.clone())),
                Err(error) => {
                    let error = RepositoryError::from(error);
                    self.last_failure = Some((Instant::now(), error.clone()));
                    return Err(error);
                }
            }
        }
        self.unit_of_work.as_mut().ok_or_else(|| RepositoryError::Internal("no connection".into()))
    }

    /// Drops the connection; the next job opens another.
    pub(super) fn cut(&mut self) {
        self.unit_of_work = None;
    }
}
