//! What happens while somebody logs in.

use taglink_auth::password::HashingLimits;
use taglink_auth::service::{AuthConfig, LoginError};
use taglink_domain::model::{AccountChange, AccountScope, IdRef, PageRequest, Subject, UserChange};
use taglink_domain::port::{RepositoryError, UnitOfWork};
use taglink_domain::use_case::{accounts, sessions, users};
use tokio::task::yield_now;
use tokio::time::Instant;

use super::is_floor;
use crate::occupied;
use crate::setting::{ADMIN, EMAIL, PASSWORD, Setting, USERNAME, config, hashed_password};

/// What can happen to somebody who is about to log in.
type Change = fn(&mut dyn UnitOfWork, Subject, &Setting);

fn change_user(uow: &mut dyn UnitOfWork, subject: Subject, change: &UserChange, setting: &Setting) {
    let Subject::User(id) = subject else { unreachable!() };
    users::change(uow, &id.into(), change, setting.now()).unwrap();
}

const OF_USERS: [(&str, Change); 5] = [
    ("the password is changed", |uow, subject, setting| {
        let hashed_password = Some(hashed_password().to_owned());
        change_user(uow, subject, &UserChange { hashed_password, ..UserChange::default() }, setting);
    }),
    ("disabled", |uow, subject, setting| {
        change_user(uow, subject, &UserChange { disabled: Some(true), ..UserChange::default() }, setting);
    }),
    ("demoted", |uow, subject, setting| {
        change_user(uow, subject, &UserChange { is_admin: Some(false), ..UserChange::default() }, setting);
    }),
    ("removed", |uow, subject, _| {
        let Subject::User(id) = subject else { unreachable!() };
        users::remove(uow, &id.into()).unwrap();
    }),
    ("logged out everywhere", |uow, subject, setting| {
        assert_eq!(sessions::end_all(uow, subject, setting.now()), Ok(true));
    }),
];

const OF_ACCOUNTS: [(&str, Change); 3] = [
    ("the password is changed", |uow, subject, setting| {
        let Subject::Account(id) = subject else { unreachable!() };
        let hashed_password = Some(hashed_password().to_owned());
        let change = AccountChange { hashed_password, ..AccountChange::default() };
        accounts::change(uow, AccountScope::All, &id.into(), &change, setting.now()).map(drop).unwrap();
    }),
    ("removed", |uow, subject, setting| {
        let Subject::Account(id) = subject else { unreachable!() };
        let begun = accounts::begin_deletion(uow, AccountScope::All, &IdRef::from(id), setting.now());
        assert_eq!(begun, Ok(true));
    }),
    ("logged out everywhere", |uow, subject, setting| {
        assert_eq!(sessions::end_all(uow, subject, setting.now()), Ok(true));
    }),
];

#[tokio::test(start_paused = true)]
async fn a_subject_that_changes_after_its_password_was_checked_is_not_logged_in() {
    let admins = OF_USERS.iter().map(|change| (ADMIN, "admin", change));
    let plain = OF_USERS.iter().map(|change| (ADMIN, "", change));
    let accounts = OF_ACCOUNTS.iter().map(|change| (EMAIL, "account", change));
    for (name, scope, (event, change)) in admins.chain(plain).chain(accounts) {
        let setting = Setting::new();
        let subject = if name == EMAIL { setting.account } else { setting.admin };
        setting.store.state().hold_writes = true;
        let start = Instant::now();
        let during = async {
            setting.store.held(1).await;
            let committed = setting.store.elsewhere(|uow| {
                change(uow, subject, &setting);
                Ok::<_, RepositoryError>(())
            });
            committed.unwrap();
            setting.store.release();
        };
        let (result, ()) = tokio::join!(setting.login_for_scope(name, PASSWORD, scope), during);
        let for_scope = !scope.is_empty();
        assert_eq!(
            result.map(drop),
            Err(LoginError::IncorrectCredentials { for_scope }),
            "{name} {scope:?}: {event}"
        );
        assert!(is_floor(start.elapsed()), "{event}");
        let sessions = setting.store.elsewhere::<_, RepositoryError>(|uow| {
            uow.sessions(subject, setting.now(), &PageRequest::default())
        });
        assert_eq!(sessions.unwrap().items, [], "{event}");
    }
}

#[test]
fn logins_beyond_the_queue_are_turned_away_at_once_and_later_let_in() {
    occupied::run(async {
        let release = occupied::occupy();
        let hashing = HashingLimits { permits: 1, waiting: 1 };
        let setting = Setting::with(AuthConfig { hashing, ..config() }, hashed_password());
        setting.store.state().hold_reads = true;
        let during = async {
            setting.store.held(3).await;
            setting.store.release();
            // All three go on until they wait.
            yield_now().await;
            yield_now().await;
            drop(release);
        };
        let login = || setting.login(USERNAME, PASSWORD);
        let (first, second, third, ()) = tokio::join!(login(), login(), login(), during);
        let results = [first, second, third].map(|result| result.map(drop));
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 2, "{results:?}");
        assert!(results.contains(&Err(LoginError::Overloaded)), "{results:?}");
        assert!(setting.login(USERNAME, PASSWORD).await.is_ok());
    });
}

#[tokio::test]
async fn a_failure_of_the_storage_is_no_refusal() {
    let setting = Setting::new();
    let failure = RepositoryError::Unavailable("gone".into());
    setting.store.state().failure = Some(failure.clone());
    let result = setting.login(USERNAME, PASSWORD).await.map(drop);
    assert_eq!(result, Err(LoginError::Repository(failure)));
}

#[tokio::test]
async fn without_a_session_there_is_no_login() {
    let setting = Setting::new();
    let failure = RepositoryError::NotWritable("read only".into());
    setting.store.state().fail_writes = Some(failure.clone());
    let result = setting.login(USERNAME, PASSWORD).await.map(drop);
    assert_eq!(result, Err(LoginError::Repository(failure)));
    assert_eq!(setting.store.writes(), 1);
}
