//! Requests whose body is a file, documented once.

use utoipa::IntoResponses;

use super::responses::{Responses, collect, response};

/// What a request whose body is a file can be answered with.
pub struct WithFile;

impl IntoResponses for WithFile {
    fn responses() -> Responses {
        let late =
            response(408, "The file stopped arriving", "body_timeout", "The body did not arrive in time");
        let large = response(
            413,
            "The file is too large, or holds too many rows",
            "body_too_large",
            "The body must not be larger than 67108864 bytes",
        );
        let unknown = response(
            415,
            "The body is something else than a file of a known format",
            "unsupported_media_type",
            "The body must be the file itself, with its Content-Type or the parameter format",
        );
        collect([(408, late), (413, large), (415, unknown)])
    }
}
