//! Migrations: embedded, and run under a lock that holds across processes, because several replicas may start at once.
//!
//! Everything here blocks and works on a short-lived thread of its own.

mod lock;

use std::collections::BTreeMap;

use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use taglink_domain::port::{RepositoryError, UnitOfWork};
use thiserror::Error;

use self::lock::{Locked, under_lock};
use crate::connection::{AnyConnection, Backend, DatabaseUrl, MultiBackend, on_own_thread};
use crate::executor::{ReconnectingConnection, in_transaction, with_unit_of_work};
use crate::unit_of_work::DbUnitOfWork;

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
const MARIADB: EmbeddedMigrations = embed_migrations!("../../migrations/mariadb");

/// Why migrating failed. Never holds a password.
#[derive(Debug, Error)]
pub enum MigrationError {
    #[error("cannot use the database {url}: {cause}")]
    Connect { url: DatabaseUrl, cause: String },
    #[error("another process has held the migration lock for 60 s")]
    Locked,
    #[error("another process has taken over the migration lock, because this one was silent for too long")]
    LostLock,
    #[error("the database is not up to date: run `taglink migrate run`")]
    Pending,
    #[error(
        "the database was made by an unreleased earlier build of taglink (migration {0}), which this one cannot read: \
         use an empty database, and bring the data over with that build's `taglink export` and `taglink import`"
    )]
    Obsolete(String),
    #[error("the database was migrated by a newer taglink (migration {0}): run that version or a later one")]
    Newer(String),
    #[error("the database holds tables that are not taglink's ({0}): use an empty database")]
    ForeignTables(String),
    #[error("a migration failed: {0}")]
    Failed(String),
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl From<diesel::result::Error> for MigrationError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// A migration, and its state in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its name; of one that this program does not have, only the version.
    pub name: String,
    pub state: MigrationState,
}

/// The state of a migration in a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationState {
    Pending,
    Applied,
    /// Applied by an earlier build whose databases cannot be used any more.
    Obsolete,
    /// Applied by a newer program.
    Newer,
}

/// Applies what is pending, and says what that was. Blocks, as everything here does.
///
/// # Errors
/// If the database cannot be reached or a migration fails.
pub fn run(url: &DatabaseUrl) -> Result<Vec<String>, MigrationError> {
    under_lock(url, |locked| run_pending(locked, url.backend()))
}

/// Undoes the latest migration and says which that was; nothing if there is none.
///
/// # Errors
/// If the database cannot be reached or the migration fails.
pub fn revert(url: &DatabaseUrl) -> Result<Option<String>, MigrationError> {
    under_lock(url, |locked| {
        let uow = locked.unit_of_work()?;
        let before = statuses(uow, url.backend())?;
        let Some(latest) = before.into_iter().rfind(|migration| migration.state == MigrationState::Applied)
        else {
            return Ok(None);
        };
        uow.connection().revert_last_migration(source(url.backend())).map_err(failed)?;
        Ok(Some(latest.name))
    })
}

/// Every migration, oldest first, and whether the database has it.
///
/// # Errors
/// If the database cannot be reached.
pub fn status(url: &DatabaseUrl) -> Result<Vec<MigrationStatus>, MigrationError> {
    on_own_thread(|| statuses(open(url)?.unit_of_work()?, url.backend()))
}

/// Checks that the database has exactly the migrations of this program.
///
/// # Errors
/// If the database cannot be reached, or it does not.
pub fn require_current(url: &DatabaseUrl) -> Result<(), MigrationError> {
    on_own_thread(|| refuse_pending(open(url)?.unit_of_work()?, url.backend()))
}

/// Makes the database ready to be served: migrates it unless `migrate` is off, then runs `then` in a write transaction,
/// all under the migration lock.
///
/// # Errors
/// If the database cannot be reached, a migration fails or is pending, or `then` fails.
pub fn prepare<T: Send>(
    url: &DatabaseUrl,
    migrate: bool,
    mut then: impl FnMut(&mut dyn UnitOfWork) -> Result<T, RepositoryError> + Send,
) -> Result<T, MigrationError> {
    let prepared = under_lock(url, |locked| {
        if migrate {
            run_pending(locked, url.backend())?;
        } else {
            refuse_pending(locked.unit_of_work()?, url.backend())?;
        }
        match url.backend() {
            // The lock is a write transaction already.
            Backend::Sqlite => {
                let uow = locked.unit_of_work()?;
                uow.begin_job(true);
                Ok(then(uow)?)
            }
            Backend::Postgres | Backend::Mariadb => {
                Ok(in_transaction(&mut locked.connection, |uow| then(uow))?)
            }
        }
    });
    match prepared {
        // A standby, on which there is nothing to do.
        Err(MigrationError::Repository(RepositoryError::NotWritable(_))) if !migrate => {
            require_current(url)?;
            Ok(with_unit_of_work(url, then)?)
        }
        prepared => prepared,
    }
}

fn source(backend: Backend) -> EmbeddedMigrations {
    match backend {
        Backend::Sqlite => SQLITE,
        Backend::Postgres => POSTGRES,
        Backend::Mariadb => MARIADB,
    }
}

fn open(url: &DatabaseUrl) -> Result<ReconnectingConnection, MigrationError> {
    ReconnectingConnection::open(url)
        .map_err(|error| MigrationError::Connect { url: url.clone(), cause: error.to_string() })
}

fn run_pending(locked: &mut Locked, backend: Backend) -> Result<Vec<String>, MigrationError> {
    let uow = locked.unit_of_work()?;
    known_statuses(uow, backend)?;
    refuse_foreign_tables(uow.connection())?;
    let mut names = Vec::new();
    loop {
        locked.renew()?;
        let connection = locked.unit_of_work()?.connection();
        let pending = connection.pending_migrations(source(backend)).map_err(failed)?;
        let Some(next) = pending.first() else { return Ok(names) };
        connection.run_migration(next).map_err(failed)?;
        names.push(next.name().to_string());
    }
}

fn refuse_pending(uow: &mut DbUnitOfWork, backend: Backend) -> Result<(), MigrationError> {
    let is_pending = known_statuses(uow, backend)?.iter().any(MigrationStatus::is_pending);
    if is_pending { Err(MigrationError::Pending) } else { Ok(()) }
}

impl MigrationStatus {
    /// Whether the database does not have it yet.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.state == MigrationState::Pending
    }
}

/// [`statuses`], unless the database has migrations that this program does not know.
fn known_statuses(uow: &mut DbUnitOfWork, backend: Backend) -> Result<Vec<MigrationStatus>, MigrationError> {
    let all = statuses(uow, backend)?;
    match all
        .iter()
        .find(|migration| matches!(migration.state, MigrationState::Obsolete | MigrationState::Newer))
    {
        None => Ok(all),
        Some(MigrationStatus { name, state: MigrationState::Newer }) => {
            Err(MigrationError::Newer(name.clone()))
        }
        Some(MigrationStatus { name, .. }) => Err(MigrationError::Obsolete(name.clone())),
    }
}

/// Looks for tables of the same names that something else has made: those without a column that ours have and others
/// hardly. MariaDB cannot undo half a migration, and `IF NOT EXISTS` would take them for ours; the other databases
/// refuse by themselves and undo everything.
fn refuse_foreign_tables(connection: &mut AnyConnection) -> Result<(), MigrationError> {
    const SQL: &str = "(SELECT GROUP_CONCAT(t.table_name ORDER BY t.table_name SEPARATOR ', ') \
        FROM information_schema.tables t JOIN (SELECT 'account' AS table_name, 'hashed_password' AS mark \
        UNION ALL VALUES ('user', 'username_key'), ('link', 'url_hash'), ('tag', 'name_key'), \
        ('taglink', 'link_created_at'), ('session', 'last_used_at'), ('refresh_token', 'predecessor'), \
        ('api_token', 'api_token_id'), ('login_origin', 'last_login_at'), \
        ('idempotency', 'request_hash'), ('change', 'changed_at'), ('change_head', 'seq'), ('account_lock', 'account_id'), \
        ('change_pending', 'removed'), ('link_term', 'link_created_at'), ('tag_term', 'term')) ours \
        ON ours.table_name = t.table_name \
        WHERE t.table_schema = DATABASE() \
        AND NOT EXISTS (SELECT 1 FROM information_schema.columns c WHERE c.table_schema = t.table_schema \
        AND c.table_name = t.table_name AND c.column_name = ours.mark))";
    let AnyConnection::Mariadb(inner) = connection else { return Ok(()) };
    let foreign: Option<String> =
        diesel::select(diesel::dsl::sql::<Nullable<Text>>(SQL)).get_result(inner)?;
    foreign.map_or(Ok(()), |tables| Err(MigrationError::ForeignTables(tables)))
}

/// The migrations that this program or the database has, oldest first.
fn statuses(uow: &mut DbUnitOfWork, backend: Backend) -> Result<Vec<MigrationStatus>, MigrationError> {
    let applied: Vec<MigrationVersion<'_>> = uow.connection().applied_migrations().map_err(failed)?;
    let known = MigrationSource::<MultiBackend>::migrations(&source(backend)).map_err(failed)?;
    let known: BTreeMap<_, _> = known
        .iter()
        .map(|migration| (migration.name().version().as_owned(), migration.name().to_string()))
        .collect();
    let newest = known.keys().next_back();
    let foreign = applied.iter().filter(|version| !known.contains_key(version)).map(|version| {
        let is_newer = newest.is_none_or(|newest| *version > *newest);
        let state = if is_newer { MigrationState::Newer } else { MigrationState::Obsolete };
        (version.to_string(), MigrationStatus { name: version.to_string(), state })
    });
    let own = known.iter().map(|(version, name)| {
        let is_applied = applied.contains(version);
        let state = if is_applied { MigrationState::Applied } else { MigrationState::Pending };
        (version.to_string(), MigrationStatus { name: name.clone(), state })
    });
    let all: BTreeMap<String, MigrationStatus> = foreign.chain(own).collect();
    Ok(all.into_values().collect())
}

#[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> MigrationError {
    MigrationError::Failed(error.to_string())
}
