//! Conditional requests (RFC 9110, 13): they keep two clients from overwriting each other's changes.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::{Error, FromRequest, HttpRequest};
use taglink_domain::model::Expected;

/// The entity tags of `If-Match`; without that header, anything is expected.
pub struct IfMatch(Option<EntityTags>);

/// What a header lists.
enum EntityTags {
    /// `*`: whatever there is.
    Any,
    /// Without their quotes, the weak ones as well.
    These(Vec<String>),
}

impl IfMatch {
    /// Reads what the header would hold; nothing stands for no header.
    pub fn of(value: Option<&str>) -> Self {
        Self(value.map(|value| listed(std::iter::once(value))))
    }

    /// Which versions of the object itself are expected, whatever was included when it was read.
    pub fn version(&self) -> Expected {
        self.expected(|tag| tag.split_once('.').map_or(tag, |(version, _)| version))
    }

    /// Which sets of tags are expected: those of objects that were read with their tags.
    pub fn included(&self) -> Expected {
        self.expected(|tag| tag.split_once('.').map_or("", |(_, included)| included))
    }

    fn expected(&self, part: impl Fn(&str) -> &str) -> Expected {
        match &self.0 {
            None | Some(EntityTags::Any) => Expected::Anything,
            Some(EntityTags::These(tags)) => {
                Expected::Versions(tags.iter().map(|tag| part(tag).to_owned()).collect())
            }
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(entity_tags(request.headers(), &IF_MATCH))))
    }
}

/// Whether `If-None-Match` lists this entity tag: then the client has the object already.
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    match entity_tags(headers, &IF_NONE_MATCH) {
        None => false,
        Some(EntityTags::Any) => true,
        Some(EntityTags::These(tags)) => tags.iter().any(|tag| tag == etag),
    }
}

/// What a header lists; text that is no entity tag matches nothing.
fn entity_tags(headers: &HeaderMap, name: &HeaderName) -> Option<EntityTags> {
    headers.get(name)?;
    Some(listed(headers.get_all(name).filter_map(|value| value.to_str().ok())))
}

fn listed<'a>(values: impl Iterator<Item = &'a str> + Clone) -> EntityTags {
    // Ours hold no commas.
    let tags = values.flat_map(|value| value.split(',')).map(str::trim);
    if tags.clone().any(|tag| tag == "*") {
        return EntityTags::Any;
    }
    EntityTags::These(tags.filter_map(opaque_tag).collect())
}

/// What is in the quotes. An answer that was compressed, here or by a proxy, has its tag made weak or the name of the
/// encoding appended (`W/"3"`, `"3-gzip"`), so `If-Match` is compared weakly as well: a version never stands for two
/// states. Ours have no hyphens.
fn opaque_tag(tag: &str) -> Option<String> {
    let tag = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
    Some(tag.split_once('-').map_or(tag, |(version, _)| version).to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn headers(name: &HeaderName, values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), HeaderValue::from_static(value));
        }
        headers
    }

    fn if_match(values: &[&'static str]) -> IfMatch {
        IfMatch(entity_tags(&headers(&IF_MATCH, values), &IF_MATCH))
    }

    #[test]
    fn if_match_expects_one_of_the_tags_it_lists() {
        assert_eq!(if_match(&[]).version(), Expected::Anything);
        assert_eq!(if_match(&["*"]).version(), Expected::Anything);
        let expected = if_match(&["\"1\", \"2.abc\"", "W/\"3\", W/\"4.def-gzip\", \"5--gzip\""]);
        let versions = |texts: &[&str]| Expected::Versions(texts.iter().map(ToString::to_string).collect());
        assert_eq!(expected.version(), versions(&["1", "2", "3", "4", "5"]));
        assert_eq!(expected.included(), versions(&["", "abc", "", "def", ""]));
        assert_eq!(if_match(&["nonsense"]).version(), Expected::Versions(Vec::new()), "matches nothing");
    }

    #[test]
    fn if_none_match_compares_weakly() {
        let known = |values: &[&'static str], etag| is_known(&headers(&IF_NONE_MATCH, values), etag);
        assert!(known(&["\"1\""], "1") && known(&["W/\"1\""], "1") && known(&["\"0\",\"1-gzip\""], "1"));
        assert!(known(&["*"], "1"));
        assert!(!known(&[], "1") && !known(&["\"2\""], "1") && !known(&["1"], "1"));
    }
}
