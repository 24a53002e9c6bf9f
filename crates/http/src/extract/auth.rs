//! Authentication and authorization come before anything else is looked at: the type of a handler's argument says so.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{Error, FromRequest, HttpRequest};
use taglink_auth::principal::Principal;

use super::needs::Needs;
use super::{state, take};
use crate::error::ApiError;

/// The principal of a valid bearer token that allows what `P` names, and what another extractor reads after that was
/// found.
pub struct Auth<P, T = ()>(pub Principal, pub T, pub PhantomData<P>);

impl<P, T> FromRequest for Auth<P, T>
where
    P: Needs,
    T: FromRequest + 'static,
    T::Error: Into<Error>,
{
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = take(payload);
        Box::pin(async move {
            let principal = authenticate(&request).await?;
            if !principal.may(P::PERMISSION) {
                return Err(ApiError::insufficient_scope().into());
            }
            let rest = T::from_request(&request, &mut payload).await.map_err(Into::into)?;
            Ok(Self(principal, rest, PhantomData))
        })
    }
}

async fn authenticate(request: &HttpRequest) -> Result<Principal, ApiError> {
    let token = bearer_token(request.headers())?;
    Ok(state(request)?.auth.authenticate(token).await?)
}

/// The token of `Authorization: Bearer TOKEN` (RFC 6750, 2.1), the scheme in any case.
fn bearer_token(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut values = headers.get_all(AUTHORIZATION);
    let value = values.next().ok_or_else(ApiError::not_authenticated)?;
    let token = match value.as_bytes().split_first_chunk::<6>() {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer") => token,
        _ => return Err(ApiError::not_authenticated()),
    };
    let token = str::from_utf8(token).map_err(|_| ApiError::invalid_token())?;
    // `Bearerx` is another scheme.
    let Some(token) = token.strip_prefix(' ').map(str::trim) else {
        return Err(if token.is_empty() { ApiError::invalid_token() } else { ApiError::not_authenticated() });
    };
    // Two words or a comma are in no token: they fail as any forged one does.
    if values.next().is_none() { Ok(token) } else { Err(ApiError::invalid_token()) }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn outcome(values: &[&[u8]]) -> Result<String, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        bearer_token(&headers).map(str::to_owned).map_err(|error| error.code)
    }

    #[test]
    fn the_scheme_is_bearer_in_any_case() {
        for value in ["Bearer abc", "bearer abc", "BEARER   abc "] {
            assert_eq!(outcome(&[value.as_bytes()]), Ok("abc".into()), "{value}");
        }
    }

    #[test]
    fn other_schemes_are_no_authentication() {
        assert_eq!(outcome(&[]), Err("not_authenticated"));
        for value in ["", "abc", "Basic Og==", "Bearerabc", "Token abc"] {
            assert_eq!(outcome(&[value.as_bytes()]), Err("not_authenticated"), "{value}");
        }
    }

    #[test]
    fn a_bearer_value_is_text_given_once() {
        assert_eq!(outcome(&[b"Bearer abc", b"Bearer abc"]), Err("invalid_token"));
        for value in [&b"Bearer"[..], b"Bearer \xff"] {
            assert_eq!(outcome(&[value]), Err("invalid_token"), "{value:?}");
        }
    }
}
