//! Many operations at once.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use taglink_auth::principal::Principal;
use taglink_domain::model::{Answer, Timestamp, UrlIdentity};
use taglink_domain::use_case::batch::{Batch, Mode, Operation};
use utoipa::ToSchema;

use super::{LinkDto, TagDto, TagLinkDto, operation};
use crate::error::{ApiError, FieldError, Problem};
use crate::openapi::OperationSchema;

/// How many operations a batch can have.
const MAX_OPERATIONS: usize = 1000;

/// How many tags can be set on links in one batch.
const MAX_TAGS: usize = 10_000;

/// Operations to do one after the other, in one transaction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Batch, example = json!({"mode": "atomic", "operations": [
    {"op": "create_tag", "tag": "another example"},
    {"op": "create_link", "link": "https://www.example.com", "tag": "example"}]}))]
pub struct BatchDto {
    /// What one that fails means for the others; `atomic` unless it is given.
    #[schema(nullable = false)]
    mode: Option<ModeDto>,
    /// Whether only to tell what would come of it: everything is done and undone again.
    #[schema(nullable = false)]
    dry_run: Option<bool>,
    /// Up to 1000. Each has the members of its single route, an id of the path as `link_id` or `tag_id`, and the header
    /// `If-Match` as `if_match`. It sees what those before it have done. All `set_link_tags` together may set up to
    /// 10,000 tags.
    #[schema(value_type = Vec<OperationSchema>, max_items = 1000)]
    operations: Operations,
}

/// What an operation that fails means for the others.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = BatchMode)]
enum ModeDto {
    /// None is done.
    Atomic,
    /// Nothing: each stands for itself.
    Independent,
}

/// Operations that are not read yet, so that one that is wrong is told by itself.
#[derive(Debug)]
struct Operations(Vec<Box<RawValue>>);

impl<'de> Deserialize<'de> for Operations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Vec<Box<RawValue>>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of operations")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
                let mut operations = Vec::new();
                while let Some(operation) = sequence.next_element()? {
                    if operations.len() == MAX_OPERATIONS {
                        return Err(A::Error::custom(format_args!("there are more than {MAX_OPERATIONS}")));
                    }
                    operations.push(operation);
                }
                Ok(operations)
            }
        }

        deserializer.deserialize_seq(Each).map(Self)
    }
}

/// What is to be told of each operation.
#[derive(Clone, Debug)]
pub struct Plan(Vec<Option<ApiError>>);

impl BatchDto {
    /// The commands that this asks for, and the plan of the answer.
    ///
    /// # Errors
    /// 422 if too many tags are to be set.
    pub fn into_batch(
        self,
        principal: &Principal,
        identity: &UrlIdentity,
        at: Timestamp,
    ) -> Result<(Batch, Plan), ApiError> {
        let (mut operations, mut plan) = (Vec::new(), Vec::new());
        for (index, text) in self.operations.0.iter().enumerate() {
            match operation::read(text, principal, identity, at) {
                Ok(operation) => {
                    operations.push(operation);
                    plan.push(None);
                }
                Err(error) => plan.push(Some(error.of_operation(index))),
            }
        }
        let tags: usize = operations.iter().map(count_tags).sum();
        if tags > MAX_TAGS {
            let msg = format!("operations must not set more than {MAX_TAGS} tags");
            return Err(ApiError::invalid(vec![FieldError::body("operations", "too_long", &msg)]));
        }
        let mode = match self.mode {
            None | Some(ModeDto::Atomic) => Mode::Atomic,
            Some(ModeDto::Independent) => Mode::Independent,
        };
        let dry_run = self.dry_run.unwrap_or_default();
        Ok((Batch { operations, mode, dry_run, scope: principal.account_scope(), at }, Plan(plan)))
    }
}

fn count_tags(operation: &Operation) -> usize {
    match operation {
        Operation::SetLinkTags { choices, .. } => choices.len(),
        Operation::CreateLink(_)
        | Operation::ChangeLink { .. }
        | Operation::DeleteLink { .. }
        | Operation::CreateTag(_)
        | Operation::RenameTag { .. }
        | Operation::DeleteTag { .. }
        | Operation::CreateTagLink(_)
        | Operation::DeleteTagLinks(_) => 1,
    }
}

impl Plan {
    /// Whether there is an operation that could not be read.
    pub fn has_invalid(&self) -> bool {
        self.0.iter().any(Option::is_some)
    }

    /// What is to be told of all operations, when `outcomes` is what is to be told of those that could be read. An
    /// operation without an outcome depended on another that failed.
    pub fn answer(
        &self,
        committed: bool,
        outcomes: Vec<Option<Result<Answer, ApiError>>>,
        request_id: &str,
    ) -> BatchAnswerDto {
        let mut outcomes = outcomes.into_iter();
        let results = self.0.iter().enumerate().map(|(index, invalid)| match invalid {
            Some(error) => OperationResultDto::of_error(error, request_id),
            None => match outcomes.next().flatten() {
                Some(Ok(answer)) => OperationResultDto::of_answer(answer),
                Some(Err(error)) => OperationResultDto::of_error(&error.of_operation(index), request_id),
                None => OperationResultDto::of_error(&ApiError::failed_dependency(), request_id),
            },
        });
        BatchAnswerDto { committed, results: results.collect() }
    }
}

/// What came of a batch.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchAnswer, example = json!({"committed": true, "results": [{"status": 200, "body": "OK"}]}))]
pub struct BatchAnswerDto {
    /// Whether what was done is stored: not after a dry run, not if an operation of an atomic batch failed, and not if
    /// all of an independent one did.
    committed: bool,
    /// What came of each operation, in their order.
    results: Vec<OperationResultDto>,
}

/// What came of an operation: what its single route would have answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OperationResult)]
struct OperationResultDto {
    /// The HTTP status; 424 if it was not done, or undone, because another failed.
    #[schema(example = 200)]
    status: u16,
    /// The object, `"OK"` if something was removed, or a problem.
    #[schema(value_type = OperationBody)]
    body: Box<RawValue>,
    /// Where the object is that was stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "/tag/018f3b1e-7c1a-7def-8a1b-0123456789ab")]
    location: Option<String>,
    /// The version of the object, for `If-Match`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "\"1\"")]
    etag: Option<String>,
}

/// The body of a result, as the document describes it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what `body` holds")]
enum OperationBody {
    Link(LinkDto),
    Tag(TagDto),
    TagLink(TagLinkDto),
    Removed(String),
    Problem(Problem),
}

impl OperationResultDto {
    fn of_answer(answer: Answer) -> Self {
        let Answer { status, location, etag, body } = answer;
        match RawValue::from_string(body) {
            Ok(body) => Self { status, body, location, etag },
            Err(error) => Self::of_error(&ApiError::internal(error.to_string()), ""),
        }
    }

    fn of_error(error: &ApiError, request_id: &str) -> Self {
        let status = error.status.as_u16();
        let body = serde_json::value::to_raw_value(&Problem::new(error, request_id)).unwrap_or_default();
        Self { status, body, location: None, etag: None }
    }
}
