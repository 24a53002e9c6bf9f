//! What travels over the wire. Each type converts from or into the domain's; none is known outside of this crate.

mod cursor;
mod link;
mod page;
mod tag;
mod taglink;
mod token;

pub use cursor::{List, Place};
pub use link::{LinkDto, ListLinks, NewLinkDto};
pub use page::{PageParams, Paged};
pub use tag::{ListTags, NameFilter, NewTagDto, TagDto};
pub use taglink::{DeleteTagLinks, ListTagLinks, NewTagLinkDto, TagLinkDto};
pub use token::{LoginForm, TokenDto};

use taglink_domain::model::IdRef;
use uuid::Uuid;

use crate::error::FieldError;

/// An id in a body. One that no row can have is told by the use case; only control characters are refused here.
fn body_id<T: From<Uuid> + Copy>(field: &'static str, text: String) -> Result<IdRef<T>, FieldError> {
    if text.contains(char::is_control) {
        Err(FieldError::body(field, "value_error", &format!("{field} must not contain control characters")))
    } else {
        Ok(IdRef::new(text))
    }
}
