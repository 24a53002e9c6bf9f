//! JSON bodies.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::web::Bytes;
use actix_web::{Error, FromRequest, HttpRequest};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{body, take};
use crate::error::{ApiError, FieldError};

/// The largest JSON body in bytes, unless an operation needs more.
pub const MAX_BYTES: usize = 64 * 1024;

/// A JSON object (RFC 8259) of at most `MAX` bytes, read strictly: members that are unknown or given twice are refused.
pub struct Json<T, const MAX: usize = MAX_BYTES>(pub T);

impl<T: DeserializeOwned, const MAX: usize> FromRequest for Json<T, MAX> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = take(payload);
        Box::pin(async move {
            let bytes = read(&request, &mut payload, MAX).await?;
            Ok(Self(parse(&bytes).map_err(|error| ApiError::invalid(vec![error]))?))
        })
    }
}

/// Reads a JSON body of up to `limit` bytes.
///
/// # Errors
/// 415 if it is said to be something else; those of [`body::read`].
pub(super) async fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> Result<Bytes, ApiError> {
    // What a PATCH holds (RFC 7396) may be said more exactly.
    let is_patch =
        request.method() == Method::PATCH && body::is_of_type(request, "application/merge-patch+json");
    if !is_patch && !body::is_of_type(request, "application/json") {
        return Err(body::unsupported_media_type("The body must be application/json"));
    }
    body::read(request, payload, limit).await
}

/// Reads an object.
///
/// # Errors
/// If it is none, or not one of this type: the place that is wrong.
pub(crate) fn parse<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, FieldError> {
    // serde would read a struct from an array too, its members in their order.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| *byte != b'{') {
        let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(bytes);
        return Err(match is_json {
            Ok(_) => FieldError::whole_body("object_type", "the body must be a JSON object"),
            Err(error) => malformed(&error),
        });
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| describe(&error))?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> FieldError {
    FieldError::whole_body("json_invalid", &format!("malformed JSON: {error}"))
}

/// Names the member that is wrong, and how.
pub(crate) fn describe(error: &serde_path_to_error::Error<serde_json::Error>) -> FieldError {
    let cause = error.inner();
    if !cause.is_data() {
        return malformed(cause);
    }
    let text = cause.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let quoted = |prefix| text.strip_prefix(prefix)?.split('`').nth(1);
    let place = || error.path().iter().map(ToString::to_string);
    if let Some(field) = quoted("missing field ") {
        FieldError::body(field, "missing", "field required")
    } else if let (true, Some(field)) = (text.starts_with("invalid type: null"), place().next_back()) {
        // `null` is the same as absent.
        FieldError::body(&field, "missing", "field required")
    } else if let Some(field) = quoted("unknown field ") {
        FieldError::body(field, "extra_forbidden", "unknown member")
    } else if let Some(field) = quoted("duplicate field ") {
        FieldError::body(field, "duplicate", "given more than once")
    } else {
        FieldError {
            loc: std::iter::once("body".to_owned()).chain(place()).collect(),
            msg: text.to_owned(),
            kind: "type_error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        tag: String,
        #[serde(default)]
        note: Option<String>,
    }

    fn error(bytes: &[u8]) -> (String, &'static str, String) {
        let error = parse::<Body>(bytes).unwrap_err();
        (error.loc.join("."), error.kind, error.msg)
    }

    #[test]
    fn null_is_the_same_as_absent() {
        for text in [&br#"{"tag":"a","note":null}"#[..], br#" {"tag":"a"} "#] {
            let body: Body = parse(text).unwrap();
            assert_eq!((body.tag.as_str(), body.note), ("a", None));
        }
    }

    #[test]
    fn the_wrong_member_is_named() {
        let case = |text: &str| {
            let (loc, kind, _) = error(text.as_bytes());
            (loc, kind)
        };
        assert_eq!(case("{}"), ("body.tag".into(), "missing"));
        assert_eq!(case(r#"{"tag":null}"#), ("body.tag".into(), "missing"));
        assert_eq!(case(r#"{"tag":1}"#), ("body.tag".into(), "type_error"));
        assert_eq!(case(r#"{"tag":"a","x`y":1}"#).1, "extra_forbidden");
        assert_eq!(case(r#"{"tag":"a","tga":1}"#), ("body.tga".into(), "extra_forbidden"));
        assert_eq!(case(r#"{"tag":"a","tag":"b"}"#), ("body.tag".into(), "duplicate"));
    }

    #[test]
    fn only_a_json_object_is_a_body() {
        for text in [r#"["a"]"#, r#""a""#, "1", "null", "true"] {
            assert_eq!(error(text.as_bytes()).1, "object_type", "{text}");
        }
        for text in [
            &b""[..],
            b"  ",
            b"{",
            b"[1",
            b"{\"tag\":\"a\"} x",
            b"{\"tag\":\"\xff\"}",
            b"{\"tag\":\"\\ud800\"}",
            b"\xef\xbb\xbf{}",
        ] {
            assert_eq!(error(text).1, "json_invalid", "{text:?}");
        }
        let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
        assert_eq!(error(deep.as_bytes()).1, "object_type");
        assert_eq!(error(format!(r#"{{"tag":{deep}}}"#).as_bytes()).0, "body.tag");
    }
}
