//! JSON: our own format, and those of other services.
//!
//! ```json
//! {
//!   "format": "taglink",
//!   "version": 1,
//!   "tags": [{"tag_id": "…", "tag": "…", "created_at": "…", "updated_at": "…"}],
//!   "links": [{"link_id": "…", "link": "…", "title": "…", "notes": null, "created_at": "…", "updated_at": "…",
//!              "tags": [{"tag_id": "…", "created_at": "…"}]}]
//! }
//! ```
//!
//! Ids are hyphenated UUIDs, times RFC 3339. `format` and `version` come first and tags before links, so that a
//! reader knows what it has before it needs it; a file sorted otherwise is refused. Members that are not known are
//! ignored, for the sake of later versions of this one; another version is refused.

mod foreign;
mod notation;
mod own;
mod row;
mod stream;
mod tree;
mod write;

pub(crate) use foreign::read as read_foreign;
pub(crate) use own::read as read_own;
pub(crate) use write::JsonWriter;
