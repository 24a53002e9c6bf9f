//! The raw path and query are checked before routing, HEAD becomes GET, and one trailing slash is taken off.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::uri::PathAndQuery;
use actix_web::http::{Method, Uri};
use actix_web::middleware::Next;
use percent_encoding::percent_decode;

use crate::error::{ApiError, FieldError};

/// Refuses a path or query that is no text; answers HEAD as GET; serves `/link/` as `/link`, except under `/docs/`, where pages load
/// their files relatively.
pub async fn normalise(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Err(error) = check(request.uri()) {
        return Ok(request.error_response(ApiError::invalid(vec![error])));
    }
    if request.method() == Method::HEAD {
        // The server sends no body, because it remembers what was asked (RFC 9110, 9.3.2).
        request.head_mut().method = Method::GET;
    }
    if let Some(uri) = without_trailing_slash(request.uri()) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn check(uri: &Uri) -> Result<(), FieldError> {
    let parts = [("path", uri.path()), ("query", uri.query().unwrap_or_default())];
    for (name, part) in parts {
        // Nearly all are.
        if part.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'%') {
            continue;
        }
        let refused = |msg: &str| FieldError {
            loc: vec![name.into()],
            msg: format!("the {name} {msg}"),
            kind: "value_error",
        };
        let decoded: Vec<u8> = percent_decode(part.as_bytes()).collect();
        let text = String::from_utf8(decoded).map_err(|_| refused("is not valid UTF-8"))?;
        if text.contains(char::is_control) {
            return Err(refused("holds a control character"));
        }
    }
    Ok(())
}

fn without_trailing_slash(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    if path == "/docs/" || path.starts_with("/docs/") {
        return None;
    }
    let shorter = path.strip_suffix('/').filter(|path| !path.is_empty())?;
    let path_and_query = match uri.query() {
        Some(query) => format!("{shorter}?{query}"),
        None => shorter.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(path_and_query).ok();
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_trailing_slash_is_taken_off() {
        let shorter = |uri: &str| without_trailing_slash(&uri.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(shorter("/link/"), Some("/link".into()));
        assert_eq!(shorter("/link/?tag=a/"), Some("/link?tag=a/".into()));
        assert_eq!(shorter("/link//"), Some("/link/".into()));
        for kept in ["/", "/link", "/docs/", "/docs/index.css/", "/link?a=/"] {
            assert_eq!(shorter(kept), None, "{kept}");
        }
    }

    #[test]
    fn paths_and_queries_are_text_without_control_characters() {
        let checked = |uri: &str| check(&uri.parse().unwrap()).is_ok();
        for fine in ["/link/blah", "/tag/?tag=caf%C3%A9", "/link/%F0%9F%8D%A3?x=%", "/tag?tag=a%2Fb%zz"] {
            assert!(checked(fine), "{fine}");
        }
        for bad in ["/link/%00", "/link/%ff", "/tag?tag=%0a", "/tag?%C3%28=1", "/tag?x=%7f", "/link/%C2%85"] {
            assert!(!checked(bad), "{bad}");
        }
    }
}
