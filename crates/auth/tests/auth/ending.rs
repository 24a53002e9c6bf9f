//! What ends which credential: the table of docs/AUTH.md, told on this process and done by another.

use taglink_auth::service::{AuthenticateError, NewApiToken, RefreshError, Tokens};
use taglink_domain::model::{AccountChange, AccountScope, Email, PageRequest, Subject, UserChange};
use taglink_domain::port::{RepositoryError, UnitOfWork};
use taglink_domain::use_case::{accounts, sessions, users};

use crate::clock::SECOND;
use crate::setting::{PASSWORD, Setting, config, hashed_password, insert_account, insert_user, shown};

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    SessionEnded,
    LoggedOutEverywhere,
    OwnPasswordChanged,
    PasswordSetByAdmin,
    Disabled,
    Demoted,
    Removed,
    Promoted,
    EmailChanged,
    HashUpgraded,
}

/// What it ends: access tokens, refresh tokens, API tokens.
type Ends = [bool; 3];

const ALL: Ends = [true; 3];
const NONE: Ends = [false; 3];

const OF_USERS: [(Event, Ends); 9] = [
    (Event::SessionEnded, [true, true, false]),
    (Event::LoggedOutEverywhere, ALL),
    (Event::OwnPasswordChanged, ALL),
    (Event::PasswordSetByAdmin, ALL),
    (Event::Disabled, ALL),
    (Event::Demoted, ALL),
    (Event::Removed, ALL),
    (Event::Promoted, NONE),
    (Event::HashUpgraded, NONE),
];

const OF_ACCOUNTS: [(Event, Ends); 7] = [
    (Event::SessionEnded, [true, true, false]),
    (Event::LoggedOutEverywhere, ALL),
    (Event::OwnPasswordChanged, ALL),
    (Event::PasswordSetByAdmin, ALL),
    (Event::Removed, ALL),
    (Event::EmailChanged, NONE),
    (Event::HashUpgraded, NONE),
];

/// Somebody, and a credential of each kind.
struct Holder {
    subject: Subject,
    tokens: Tokens,
    api_token: NewApiToken,
}

impl Holder {
    /// A fresh subject, who has logged in with this scope and made an API token; both are known to be good.
    async fn new(setting: &Setting, scope: &str, number: usize) -> Self {
        let name = format!("holder{number}@example.org");
        let insert = |uow: &mut dyn UnitOfWork| {
            Ok::<_, RepositoryError>(match scope {
                "account" => insert_account(uow, &name, hashed_password()),
                _ => insert_user(uow, &name, scope == "admin", hashed_password()),
            })
        };
        let subject = setting.store.elsewhere(insert).unwrap();
        let tokens = setting.login_for_scope(&name, PASSWORD, scope).await.unwrap();
        let api_token = setting.api_token(&setting.principal(&tokens).await).await;
        let holder = Self { subject, tokens, api_token };
        assert_eq!(holder.is_let_in(setting).await, [true, true]);
        holder
    }

    /// Whether the access token and the API token are accepted.
    async fn is_let_in(&self, setting: &Setting) -> [bool; 2] {
        let access = setting.authenticate(&self.tokens.access.access_token).await;
        let api = setting.authenticate(shown(&self.api_token.secret)).await;
        [access, api].map(|result| match result {
            Ok(principal) => {
                assert_eq!(principal.subject, self.subject);
                true
            }
            Err(error) => {
                assert_eq!(error, AuthenticateError::Invalid);
                false
            }
        })
    }

    /// Which of the credentials have ended.
    async fn ended(&self, setting: &Setting) -> Ends {
        let [access, api] = self.is_let_in(setting).await;
        let refresh = setting.refresh(&self.tokens.refresh_token).await;
        if let Err(error) = &refresh {
            assert_eq!(*error, RefreshError::Invalid);
        }
        [!access, refresh.is_err(), !api]
    }

    /// Does it to the rows.
    fn happen(&self, uow: &mut dyn UnitOfWork, event: Event, setting: &Setting) {
        let (subject, now) = (self.subject, setting.now());
        let hash = || hashed_password().to_owned();
        match (event, subject) {
            (Event::SessionEnded, _) => {
                let page = uow.sessions(subject, now, &PageRequest::default()).unwrap();
                assert_eq!(sessions::end(uow, subject, page.items[0].id), Ok(true));
            }
            (Event::LoggedOutEverywhere, _) => assert_eq!(sessions::end_all(uow, subject, now), Ok(true)),
            (Event::OwnPasswordChanged, _) => {
                assert_eq!(sessions::set_password(uow, subject, &hash(), now), Ok(true));
            }
            (Event::HashUpgraded, _) => {
                assert_eq!(uow.rehash_password(subject, hashed_password(), "another", now), Ok(()));
                assert_eq!(uow.hashed_password(subject), Ok(Some("another".into())));
            }
            (Event::Removed, Subject::User(id)) => users::remove(uow, &id.into()).unwrap(),
            (Event::Removed, Subject::Account(id)) => {
                assert_eq!(accounts::begin_deletion(uow, AccountScope::All, &id.into(), now), Ok(true));
            }
            (_, Subject::User(id)) => {
                let change = match event {
                    Event::Disabled => UserChange { disabled: Some(true), ..UserChange::default() },
                    Event::Demoted => UserChange { is_admin: Some(false), ..UserChange::default() },
                    Event::Promoted => UserChange { is_admin: Some(true), ..UserChange::default() },
                    _ => UserChange { hashed_password: Some(hash()), ..UserChange::default() },
                };
                users::change(uow, &id.into(), &change, now).map(drop).unwrap();
            }
            (_, Subject::Account(id)) => {
                let change = match event {
                    Event::EmailChanged => {
                        let email = Email::parse(format!("renamed-{id}@example.org")).unwrap();
                        AccountChange { email: Some(email), ..AccountChange::default() }
                    }
                    _ => AccountChange { hashed_password: Some(hash()), ..AccountChange::default() },
                };
                accounts::change(uow, AccountScope::All, &id.into(), &change, now).map(drop).unwrap();
            }
        }
    }

    /// Does it through the service where it has a door for it, else to the rows, and tells the service.
    async fn happen_here(&self, setting: &Setting, event: Event) {
        let session_id = setting.principal(&self.tokens).await.session_id().unwrap();
        match event {
            Event::SessionEnded => {
                assert_eq!(setting.auth.end_session(self.subject, session_id).await, Ok(true));
            }
            Event::LoggedOutEverywhere => {
                assert_eq!(setting.auth.end_everything(self.subject).await, Ok(()));
            }
            Event::OwnPasswordChanged => {
                let set = setting.auth.set_own_password(self.subject, hashed_password().into()).await;
                assert_eq!(set, Ok(true));
            }
            _ => {
                self.happen_elsewhere(setting, event);
                setting.auth.invalidate(self.subject);
            }
        }
    }

    fn happen_elsewhere(&self, setting: &Setting, event: Event) {
        let work = |uow: &mut dyn UnitOfWork| {
            self.happen(uow, event, setting);
            Ok::<_, RepositoryError>(())
        };
        setting.store.elsewhere(work).unwrap();
    }
}

/// Each scope with the events that can happen to those who have it. Only an admin can be demoted.
fn cases() -> impl Iterator<Item = (&'static str, Event, Ends)> {
    let users =
        ["", "admin"].into_iter().flat_map(|scope| OF_USERS.map(|(event, ends)| (scope, event, ends)));
    let accounts = OF_ACCOUNTS.map(|(event, ends)| ("account", event, ends));
    users.chain(accounts).filter(|(scope, event, _)| *event != Event::Demoted || *scope == "admin")
}

#[tokio::test]
async fn what_happens_on_this_process_counts_at_once() {
    let setting = Setting::new();
    let bystander = Holder::new(&setting, "admin", 0).await;
    for (number, (scope, event, ends)) in (1..).zip(cases()) {
        let holder = Holder::new(&setting, scope, number).await;
        holder.happen_here(&setting, event).await;
        assert_eq!(holder.ended(&setting).await, ends, "{scope:?} {event:?}");
    }
    assert_eq!(bystander.ended(&setting).await, NONE, "nobody else is concerned");
}

#[tokio::test]
async fn what_happens_on_another_process_counts_within_a_second() {
    let setting = Setting::new();
    let bystander = Holder::new(&setting, "admin", 0).await;
    for (number, (scope, event, ends)) in (1..).zip(cases()) {
        let holder = Holder::new(&setting, scope, number).await;
        holder.happen_elsewhere(&setting, event);
        setting.clock.advance_micros(SECOND - 1);
        assert_eq!(holder.is_let_in(&setting).await, [true, true], "remembered: {scope:?} {event:?}");
        setting.clock.advance_micros(1);
        assert_eq!(holder.ended(&setting).await, ends, "{scope:?} {event:?}");
    }
    assert_eq!(bystander.ended(&setting).await, NONE, "nobody else is concerned");
}

#[tokio::test]
async fn an_admin_who_is_demoted_and_promoted_again_stays_logged_out() {
    let setting = Setting::new();
    let holder = Holder::new(&setting, "admin", 0).await;
    for event in [Event::Demoted, Event::Promoted] {
        holder.happen_elsewhere(&setting, event);
    }
    setting.auth.invalidate(holder.subject);
    assert_eq!(holder.ended(&setting).await, ALL);
}

#[tokio::test]
async fn of_several_sessions_one_can_be_ended() {
    let setting = Setting::new();
    let (first, second) = (setting.tokens("").await, setting.tokens("").await);
    let principal = setting.principal(&first).await;
    let id = principal.session_id().unwrap();
    assert_eq!(setting.auth.end_session(principal.subject, id).await, Ok(true));
    assert!(setting.authenticate(&first.access.access_token).await.is_err());
    assert!(setting.authenticate(&second.access.access_token).await.is_ok());
    assert_eq!(setting.auth.end_everything(principal.subject).await, Ok(()));
    assert!(setting.authenticate(&second.access.access_token).await.is_err());
    assert!(setting.refresh(&second.refresh_token).await.is_err());
}

#[tokio::test]
async fn replacing_the_signing_key_ends_access_tokens_only_when_the_earlier_one_is_dropped() {
    let setting = Setting::new();
    let holder = Holder::new(&setting, "", 0).await;
    let keys = |previous: &[secrecy::SecretString]| {
        let fresh = "5f0e9c3ad1b84726e9f17a60c4d8b235".into();
        taglink_auth::key::SigningKeys::new(&fresh, previous).unwrap()
    };
    for (keys, access_ends) in [(keys(&[crate::setting::SECRET.into()]), false), (keys(&[]), true)] {
        let restarted = setting.restarted(taglink_auth::service::AuthConfig { keys, ..config() });
        assert_eq!(holder.is_let_in(&restarted).await, [!access_ends, true]);
    }
    let restarted = setting.restarted(taglink_auth::service::AuthConfig { keys: keys(&[]), ..config() });
    assert_eq!(holder.ended(&restarted).await, [true, false, false]);
}

#[tokio::test]
async fn what_failed_to_be_stored_ends_nothing() {
    let setting = Setting::new();
    let holder = Holder::new(&setting, "", 0).await;
    let failure = RepositoryError::NotWritable("full".into());
    setting.store.state().fail_writes = Some(failure.clone());
    assert_eq!(setting.auth.end_everything(holder.subject).await, Err(failure.clone()));
    let set = setting.auth.set_own_password(holder.subject, hashed_password().into()).await;
    assert_eq!(set, Err(failure));
    setting.store.state().fail_writes = None;
    assert_eq!(holder.ended(&setting).await, NONE);
}
