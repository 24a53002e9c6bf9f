//! A file as the body of a request: kept on disk while it arrives, because it may be large.

use std::future::{Ready, ready};
use std::io::{self, Seek, Write};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use tempfile::SpooledTempFile;
use tokio::time::{Instant, timeout_at};

use super::body::{self, BodyWasRead};
use super::{state, take};
use crate::error::ApiError;

/// How much of a file is kept in memory before it goes to the disk.
const IN_MEMORY: usize = 256 * 1024;

/// The slowest client, in bytes a second: a file may take as long as that, if it only arrives steadily.
const SLOWEST: u64 = 8 * 1024;

/// The body of a request that has not been read yet.
pub struct Upload {
    request: HttpRequest,
    payload: Payload,
}

impl FromRequest for Upload {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: request.clone(), payload: take(payload) }))
    }
}

impl Upload {
    /// The media type that the body is said to be of, in lower case and without parameters; may be empty.
    pub fn media_type(&self) -> String {
        self.request.content_type().trim().to_ascii_lowercase()
    }

    /// Reads the body into a temporary file that has no name, and is gone when it is dropped; it stands at its beginning.
    ///
    /// # Errors
    /// 413 above `limit` bytes, 408 if it stops arriving, 415 if it is compressed, 422 if it is cut off.
    pub async fn spool(mut self, limit: u64) -> Result<SpooledTempFile, ApiError> {
        let patience = state(&self.request)?.body_timeout;
        body::refuse_compressed(&self.request)?;
        if body::announced_length(&self.request).is_some_and(|length| length > limit) {
            return Err(body::too_large(limit));
        }
        let started = Instant::now();
        let mut received: u64 = 0;
        let mut file = SpooledTempFile::new(IN_MEMORY);
        let mut buffer = Vec::new();
        loop {
            let steadily = started + patience + Duration::from_secs(received / SLOWEST);
            let next = timeout_at(steadily.min(Instant::now() + patience), self.payload.next()).await;
            let Some(chunk) = next.map_err(|_| body::timed_out())? else { break };
            let chunk = chunk.map_err(|_| body::incomplete())?;
            received = received.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if received > limit {
                return Err(body::too_large(limit));
            }
            buffer.extend_from_slice(&chunk);
            if buffer.len() >= IN_MEMORY {
                file = write(file, std::mem::take(&mut buffer)).await?;
            }
        }
        self.request.extensions_mut().insert(BodyWasRead);
        let mut file = write(file, buffer).await?;
        file.rewind().map_err(|error| not_kept(&error))?;
        Ok(file)
    }
}

/// Writes on a thread that may wait for the disk.
async fn write(mut file: SpooledTempFile, bytes: Vec<u8>) -> Result<SpooledTempFile, ApiError> {
    web::block(move || file.write_all(&bytes).map(|()| file))
        .await
        .map_err(|error| ApiError::internal(error.to_string()))?
        .map_err(|error| not_kept(&error))
}

fn not_kept(error: &io::Error) -> ApiError {
    ApiError::internal(format!("cannot keep the body in a temporary file: {error}"))
}
