//! The form of the token endpoint.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpRequest};

use super::{body, take};
use crate::error::{ApiError, FieldError};

/// The largest form, in bytes.
pub const MAX_BYTES: usize = 4 * 1024;

/// The parameters of an `application/x-www-form-urlencoded` body, each given once (RFC 6749, 3.2).
pub struct Form(HashMap<String, String>);

impl Form {
    /// Takes a parameter out.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Takes a parameter out that must be there.
    ///
    /// # Errors
    /// 422 `invalid_request` if it is missing.
    pub fn require(&mut self, name: &str) -> Result<String, ApiError> {
        self.take(name).ok_or_else(|| refuse(FieldError::body(name, "missing", "field required")))
    }
}

impl FromRequest for Form {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = take(payload);
        Box::pin(async move {
            if !body::is_of_type(&request, "application/x-www-form-urlencoded") {
                return Err(refuse(FieldError::whole_body(
                    "form_type",
                    "the body must be application/x-www-form-urlencoded",
                ))
                .into());
            }
            let bytes = body::read(&request, &mut payload, MAX_BYTES)
                .await
                .map_err(|error| error.with_oauth("invalid_request"))?;
            Ok(Self(parse(&bytes).map_err(refuse)?))
        })
    }
}

fn refuse(error: FieldError) -> ApiError {
    ApiError::invalid(vec![error]).with_oauth("invalid_request")
}

fn parse(bytes: &[u8]) -> Result<HashMap<String, String>, FieldError> {
    let mut parameters = HashMap::new();
    for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (pair.get(..at), pair.get(at + 1..)),
            None => (Some(pair), None),
        };
        let name = decode(name.unwrap_or_default())?;
        let value = decode(value.unwrap_or_default())?;
        let kept = name.clone();
        if parameters.insert(name, value).is_some() {
            return Err(FieldError::body(&kept, "duplicate", "given more than once"));
        }
    }
    Ok(parameters)
}

/// Decodes `+` and percent-encoding (WHATWG URL Standard, 5.1), and refuses what is no text.
fn decode(bytes: &[u8]) -> Result<String, FieldError> {
    let refused = |msg: &str| FieldError::whole_body("value_error", msg);
    let spaced: Vec<u8> = bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded: Vec<u8> = percent_encoding::percent_decode(&spaced).collect();
    let text = String::from_utf8(decoded).map_err(|_| refused("the form is not valid UTF-8"))?;
    if text.contains('\0') { Err(refused("the form holds a NUL character")) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_given_once() {
        let form = parse(b"username=a%40b+c&password=%F0%9F%8D%A3&scope=&&flag").unwrap();
        assert_eq!(form["username"], "a@b c");
        assert_eq!(form["password"], "🍣");
        assert_eq!((form["scope"].as_str(), form["flag"].as_str()), ("", ""));
        assert_eq!(parse(b"a=1&%61=2").unwrap_err().kind, "duplicate");
        for bytes in [&b"a=%ff"[..], b"\xff=a", b"a=%00", b"%00=a"] {
            assert_eq!(parse(bytes).unwrap_err().kind, "value_error", "{bytes:?}");
        }
    }
}
