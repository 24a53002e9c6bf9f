//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a client that got no answer sends its request again.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::web::Bytes;
use actix_web::{Error, FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use taglink_auth::principal::Principal;
use taglink_domain::model::{IdempotencyKey, KeyedRequest, RequestHash, Timestamp};

use super::{json, take};
use crate::error::{ApiError, FieldError};

/// The header that carries the key.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A key and the request that it was given to, if it was given one.
pub struct Idempotent(Option<Keyed>);

struct Keyed {
    key: IdempotencyKey,
    method: String,
    /// The path, and the query if there is one.
    target: String,
    body: Bytes,
}

impl Idempotent {
    /// The request to be done once, for the principal who sent it: its subject's key, on its rows.
    pub(crate) fn request(&self, principal: &Principal, at: Timestamp) -> Option<KeyedRequest> {
        let Keyed { key, method, target, body } = self.0.as_ref()?;
        let request =
            RequestHash::new(principal.account_scope(), [method.as_bytes(), target.as_bytes(), body]);
        Some(KeyedRequest { subject: principal.subject, key: key.of(principal.subject), request, at })
    }
}

/// A JSON body as [`json::Json`] reads it, of up to `LIMIT` bytes, of a request that may carry a key.
pub struct IdempotentJson<T, const LIMIT: usize = { json::MAX_BYTES }>(pub Idempotent, pub T);

impl<T: DeserializeOwned, const LIMIT: usize> FromRequest for IdempotentJson<T, LIMIT> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = take(payload);
        Box::pin(async move {
            let invalid = |error| ApiError::invalid(vec![error]);
            let key = key(request.headers()).map_err(invalid)?;
            let body = json::read(&request, &mut payload, LIMIT).await?;
            let value = json::parse(&body).map_err(invalid)?;
            let keyed = key.map(|key| Keyed {
                key,
                method: request.method().to_string(),
                target: target(&request),
                body,
            });
            Ok(Self(Idempotent(keyed), value))
        })
    }
}

fn target(request: &HttpRequest) -> String {
    match request.query_string() {
        "" => request.path().to_owned(),
        query => format!("{}?{query}", request.path()),
    }
}

fn key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, FieldError> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(FieldError::idempotency_key("duplicate", "given more than once"));
    }
    IdempotencyKey::parse(value.as_bytes())
        .map(Some)
        .map_err(|error| FieldError::idempotency_key("value_error", &error))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn outcome(values: &[&[u8]]) -> Result<bool, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_bytes(value).unwrap());
        }
        key(&headers).map(|key| key.is_some()).map_err(|error| error.kind)
    }

    #[test]
    fn a_key_is_given_once_or_not_at_all() {
        assert_eq!(outcome(&[]), Ok(false));
        assert_eq!(outcome(&[b"\"8e03978e-40d5-43e8-bc93-6894a57f9324\""]), Ok(true));
        assert_eq!(outcome(&[b"a", b"a"]), Err("duplicate"));
        for value in [&b""[..], b"a b", b"\xff"] {
            assert_eq!(outcome(&[value]), Err("value_error"), "{value:?}");
        }
    }
}
