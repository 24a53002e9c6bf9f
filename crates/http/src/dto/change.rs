//! Changes: what happened to links, tags and taglinks.

use serde::Serialize;
use taglink_domain::model::{Change, Changed};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{LinkDto, TagDto, TagLinkDto};

/// Declares the one text that a member always has.
macro_rules! define_literal {
    ($($name:ident => $text:tt),+ $(,)?) => {
        $(
            #[doc = concat!("Always `", $text, "`.")]
            #[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
            pub enum $name {
                #[default]
                #[serde(rename = $text)]
                Value,
            }
        )+
    };
}

define_literal!(
    Upsert => "upsert",
    Delete => "delete",
    OfLink => "link",
    OfTag => "tag",
    OfTagLink => "taglink",
);

/// Declares a kind of change: what was done to what, and the members that tell of it.
macro_rules! define_change {
    ($(#[$doc:meta])* $name:ident as $schema:ident: $change:ident $entity:ident { $($body:tt)* }) => {
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        #[schema(as = $schema)]
        pub struct $name {
            #[schema(inline)]
            pub change: $change,
            #[schema(inline)]
            pub entity: $entity,
            /// Its number within the account: 1, 2, 3 and so on.
            #[schema(example = 42, minimum = 1)]
            pub seq: i64,
            /// When it happened.
            #[schema(example = "2026-01-31T12:00:00.000000Z", format = DateTime)]
            pub changed_at: String,
            $($body)*
        }
    };
}

define_change!(
    /// A link that is new or has changed.
    LinkUpsertDto as LinkUpsert: Upsert OfLink {
        /// The link as it is now.
        pub link: LinkDto,
    }
);
define_change!(
    /// A link that is gone.
    LinkDeleteDto as LinkDelete: Delete OfLink {
        /// The id it had.
        #[schema(example = "018f3b1e-7c1b-7abc-9a1b-0123456789ab")]
        pub link_id: Uuid,
    }
);
define_change!(
    /// A tag that is new or has changed.
    TagUpsertDto as TagUpsert: Upsert OfTag {
        /// The tag as it is now.
        pub tag: TagDto,
    }
);
define_change!(
    /// A tag that is gone.
    TagDeleteDto as TagDelete: Delete OfTag {
        /// The id it had.
        #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
        pub tag_id: Uuid,
    }
);
define_change!(
    /// A tag that was put on a link.
    TagLinkUpsertDto as TagLinkUpsert: Upsert OfTagLink {
        /// The taglink as it is now.
        pub taglink: TagLinkDto,
    }
);
define_change!(
    /// A tag that was taken off a link.
    TagLinkDeleteDto as TagLinkDelete: Delete OfTagLink {
        /// The id of the tag.
        #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
        pub tag_id: Uuid,
        /// The id of the link.
        #[schema(example = "018f3b1e-7c1b-7abc-9a1b-0123456789ab")]
        pub link_id: Uuid,
    }
);

/// A change; `change` and `entity` tell which members it has.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Change)]
pub enum ChangeDto {
    LinkUpsert(LinkUpsertDto),
    LinkDelete(LinkDeleteDto),
    TagUpsert(TagUpsertDto),
    TagDelete(TagDeleteDto),
    TagLinkUpsert(TagLinkUpsertDto),
    TagLinkDelete(TagLinkDeleteDto),
}

impl From<Change> for ChangeDto {
    fn from(change: Change) -> Self {
        let (seq, changed_at) = (change.seq.get(), change.changed_at.to_string());
        let (upsert, delete) = (Upsert::Value, Delete::Value);
        let (of_link, of_tag, of_taglink) = (OfLink::Value, OfTag::Value, OfTagLink::Value);
        match change.now {
            Changed::Link(link) => {
                let link = link.into();
                Self::LinkUpsert(LinkUpsertDto { change: upsert, entity: of_link, seq, changed_at, link })
            }
            Changed::LinkGone(id) => {
                let link_id = id.into();
                Self::LinkDelete(LinkDeleteDto { change: delete, entity: of_link, seq, changed_at, link_id })
            }
            Changed::Tag(tag) => {
                let tag = tag.into();
                Self::TagUpsert(TagUpsertDto { change: upsert, entity: of_tag, seq, changed_at, tag })
            }
            Changed::TagGone(id) => {
                let tag_id = id.into();
                Self::TagDelete(TagDeleteDto { change: delete, entity: of_tag, seq, changed_at, tag_id })
            }
            Changed::TagLink(taglink) => Self::TagLinkUpsert(TagLinkUpsertDto {
                change: upsert,
                entity: of_taglink,
                seq,
                changed_at,
                taglink: taglink.into(),
            }),
            Changed::TagLinkGone(tag_id, link_id) => Self::TagLinkDelete(TagLinkDeleteDto {
                change: delete,
                entity: of_taglink,
                seq,
                changed_at,
                tag_id: tag_id.into(),
                link_id: link_id.into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use taglink_domain::model::{ChangeSeq, LinkId, TagId, Timestamp};

    use super::*;

    #[test]
    fn a_removal_tells_the_ids_and_nothing_else() {
        let (tag, link) = (TagId::new(), LinkId::new());
        let json = |now| -> Value {
            let (seq, changed_at) = (ChangeSeq::new(7).unwrap(), Timestamp::from_micros(0).unwrap());
            serde_json::to_value(ChangeDto::from(Change { seq, changed_at, now })).unwrap()
        };
        let at = "1970-01-01T00:00:00.000000Z";
        assert_eq!(
            json(Changed::LinkGone(link)),
            json!({"change": "delete", "entity": "link", "seq": 7, "changed_at": at, "link_id": link.to_string()})
        );
        assert_eq!(
            json(Changed::TagGone(tag)),
            json!({"change": "delete", "entity": "tag", "seq": 7, "changed_at": at, "tag_id": tag.to_string()})
        );
        assert_eq!(
            json(Changed::TagLinkGone(tag, link)),
            json!({"change": "delete", "entity": "taglink", "seq": 7, "changed_at": at,
                "tag_id": tag.to_string(), "link_id": link.to_string()})
        );
    }
}
