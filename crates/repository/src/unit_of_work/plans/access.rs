//! What is asked before a request is let in, and at a login.

use taglink_domain::model::Subject;

use super::Query;
use super::library::{Library, hash, time, username};
use super::reading::page;

pub(super) const QUERIES: &[Query] = &[
    ("session with its subject", |uow, it, round| {
        let session = it.sessions[at(it, round)];
        assert!(uow.session_subject_status(session, time(0)).unwrap().is_some());
    }),
    ("session by id", |uow, it, round| {
        assert!(uow.session(it.sessions[at(it, round)]).unwrap().is_some());
    }),
    ("refresh token by hash", |uow, it, round| {
        assert!(uow.refresh_token(hash(at(it, round))).unwrap().is_some());
    }),
    ("API token by hash", |uow, it, round| {
        assert!(uow.api_token_with_status(hash(at(it, round))).unwrap().is_some());
    }),
    ("user by name", |uow, it, round| {
        assert!(uow.user_by_name(&username(at(it, round))).unwrap().is_some());
    }),
    ("user by id", |uow, it, round| assert!(uow.user(it.users[at(it, round)]).unwrap().is_some())),
    ("account by email", |uow, _, _| {
        assert!(uow.account_by_email("other@example.org").unwrap().is_some());
    }),
    ("sessions of a user", |uow, it, round| {
        let subject = subject(it, round);
        assert_eq!(uow.sessions(subject, time(0), &page(None)).unwrap().items.len(), 1);
    }),
    ("API tokens of a user", |uow, it, round| {
        assert_eq!(uow.api_tokens(subject(it, round), &page(None)).unwrap().items.len(), 1);
    }),
    ("origin of a login", |uow, it, round| {
        let origin = (*hash(at(it, round)).as_bytes()).into();
        assert!(uow.is_known_origin(origin, time(0)).unwrap());
        uow.remember_origin(origin, time(2_000_000)).unwrap();
    }),
    ("a session that is refreshed", |uow, it, round| {
        assert!(uow.touch_session(it.sessions[at(it, round)], time(2_000_000)).unwrap());
        assert!(uow.spend_refresh_token(hash(at(it, round)), time(2_000_000)).unwrap());
    }),
];

/// The number of a user; another one for each round.
fn at(it: &Library, round: usize) -> usize {
    it.users.len() / 3 + 17 * round
}

fn subject(it: &Library, round: usize) -> Subject {
    Subject::User(it.users[at(it, round)])
}
