//! JSON: our own format, and finding the elements of an array without reading it whole.
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

mod frame;
mod notation;
mod read;
mod row;
mod write;

pub(crate) use frame::{Frames, Value};
pub(crate) use read::JsonReader;
pub(crate) use row::parse;
pub(crate) use write::JsonWriter;
