//! Bodies that nobody reads, because the answer is known before: the client must not keep the connection with them.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::HttpMessage;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::web::Bytes;
use futures_util::stream::{Stream, poll_fn};
use pin_project_lite::pin_project;

use crate::extract::BodyWasRead;

/// The body of a request, shared between whoever may read it and this layer.
///
/// The server reads on for ever in a chunked body whose reader is gone, and closes the connection soon if the reader
/// is still there when the answer is sent. So it is kept, up to then.
pub(super) struct HeldBody(Option<Rc<RefCell<Payload>>>);

impl HeldBody {
    /// Takes hold of a request's body, if it announces one.
    pub(super) fn of(request: &mut ServiceRequest) -> Self {
        let headers = request.headers();
        let length = headers.get(CONTENT_LENGTH);
        if !headers.contains_key(TRANSFER_ENCODING) && length.is_none_or(|length| length == "0") {
            return Self(None);
        }
        let body = Rc::new(RefCell::new(request.take_payload()));
        let shared = Rc::clone(&body);
        let stream = poll_fn(move |context| Pin::new(&mut *shared.borrow_mut()).poll_next(context));
        request.set_payload(Payload::Stream { payload: Box::pin(stream) });
        Self(Some(body))
    }

    /// Lets go of a body that was read to its end; ends the connection behind the answer to any other.
    pub(super) fn settle<B: MessageBody>(
        mut self,
        response: ServiceResponse<B>,
    ) -> ServiceResponse<Answer<B>> {
        if response.request().extensions().contains::<BodyWasRead>() {
            self.0 = None;
        }
        response.map_body(|head, body| {
            if self.0.is_some() {
                head.set_connection_type(ConnectionType::Close);
            }
            Answer { body, unread: self }
        })
    }
}

pin_project! {
    /// The body of an answer, and with it the body of a request that was not read.
    pub(super) struct Answer<B> {
        #[pin]
        body: B,
        unread: HeldBody,
    }
}

impl<B: MessageBody> MessageBody for Answer<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.project().body.poll_next(context)
    }

    fn try_into_bytes(self) -> Result<Bytes, Self> {
        if self.unread.0.is_some() {
            return Err(self);
        }
        let Self { body, unread } = self;
        body.try_into_bytes().map_err(|body| Self { body, unread })
    }
}
