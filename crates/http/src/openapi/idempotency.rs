//! Idempotency keys, documented once.

use utoipa::IntoParams;

/// The header of a request that may be sent again.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header; `Idempotent` reads it")]
pub struct IdempotencyKeyHeader {
    /// 1 to 255 visible ASCII characters that the client makes up for this request, such as a UUID. The same request sent again with the
    /// same key within 24 hours is not done again, but gets the same answer, with `Idempotency-Replayed: true`. Only
    /// successes are kept: a request that failed changed nothing and may be sent again. The key belongs to whoever is
    /// logged in.
    #[param(rename = "Idempotency-Key", nullable = false, min_length = 1, max_length = 255)]
    idempotency_key: Option<String>,
}
