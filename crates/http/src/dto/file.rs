//! Our own file format, as the document describes it; the files themselves are written and read by `taglink_transfer`.
#![expect(dead_code, reason = "describes the files")]

use utoipa::ToSchema;
use uuid::Uuid;

/// Everything of an account. `format` and `version` come first, and tags before the links that name them.
#[derive(ToSchema)]
#[schema(as = File)]
pub struct FileDto {
    /// Always `taglink`.
    #[schema(example = "taglink")]
    format: String,
    #[schema(example = 1)]
    version: u8,
    tags: Vec<FileTagDto>,
    links: Vec<FileLinkDto>,
}

/// A form with a file, as pages send it.
#[derive(ToSchema)]
#[schema(as = FileForm)]
pub struct FormDto {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A tag in a file.
#[derive(ToSchema)]
#[schema(as = FileTag)]
pub struct FileTagDto {
    #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
    tag_id: Uuid,
    #[schema(example = "example")]
    tag: String,
    #[schema(example = "2026-01-31T12:30:00.000000Z")]
    created_at: String,
    #[schema(example = "2026-01-31T12:30:00.000000Z")]
    updated_at: String,
}

/// A link in a file.
#[derive(ToSchema)]
#[schema(as = FileLink)]
pub struct FileLinkDto {
    #[schema(example = "018f3b1e-7c1b-7abc-9a1b-0123456789ab")]
    link_id: Uuid,
    #[schema(example = "https://www.example.com")]
    link: String,
    #[schema(example = "Example")]
    title: Option<String>,
    notes: Option<String>,
    #[schema(example = "2026-01-31T12:30:00.000000Z")]
    created_at: String,
    #[schema(example = "2026-01-31T12:30:00.000000Z")]
    updated_at: String,
    tags: Vec<FileTaggingDto>,
}

/// A tag of a link in a file, and since when the link has it.
#[derive(ToSchema)]
#[schema(as = FileTagging)]
pub struct FileTaggingDto {
    #[schema(example = "018f3b1e-7c1a-7def-8a1b-0123456789ab")]
    tag_id: Uuid,
    #[schema(example = "2026-01-31T12:30:00.000000Z")]
    created_at: String,
}
