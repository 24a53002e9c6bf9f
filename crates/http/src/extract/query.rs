//! Query strings.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use crate::error::{ApiError, FieldError};

/// The parameters that `T` knows. Others are ignored; one of `T`'s that is given twice is refused.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self).map_err(Error::from))
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, ApiError> {
    serde_urlencoded::from_str(query).map_err(|error| {
        let text = error.to_string();
        let repeated = text.strip_prefix("duplicate field `").and_then(|rest| rest.strip_suffix('`'));
        ApiError::invalid(vec![match repeated {
            Some(parameter) => FieldError::query(parameter, "duplicate", "given more than once"),
            None => FieldError { loc: vec!["query".into()], msg: text, kind: "value_error" },
        }])
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Parameters {
        tag: Option<String>,
    }

    #[test]
    fn unknown_parameters_are_ignored_and_known_ones_given_once() {
        let tag =
            |query| parse::<Parameters>(query).map(|parameters| parameters.tag).map_err(|error| error.detail);
        assert_eq!(tag(""), Ok(None));
        assert_eq!(tag("tag="), Ok(Some(String::new())));
        assert_eq!(tag("x=1&tag=a+%26%20b&x=2&&y"), Ok(Some("a & b".into())));
        assert_eq!(tag("tag=a&tag=a"), Err("tag: given more than once".into()));
        assert_eq!(tag("tag=a&%74ag=b"), Err("tag: given more than once".into()));
    }
}
