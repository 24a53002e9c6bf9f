//! The operations of a batch, described by the bodies of their single routes.

use std::borrow::Cow;

use serde_json::json;
use utoipa::openapi::schema::{Discriminator, Object, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::dto::{
    LinkChangeDto, LinkTagsDto, NewLinkDto, NewTagDto, NewTagLinkDto, OperationName, TagChangeDto,
    TagLinksToDeleteDto,
};

/// One operation: any of them, told apart by `op`.
pub struct OperationSchema;

impl ToSchema for OperationSchema {
    fn name() -> Cow<'static, str> {
        "Operation".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.extend(OperationName::ALL.map(|name| (component(name), schema(name).into())));
    }
}

impl PartialSchema for OperationSchema {
    fn schema() -> RefOr<Schema> {
        let any = OneOfBuilder::new().description(Some("One operation; `op` says which.")).discriminator(
            Some(Discriminator::with_mapping(
                "op",
                OperationName::ALL
                    .map(|name| (name.as_str(), format!("#/components/schemas/{}", component(name)))),
            )),
        );
        let any = OperationName::ALL
            .into_iter()
            .fold(any, |any, name| any.item(Ref::from_schema_name(component(name))));
        RefOr::T(Schema::OneOf(any.build()))
    }
}

/// `create_link` is the component `CreateLinkOperation`.
fn component(name: OperationName) -> String {
    let words = name.as_str().split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        format!("{}{rest}", first.to_uppercase())
    });
    words.chain(["Operation".to_owned()]).collect()
}

fn schema(name: OperationName) -> Schema {
    let (body, ids, has_version) = match name {
        OperationName::CreateLink => (NewLinkDto::schema(), None, false),
        OperationName::UpdateLink => (LinkChangeDto::schema(), Some("link_id"), true),
        OperationName::SetLinkTags => (LinkTagsDto::schema(), Some("link_id"), true),
        OperationName::DeleteLink => (nothing(), Some("link_id"), true),
        OperationName::CreateTag => (NewTagDto::schema(), None, false),
        OperationName::UpdateTag => (TagChangeDto::schema(), Some("tag_id"), true),
        OperationName::DeleteTag => (nothing(), Some("tag_id"), true),
        OperationName::CreateTaglink => (NewTagLinkDto::schema(), None, false),
        OperationName::DeleteTaglink => (TagLinksToDeleteDto::schema(), None, false),
    };
    let mut object = match body {
        RefOr::T(Schema::Object(object)) => object,
        _ => Object::new(),
    };
    object.example = None;
    let mut add = |member: &str, schema: Object, is_required: bool| {
        object.properties.insert(member.to_owned(), schema.into());
        if is_required {
            object.required.push(member.to_owned());
        }
    };
    let op =
        ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).enum_values(Some([name.as_str()]));
    add("op", op.build(), true);
    if let Some(id) = ids {
        add(id, text("The id of the object.", "018f3b1e-7c1a-7def-8a1b-0123456789ab"), true);
    }
    if has_version {
        let description =
            "The `ETag` of the object as it was read: if it has been changed since, the status is 412.";
        add("if_match", text(description, "\"1\""), false);
    }
    Schema::Object(object)
}

fn nothing() -> RefOr<Schema> {
    use utoipa::openapi::schema::AdditionalProperties;
    let nothing = ObjectBuilder::new().additional_properties(Some(AdditionalProperties::FreeForm(false)));
    RefOr::T(Schema::Object(nothing.build()))
}

fn text(description: &str, example: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .description(Some(description))
        .examples([json!(example)])
        .build()
}
