//! The database that a command works on, past the service.

use std::future::Future;
use std::io;
use std::sync::Arc;

use taglink_domain::model::Owner;
use taglink_domain::port::Store;
use taglink_repository::migration;

use super::arguments::WhoseLinks;
use super::error::{CliError, refuse_missing};
use super::serve::open_store;
use crate::settings::{DatabaseSettings, Settings};

/// What becomes of an SQLite file that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    IsMade,
    IsRefused,
}

/// Runs `work` with the store of a database that is up to date, and closes it.
pub(super) fn with_store<T, F: Future<Output = Result<T, CliError>>>(
    settings: &Settings,
    missing: Missing,
    work: impl FnOnce(Arc<dyn Store>) -> F,
) -> Result<T, CliError> {
    let url = &settings.database.url;
    if missing == Missing::IsMade && url.sqlite_path().is_some_and(|path| !path.exists()) {
        migration::run(url)?;
    }
    refuse_missing(url)?;
    migration::require_current(url)?;
    let database = DatabaseSettings { connections: 1, ..settings.database.clone() };
    let store = open_store(&database, settings.change)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let result = runtime.map_err(CliError::Output).and_then(|runtime| runtime.block_on(work(store.clone())));
    store.close();
    result
}

/// Whose links are meant, and how that is told.
pub(super) async fn owner(store: &dyn Store, whose: &WhoseLinks) -> Result<(Owner, String), CliError> {
    let Some(email) = &whose.account else {
        return Ok((Owner::shared(), "the shared account".to_owned()));
    };
    let key = email.key().to_owned();
    let account = store.read(move |uow| uow.account_by_email(&key)).await?;
    let account = account.ok_or_else(|| CliError::NoAccount(email.as_str().to_owned()))?;
    Ok((Owner::chosen(account.id.into()), account.email))
}

/// An error of the file system, with the file.
pub(super) fn of_file(file: &std::path::Path) -> impl Fn(io::Error) -> CliError {
    move |source| CliError::File { file: file.display().to_string(), source }
}
