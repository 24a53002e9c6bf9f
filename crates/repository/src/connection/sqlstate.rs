//! The SQLSTATE of errors, which diesel drops: their texts are in the language of the server.
//!
//! A stream between the driver and the server remembers the last `ErrorResponse` that came through (PostgreSQL's
//! documentation, "Message Formats" and "Error and Notice Message Fields").

use std::future::Future;
use std::io::Result;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use diesel::result::{DatabaseErrorInformation, Error as DieselError};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

/// How much of an error is looked at.
const MOST: usize = 64 * 1024;

/// The latest error of a connection.
#[derive(Clone, Default)]
pub(super) struct LatestError(Arc<Mutex<Option<ServerError>>>);

struct ServerError {
    code: String,
    message: String,
}

impl LatestError {
    /// The same error, whose message begins with its SQLSTATE, as in `SQLSTATE 40P01: deadlock detected`.
    pub(super) fn with_code(&self, error: DieselError) -> DieselError {
        let DieselError::DatabaseError(kind, information) = error else { return error };
        let latest = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match latest.filter(|latest| latest.message == information.message()) {
            Some(ServerError { code, message }) => {
                let message = format!("SQLSTATE {code}: {message}");
                DieselError::DatabaseError(kind, Box::new(Coded { message, information }))
            }
            None => DieselError::DatabaseError(kind, information),
        }
    }
}

struct Coded {
    message: String,
    information: Box<dyn DatabaseErrorInformation + Send + Sync>,
}

impl DatabaseErrorInformation for Coded {
    fn message(&self) -> &str {
        &self.message
    }
    fn details(&self) -> Option<&str> {
        self.information.details()
    }
    fn hint(&self) -> Option<&str> {
        self.information.hint()
    }
    fn table_name(&self) -> Option<&str> {
        self.information.table_name()
    }
    fn column_name(&self) -> Option<&str> {
        self.information.column_name()
    }
    fn constraint_name(&self) -> Option<&str> {
        self.information.constraint_name()
    }
    fn statement_position(&self) -> Option<i32> {
        self.information.statement_position()
    }
}

/// A stream from a server, whose errors are remembered.
pub(super) struct Observed<S> {
    stream: S,
    latest: LatestError,
    messages: Messages,
}

impl<S> Observed<S> {
    pub(super) fn new(stream: S, latest: LatestError) -> Self {
        Self { stream, latest, messages: Messages::default() }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Observed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let read = buffer.filled().get(before..).unwrap_or_default();
        if let Some(error) = self.messages.read(read) {
            *self.latest.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Observed<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: TlsStream + Unpin> TlsStream for Observed<S> {
    fn channel_binding(&self) -> ChannelBinding {
        self.stream.channel_binding()
    }
}

/// Makes TLS streams that are observed.
pub(super) struct ObservedTls<T> {
    pub(super) tls: T,
    pub(super) latest: LatestError,
}

impl<S, T> TlsConnect<S> for ObservedTls<T>
where
    T: TlsConnect<S>,
    T::Future: Send + 'static,
    T::Error: 'static,
{
    type Stream = Observed<T::Stream>;
    type Error = T::Error;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<Self::Stream, T::Error>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        let Self { tls, latest } = self;
        let connecting = tls.connect(stream);
        Box::pin(async move { Ok(Observed::new(connecting.await?, latest)) })
    }
}

/// The messages of a server: each is a letter, the number of bytes that follow, itself included, and those bytes.
#[derive(Default)]
struct Messages {
    head: Vec<u8>,
    /// How many bytes of the present message are still to come.
    rest: usize,
    /// The fields of an error, as far as they have come.
    error: Option<Vec<u8>>,
}

impl Messages {
    /// Reads on, and returns the last error that has come to its end.
    fn read(&mut self, mut bytes: &[u8]) -> Option<ServerError> {
        let mut last = None;
        while let Some((first, others)) = bytes.split_first() {
            if self.rest == 0 {
                self.head.push(*first);
                bytes = others;
                if let [letter, length @ ..] = self.head.as_slice()
                    && let Ok(length) = <[u8; 4]>::try_from(length)
                {
                    self.rest = usize::try_from(u32::from_be_bytes(length))
                        .map_or(0, |length| length.saturating_sub(4));
                    self.error = (*letter == b'E').then(Vec::new);
                    self.head.clear();
                }
                continue;
            }
            let (body, others) = bytes.split_at(self.rest.min(bytes.len()));
            self.rest -= body.len();
            bytes = others;
            if let Some(error) = &mut self.error {
                error.extend(body.iter().take(MOST.saturating_sub(error.len())));
            }
            if self.rest == 0 {
                last = self.error.take().and_then(|fields| ServerError::of(&fields)).or(last);
            }
        }
        last
    }
}

impl ServerError {
    /// From fields, each a letter and a text that ends with a zero byte.
    fn of(fields: &[u8]) -> Option<Self> {
        let field = |letter: u8| {
            let mut fields = fields.split(|byte| *byte == 0);
            let text = fields.find_map(|field| field.strip_prefix(&[letter]))?;
            Some(String::from_utf8_lossy(text).into_owned())
        };
        Some(Self { code: field(b'C')?, message: field(b'M')? })
    }
}

/// For a `Box` of a stream.
pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Socket for S {}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(letter: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap();
        [&[letter][..], &length.to_be_bytes(), body].concat()
    }

    #[test]
    fn errors_are_found_however_the_bytes_come() {
        let notice = message(b'N', b"SHINWEIS\0C00000\0Mnichts\0\0");
        let error = message(b'E', b"SFEHLER\0VERROR\0C40P01\0MVerklemmung entdeckt\0\0");
        let all = [notice, message(b'Z', b"I"), error, message(b'2', b""), message(b'Z', b"E")].concat();
        for size in 1..=all.len() {
            let mut messages = Messages::default();
            let found: Vec<_> = all.chunks(size).filter_map(|bytes| messages.read(bytes)).collect();
            let found: Vec<_> = found.iter().map(|error| (&*error.code, &*error.message)).collect();
            assert_eq!(found, [("40P01", "Verklemmung entdeckt")], "{size} bytes at a time");
        }
    }
}
