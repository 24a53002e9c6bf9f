//! Sessions: they begin with a login, are refreshed, and end.

use chrono::TimeDelta;

use crate::model::{
    LoginOrigin, Page, PageRequest, RefreshToken, SecretHash, Session, SessionId, SessionPosition, Subject,
    SubjectStatus, Timestamp,
};
use crate::port::{RepositoryError, UnitOfWork};

/// For how long a refresh token that was used may be used again: the answer was lost, or two tabs of a page refresh at
/// once.
const USED_AGAIN: TimeDelta = TimeDelta::seconds(60);

/// How long it is remembered from where a subject has logged in.
const ORIGIN_LIFETIME: TimeDelta = TimeDelta::days(30);

/// How much of what has expired is cleared away at each login.
const CLEARED: u16 = 100;

/// A wish to begin a session, whose password has been found right.
#[derive(Clone, Debug)]
pub struct OpenSession {
    pub session: Session,
    /// Its first refresh token.
    pub refresh: SecretHash,
    /// From where the subject logged in.
    pub origin: LoginOrigin,
}

/// Begins a session. False if the subject has changed or gone since its password was checked. Clears away some of what
/// has expired.
///
/// # Errors
/// Those of the storage.
pub fn open(uow: &mut dyn UnitOfWork, command: &OpenSession) -> Result<bool, RepositoryError> {
    let OpenSession { session, refresh, origin } = command;
    if current_status(uow, session.subject, session.epoch)?.is_none() {
        return Ok(false);
    }
    let now = session.created_at;
    uow.delete_expired_sessions(now, CLEARED)?;
    uow.forget_origins(now.plus(-ORIGIN_LIFETIME), CLEARED)?;
    uow.remember_origin(*origin, now)?;
    uow.insert_session(session)?;
    uow.insert_refresh_token(&RefreshToken {
        hash: *refresh,
        session_id: session.id,
        predecessor: None,
        created_at: now,
        used_at: None,
    })?;
    Ok(true)
}

/// Whether a login from this origin has succeeded lately.
///
/// # Errors
/// Those of the storage.
pub fn is_known_origin(
    uow: &mut dyn UnitOfWork,
    origin: LoginOrigin,
    now: Timestamp,
) -> Result<bool, RepositoryError> {
    uow.is_known_origin(origin, now.plus(-ORIGIN_LIFETIME))
}

/// How the subject stands, if it may use credentials of this epoch.
pub(super) fn current_status(
    uow: &mut dyn UnitOfWork,
    subject: Subject,
    epoch: i64,
) -> Result<Option<SubjectStatus>, RepositoryError> {
    let status = uow.subject_status(subject)?;
    Ok(status.filter(|status| !status.disabled && status.epoch == epoch))
}

/// What came of a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// It was exchanged for this successor, perhaps not for the first time.
    Renewed(Session, SubjectStatus, SecretHash),
    /// It is unknown, or its session has ended.
    Refused,
    /// It was used before, so it is in two hands: the session has been ended.
    Replayed(SessionId),
    /// The session does not have what was asked for; nothing was done.
    NotGranted,
}

/// Exchanges a refresh token for its successor (RFC 9700, section 4.14). For 60 s after its first use, it is exchanged for
/// the same one again; later, that ends the session.
///
/// `successors` are derived from the token by each key of the service, the present key first: which of them was stored
/// tells by which key it was.
///
/// `grants` says whether the session may be used for what is asked for. What this decides is to be committed, also
/// where it refuses.
///
/// # Errors
/// Those of the storage.
pub fn refresh(
    uow: &mut dyn UnitOfWork,
    presented: SecretHash,
    successors: &[SecretHash],
    at: Timestamp,
    grants: &dyn Fn(&Session) -> bool,
) -> Result<Refreshed, RepositoryError> {
    let Some(RefreshToken { session_id, .. }) = uow.refresh_token(presented)? else {
        return Ok(Refreshed::Refused);
    };
    // From here on nobody else refreshes this session.
    if !uow.touch_session(session_id, at)? {
        return Ok(Refreshed::Refused);
    }
    let (Some(token), Some(session)) = (uow.refresh_token(presented)?, uow.session(session_id)?) else {
        return Ok(Refreshed::Refused);
    };
    let status = current_status(uow, session.subject, session.epoch)?;
    let Some(status) = status.filter(|_| session.expires_at > at) else { return Ok(Refreshed::Refused) };
    let successor = match token.used_at {
        None => successors.first().copied(),
        Some(used_at) if at <= used_at.plus(USED_AGAIN) => stored_successor(uow, presented, successors)?,
        Some(_) => None,
    };
    let Some(successor) = successor else {
        uow.delete_session(session.subject, session_id)?;
        return Ok(Refreshed::Replayed(session_id));
    };
    if !grants(&session) {
        return Ok(Refreshed::NotGranted);
    }
    if token.used_at.is_none() {
        if !uow.spend_refresh_token(presented, at)? {
            return Err(RepositoryError::Busy("a refresh token was used twice at once".into()));
        }
        uow.insert_refresh_token(&RefreshToken {
            hash: successor,
            session_id,
            predecessor: Some(presented),
            created_at: at,
            used_at: None,
        })?;
    }
    Ok(Refreshed::Renewed(session, status, successor))
}

fn stored_successor(
    uow: &mut dyn UnitOfWork,
    presented: SecretHash,
    successors: &[SecretHash],
) -> Result<Option<SecretHash>, RepositoryError> {
    for successor in successors {
        if uow.refresh_token(*successor)?.is_some_and(|token| token.predecessor == Some(presented)) {
            return Ok(Some(*successor));
        }
    }
    Ok(None)
}

/// Ends the session that a refresh token belongs to, used or not, and says which that was.
///
/// # Errors
/// Those of the storage.
pub fn end_by_refresh_token(
    uow: &mut dyn UnitOfWork,
    presented: SecretHash,
) -> Result<Option<SessionId>, RepositoryError> {
    let Some(token) = uow.refresh_token(presented)? else { return Ok(None) };
    let Some(session) = uow.session(token.session_id)? else { return Ok(None) };
    Ok(uow.delete_session(session.subject, session.id)?.then_some(session.id))
}

/// A page of the subject's sessions.
///
/// # Errors
/// Those of the storage.
pub fn list(
    uow: &mut dyn UnitOfWork,
    subject: Subject,
    now: Timestamp,
    page: &PageRequest<SessionPosition>,
) -> Result<Page<Session>, RepositoryError> {
    uow.sessions(subject, now, page)
}

/// Ends a session of the subject; false if it has none of this id.
///
/// # Errors
/// Those of the storage.
pub fn end(uow: &mut dyn UnitOfWork, subject: Subject, id: SessionId) -> Result<bool, RepositoryError> {
    uow.delete_session(subject, id)
}

/// Ends all sessions and API tokens of the subject; false if there is no such subject.
///
/// # Errors
/// Those of the storage.
pub fn end_all(uow: &mut dyn UnitOfWork, subject: Subject, at: Timestamp) -> Result<bool, RepositoryError> {
    let is_there = uow.raise_epoch(subject, at)?;
    revoke_credentials(uow, subject)?;
    Ok(is_there)
}

/// Sets a password of one's own; sessions and API tokens end. False if there is no such subject.
///
/// # Errors
/// Those of the storage.
pub fn set_password(
    uow: &mut dyn UnitOfWork,
    subject: Subject,
    hashed_password: &str,
    at: Timestamp,
) -> Result<bool, RepositoryError> {
    let is_there = uow.set_password(subject, hashed_password, at)?;
    revoke_credentials(uow, subject)?;
    Ok(is_there)
}

/// Removes the sessions and API tokens of a subject.
pub(super) fn revoke_credentials(uow: &mut dyn UnitOfWork, subject: Subject) -> Result<(), RepositoryError> {
    uow.delete_sessions_of(subject)?;
    uow.delete_api_tokens_of(subject)
}
