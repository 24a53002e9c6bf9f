//! One operation of a batch: its name, the ids that are in the path of its single route, and the members of its body.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use taglink_auth::principal::Principal;
use taglink_domain::model::{IdRef, Timestamp, UrlIdentity};
use taglink_domain::use_case::batch::Operation;
use utoipa::ToSchema;
use uuid::Uuid;

use super::taglink::DeleteTagLinks;
use super::{LinkChangeDto, LinkTagsDto, NewLinkDto, NewTagDto, NewTagLinkDto, TagChangeDto, body_id};
use crate::error::{ApiError, FieldError};
use crate::extract::{IfMatch, json};

/// How many members an operation can have; more than any has.
const MAX_MEMBERS: usize = 32;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationName {
    CreateLink,
    UpdateLink,
    SetLinkTags,
    DeleteLink,
    CreateTag,
    UpdateTag,
    DeleteTag,
    CreateTaglink,
    DeleteTaglink,
}

impl OperationName {
    /// All of them; a test sees to it.
    pub const ALL: [Self; 9] = [
        Self::CreateLink,
        Self::UpdateLink,
        Self::SetLinkTags,
        Self::DeleteLink,
        Self::CreateTag,
        Self::UpdateTag,
        Self::DeleteTag,
        Self::CreateTaglink,
        Self::DeleteTaglink,
    ];

    /// As it is on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateLink => "create_link",
            Self::UpdateLink => "update_link",
            Self::SetLinkTags => "set_link_tags",
            Self::DeleteLink => "delete_link",
            Self::CreateTag => "create_tag",
            Self::UpdateTag => "update_tag",
            Self::DeleteTag => "delete_tag",
            Self::CreateTaglink => "create_taglink",
            Self::DeleteTaglink => "delete_taglink",
        }
    }
}

/// Which taglinks to remove: those that agree with everything given; at least one member must be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagLinksToDeleteDto {
    /// Only taglinks of the tag with this id.
    #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab", nullable = false)]
    tag_id: Option<String>,
    /// Only taglinks of the link with this id.
    #[schema(example = "018f3b1e-7c1b-7abc-9a1b-0123456789ab", nullable = false)]
    link_id: Option<String>,
}

/// An operation without members, but for those that [`Members`] takes out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Reads an operation: the one place that knows the members of all of them.
///
/// # Errors
/// 422 if it is none, or a value breaks a rule.
pub(super) fn read(
    text: &RawValue,
    principal: &Principal,
    identity: &UrlIdentity,
    at: Timestamp,
) -> Result<Operation, ApiError> {
    let mut members: Members<'_> = json::parse(text.get().as_bytes()).map_err(invalid)?;
    let name: Option<OperationName> = members.take("op")?;
    Ok(match name.ok_or_else(|| missing("op"))? {
        OperationName::CreateLink => {
            Operation::CreateLink(members.rest::<NewLinkDto>()?.into_command(principal, identity, at)?)
        }
        OperationName::UpdateLink => Operation::ChangeLink {
            id: members.id("link_id")?,
            expected: members.if_match()?.version(),
            change: members.rest::<LinkChangeDto>()?.into_change(identity)?,
        },
        OperationName::SetLinkTags => Operation::SetLinkTags {
            id: members.id("link_id")?,
            expected: members.if_match()?.included(),
            choices: members.rest::<LinkTagsDto>()?.into_choices()?,
        },
        OperationName::DeleteLink => {
            let (id, expected) = (members.id("link_id")?, members.if_match()?.version());
            members.rest::<Nothing>()?;
            Operation::DeleteLink { id, expected }
        }
        OperationName::CreateTag => {
            Operation::CreateTag(members.rest::<NewTagDto>()?.into_command(principal, at)?)
        }
        OperationName::UpdateTag => Operation::RenameTag {
            id: members.id("tag_id")?,
            expected: members.if_match()?.version(),
            name: members.rest::<TagChangeDto>()?.into_name()?,
        },
        OperationName::DeleteTag => {
            let (id, expected) = (members.id("tag_id")?, members.if_match()?.version());
            members.rest::<Nothing>()?;
            Operation::DeleteTag { id, expected }
        }
        OperationName::CreateTaglink => {
            Operation::CreateTagLink(members.rest::<NewTagLinkDto>()?.into_command(principal, at)?)
        }
        OperationName::DeleteTaglink => {
            let TagLinksToDeleteDto { tag_id, link_id } = members.rest()?;
            Operation::DeleteTagLinks(DeleteTagLinks::of(tag_id, link_id).into_query()?)
        }
    })
}

fn invalid(error: FieldError) -> ApiError {
    ApiError::invalid(vec![error])
}

fn missing(member: &str) -> ApiError {
    invalid(FieldError::body(member, "missing", "field required"))
}

/// The members of an operation, each given once, their values not yet read.
struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl Members<'_> {
    /// Takes a member out; null is the same as absent.
    fn take<T: DeserializeOwned>(&mut self, member: &'static str) -> Result<Option<T>, ApiError> {
        let Some(value) = self.0.remove(member) else { return Ok(None) };
        Option::<T>::deserialize(value).map_err(|error| {
            let text = error.to_string();
            let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
            invalid(FieldError::body(member, "type_error", text))
        })
    }

    /// Takes an id out, which must be there.
    fn id<T: From<Uuid> + Copy>(&mut self, member: &'static str) -> Result<IdRef<T>, ApiError> {
        let text = self.take::<String>(member)?.ok_or_else(|| missing(member))?;
        body_id(member, text).map_err(invalid)
    }

    /// Takes out what would be the header `If-Match`.
    fn if_match(&mut self) -> Result<IfMatch, ApiError> {
        Ok(IfMatch::of(self.take::<String>("if_match")?.as_deref()))
    }

    /// Reads all the others, as the body of a single route.
    fn rest<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        let members = MapDeserializer::<_, serde_json::Error>::new(self.0.into_iter());
        serde_path_to_error::deserialize(members).map_err(|error| invalid(json::describe(&error)))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = BTreeMap<String, &'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an operation")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    if members.len() == MAX_MEMBERS {
                        return Err(A::Error::custom(format_args!("unknown field `{name}`")));
                    }
                    if members.contains_key(&name) {
                        return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
                    }
                    members.insert(name, value);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Each).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_listed_by_its_name() {
        let unknown = serde_json::from_str::<OperationName>("\"x\"").unwrap_err().to_string();
        let known: Vec<&str> = unknown.split('`').skip(3).step_by(2).collect();
        assert_eq!(known, OperationName::ALL.map(OperationName::as_str));
    }

    fn error(text: &str) -> (String, &'static str) {
        let members = json::parse::<Members<'_>>(text.as_bytes());
        let error = members.map_err(invalid).and_then(|mut members| {
            members.take::<OperationName>("op")?;
            members.rest::<NewTagDto>()
        });
        let error = error.unwrap_err();
        (error.errors[0].loc.join("."), error.errors[0].kind)
    }

    #[test]
    fn the_wrong_member_is_named() {
        assert_eq!(error("{}"), ("body.tag".into(), "missing"));
        assert_eq!(error(r#"{"op":"create_tag","tag":1}"#), ("body.tag".into(), "type_error"));
        assert_eq!(error(r#"{"op":"create_tag","tag":"a","x":1}"#), ("body.x".into(), "extra_forbidden"));
        assert_eq!(error(r#"{"op":"create_tag","tag":"a","tag":"b"}"#), ("body.tag".into(), "duplicate"));
        assert_eq!(error(r#"{"op":"nothing"}"#), ("body.op".into(), "type_error"));
        assert_eq!(error("[]"), ("body".into(), "object_type"));
        let deep = format!(r#"{{"op":"create_tag","tag":{}{}}}"#, "[".repeat(50_000), "]".repeat(50_000));
        assert_eq!(error(&deep), ("body.tag".into(), "type_error"));
        let many: Vec<_> = (0..40).map(|number| format!("\"m{number}\":1")).collect();
        assert_eq!(error(&format!("{{{}}}", many.join(","))).1, "extra_forbidden");
    }
}
