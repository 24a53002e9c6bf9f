//! A file as the body of a request: kept on disk while it arrives, because it may be large.

use std::future::{Ready, ready};
use std::io::{self, Seek, Write};
use std::pin::pin;
use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Bytes};
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};
use futures_util::{Stream, StreamExt};
use tempfile::SpooledTempFile;
use tokio::time::{Instant, timeout_at};

use super::body::{self, BodyWasRead};
use super::{state, take};
use crate::error::ApiError;

/// How much of a file is kept in memory before it goes to the disk.
const IN_MEMORY: usize = 256 * 1024;

/// What a form may have beside its file, in bytes.
const FORM: u64 = 4 * 1024;

/// The slowest client, in bytes a second: a file may take as long as that, if it only arrives steadily.
const SLOWEST: u64 = 8 * 1024;

/// The body of a request that has not been read yet.
pub struct Upload {
    request: HttpRequest,
    payload: Payload,
}

/// A file that has arrived.
pub struct UploadedFile {
    /// A temporary file that has no name, and is gone when it is dropped; it stands at its beginning.
    pub content: SpooledTempFile,
    /// What it is said to be, with parameters; may be empty.
    pub media_type: String,
    /// Whether it came in a form, where browsers choose the media type by the name of the file.
    pub is_of_form: bool,
}

impl FromRequest for Upload {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: request.clone(), payload: take(payload) }))
    }
}

impl Upload {
    /// Whether the body is a form, as pages send it.
    pub fn is_form(&self) -> bool {
        body::is_of_type(&self.request, "multipart/form-data")
    }

    /// What the body is said to be, with parameters; may be empty.
    pub fn media_type(&self) -> String {
        let header = self.request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        header.unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Reads the body, or the file that is in it.
    ///
    /// # Errors
    /// 413 above `limit` bytes, 408 if it stops arriving, 415 if it is compressed, 422 if it is cut off or a form of
    /// anything but one file.
    pub async fn spool(self, limit: u64) -> Result<UploadedFile, ApiError> {
        body::refuse_compressed(&self.request)?;
        if body::announced_length(&self.request).is_some_and(|length| length > limit.saturating_add(FORM)) {
            return Err(body::too_large(limit));
        }
        let spool = Spool {
            file: SpooledTempFile::new(IN_MEMORY),
            buffer: Vec::new(),
            received: 0,
            limit,
            started: Instant::now(),
            patience: state(&self.request)?.body_timeout,
        };
        let (request, media_type, is_of_form) = (self.request.clone(), self.media_type(), self.is_form());
        let file = if is_of_form {
            self.form(spool).await?
        } else {
            let content = spool.read(self.payload).await?.finish().await?;
            UploadedFile { content, media_type, is_of_form }
        };
        request.extensions_mut().insert(BodyWasRead);
        Ok(file)
    }

    async fn form(self, mut spool: Spool) -> Result<UploadedFile, ApiError> {
        let mut form = Multipart::new(self.request.headers(), self.payload);
        let mut media_type = None;
        while let Some(part) = spool.arrival(form.next()).await? {
            let part = part.map_err(|_| body::incomplete())?;
            let is_file = part.content_disposition().is_some_and(|part| part.get_filename().is_some());
            if !is_file || media_type.is_some() {
                let text = "The form must hold one file and nothing else; parameters belong into the query";
                return Err(ApiError::unprocessable("validation_failed", text));
            }
            media_type = Some(part.content_type().map(ToString::to_string).unwrap_or_default());
            spool = spool.read(part).await?;
        }
        let Some(media_type) = media_type else {
            return Err(ApiError::unprocessable("validation_failed", "The form holds no file"));
        };
        Ok(UploadedFile { content: spool.finish().await?, media_type, is_of_form: true })
    }
}

/// A file while it arrives.
struct Spool {
    file: SpooledTempFile,
    buffer: Vec<u8>,
    received: u64,
    limit: u64,
    started: Instant,
    patience: Duration,
}

impl Spool {
    /// Waits for what comes next.
    async fn arrival<T>(&self, next: impl Future<Output = T>) -> Result<T, ApiError> {
        let steadily = self.started + self.patience + Duration::from_secs(self.received / SLOWEST);
        timeout_at(steadily.min(Instant::now() + self.patience), next).await.map_err(|_| body::timed_out())
    }

    async fn read<E>(mut self, chunks: impl Stream<Item = Result<Bytes, E>>) -> Result<Self, ApiError> {
        let mut chunks = pin!(chunks);
        while let Some(chunk) = self.arrival(chunks.next()).await? {
            let chunk = chunk.map_err(|_| body::incomplete())?;
            self.received = self.received.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if self.received > self.limit {
                return Err(body::too_large(self.limit));
            }
            self.buffer.extend_from_slice(&chunk);
            if self.buffer.len() >= IN_MEMORY {
                self.file = write(self.file, std::mem::take(&mut self.buffer)).await?;
            }
        }
        Ok(self)
    }

    async fn finish(self) -> Result<SpooledTempFile, ApiError> {
        let mut file = write(self.file, self.buffer).await?;
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
