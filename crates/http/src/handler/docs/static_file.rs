//! Files that are compressed once and cached by clients.

use std::borrow::Cow;
use std::io::{self, Read};

use actix_web::http::header::{self, ContentEncoding};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::bufread::{GzDecoder, GzEncoder};
use sha2::{Digest, Sha256};
use utoipa_swagger_ui::SwaggerFile;

use crate::error::ApiError;
use crate::extract::is_known;
use crate::middleware::accepted_encoding;

/// A file, compressed. Its `ETag` is weak: one for all encodings.
#[derive(Clone)]
pub(super) struct StaticFile {
    media_type: Cow<'static, str>,
    gzip: Bytes,
    digest: String,
}

impl StaticFile {
    pub(super) fn compress(media_type: &'static str, content: &[u8]) -> Self {
        Self::new(media_type.into(), compressed(content).into())
    }

    fn new(media_type: Cow<'static, str>, gzip: Bytes) -> Self {
        let digest: [u8; 32] = Sha256::digest(&gzip).into();
        let digest = digest.first_chunk().copied().map_or(0, u64::from_be_bytes);
        Self { media_type, gzip, digest: format!("{digest:016x}") }
    }

    /// 200 with the file in an encoding that the client accepts, or 304 if the client has it.
    ///
    /// # Errors
    /// Never in practice: if the file cannot be decompressed.
    pub(super) fn respond(&self, request: &HttpRequest) -> Result<HttpResponse, ApiError> {
        let is_known = is_known(request.headers(), &self.digest);
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((header::ETAG, format!("W/\"{}\"", self.digest)));
        response.insert_header((header::CACHE_CONTROL, "no-cache"));
        if is_known {
            return Ok(response.finish());
        }
        response.content_type(&*self.media_type);
        if accepted_encoding(request) == ContentEncoding::Gzip {
            return Ok(response.insert_header(ContentEncoding::Gzip).body(self.gzip.clone()));
        }
        let content = self.decompressed().map_err(|error| ApiError::internal(error.to_string()))?;
        Ok(response.body(content))
    }

    fn decompressed(&self) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        GzDecoder::new(&*self.gzip).read_to_end(&mut content)?;
        Ok(content)
    }
}

impl From<SwaggerFile<'static>> for StaticFile {
    fn from(file: SwaggerFile<'static>) -> Self {
        let gzip = match file.bytes {
            Cow::Borrowed(gzip) if file.gzpipped => Bytes::from_static(gzip),
            Cow::Owned(gzip) if file.gzpipped => gzip.into(),
            content => compressed(&content).into(),
        };
        Self::new(file.content_type.into(), gzip)
    }
}

fn compressed(content: &[u8]) -> Vec<u8> {
    let mut gzip = Vec::new();
    // Reading from memory into memory does not fail.
    drop(GzEncoder::new(content, Compression::best()).read_to_end(&mut gzip));
    gzip
}
