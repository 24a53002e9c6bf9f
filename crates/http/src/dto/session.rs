//! Sessions.

use serde::Serialize;
use taglink_domain::model::{Session, SessionId};
use utoipa::ToSchema;
use uuid::Uuid;

/// A login and everything that came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionDto {
    #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
    session_id: Uuid,
    /// What it may be used for, separated by spaces; empty if it has no scope.
    #[schema(example = "admin")]
    scope: String,
    /// When it began (RFC 3339).
    #[schema(example = "2026-01-31T12:30:00.000000Z")]
    created: String,
    /// When it was last refreshed, or when it began (RFC 3339).
    #[schema(example = "2026-01-31T12:30:00.000000Z")]
    last_used: String,
    /// When it ends; refreshing does not move that (RFC 3339).
    #[schema(example = "2026-03-02T12:30:00.000000Z")]
    expires: String,
    /// What the client called itself when it logged in.
    #[schema(example = "curl/8.5.0")]
    user_agent: Option<String>,
    /// Whether it is the one that asks.
    current: bool,
}

impl SessionDto {
    /// The session as it is shown to `current`.
    pub fn shown_to(current: Option<SessionId>, session: Session) -> Self {
        Self {
            session_id: session.id.into(),
            scope: session.scope,
            created: session.created_at.to_string(),
            last_used: session.last_used_at.to_string(),
            expires: session.expires_at.to_string(),
            user_agent: session.user_agent,
            current: current == Some(session.id),
        }
    }
}
