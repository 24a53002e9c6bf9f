//! Compressing answers, if the client asks for it.

use actix_http::ResponseHead;
use actix_http::encoding::Encoder;
use actix_web::HttpRequest;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, ContentEncoding, ETAG, Encoding, Header, HeaderMap,
    HeaderValue, IF_NONE_MATCH, VARY,
};

/// Shorter answers fit into one packet as they are.
const MIN_BYTES: u64 = 1024;

const SUPPORTED: [Encoding; 2] = [Encoding::identity(), Encoding::gzip()];

/// The supported encoding that the client prefers.
pub(crate) fn accepted_encoding(request: &HttpRequest) -> ContentEncoding {
    let accepted = AcceptEncoding::parse(request).ok();
    match accepted.and_then(|accepted| accepted.negotiate(SUPPORTED.iter())) {
        Some(Encoding::Known(encoding)) => encoding,
        Some(Encoding::Unknown(_)) | None => ContentEncoding::Identity,
    }
}

/// Compresses an answer if the client accepts that, unless it is short or holds a credential.
pub(super) fn compress<B: MessageBody>(response: ServiceResponse<B>) -> ServiceResponse<Encoder<B>> {
    let (head, size) = (response.response().head(), response.response().body().size());
    if !depends_on_client(head, size) {
        return response.map_body(|head, body| Encoder::response(ContentEncoding::Identity, head, body));
    }
    let encoding = accepted_encoding(response.request());
    let was_encoded = is_encoded(head);
    let is_known_as_weak = head.status == StatusCode::NOT_MODIFIED
        && encoding != ContentEncoding::Identity
        && weak_etag(head).is_some_and(|etag| lists(response.request().headers(), &etag));
    response.map_body(|head, body| {
        let body = Encoder::response(encoding, head, body);
        let is_encoded = is_encoded(head);
        // Where it encodes, the encoder adds this itself.
        if is_encoded == was_encoded {
            head.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
        }
        // A strong one would name one encoding (RFC 9110, 8.8.3.3).
        if (is_encoded || is_known_as_weak)
            && let Some(etag) = weak_etag(head)
        {
            head.headers_mut().insert(ETAG, etag);
        }
        body
    })
}

/// Whether another client may get the answer in another encoding. One that nobody may store holds a credential, which
/// the length of a compressed answer could give away (the BREACH attack).
fn depends_on_client(head: &ResponseHead, size: BodySize) -> bool {
    let is_long = match size {
        BodySize::None => false,
        BodySize::Sized(bytes) => bytes >= MIN_BYTES,
        BodySize::Stream => true,
    };
    let is_secret = head.headers().get(CACHE_CONTROL).is_some_and(|value| value == "no-store");
    head.status == StatusCode::NOT_MODIFIED || is_encoded(head) || (is_long && !is_secret)
}

fn is_encoded(head: &ResponseHead) -> bool {
    head.headers().contains_key(CONTENT_ENCODING)
}

/// The strong `ETag` made weak.
fn weak_etag(head: &ResponseHead) -> Option<HeaderValue> {
    let etag = head.headers().get(ETAG).filter(|etag| etag.as_bytes().starts_with(b"\""))?;
    HeaderValue::from_bytes(&[b"W/", etag.as_bytes()].concat()).ok()
}

fn lists(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let mut listed =
        headers.get_all(IF_NONE_MATCH).flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    listed.any(|listed| listed.trim_ascii() == etag.as_bytes())
}
