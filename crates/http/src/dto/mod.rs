//! What travels over the wire. Each type converts from or into the domain's; none is known outside of this crate.

mod account;
mod api_token;
mod batch;
mod change;
mod conflict;
mod cursor;
mod feed;
mod file;
mod include;
mod link;
mod lookup;
mod merge_patch;
mod merge_tags;
mod operation;
mod owner;
mod page;
mod search;
mod session;
mod tag;
mod taglink;
mod time;
mod token;
mod transfer;
mod unused;
mod user;

pub use account::{AccountChangeDto, AccountDto, ListAccounts, NewAccountDto};
pub use api_token::{ApiTokenDto, ApiTokenWithSecretDto, NewApiTokenDto};
pub use batch::{BatchAnswerDto, BatchDto, Plan};
pub use change::ChangeDto;
pub use conflict::OnConflictParam;
pub use cursor::{List, Place};
pub use feed::{FollowChanges, Followed};
pub use file::{FileDto, FormDto};
pub use include::{IncludeInLinks, IncludeInTags};
pub use link::{LinkChangeDto, LinkDto, LinkTagsDto, ListLinks, NewLinkDto};
pub use lookup::{LookUpDto, LookedUpDto};
pub use merge_tags::MergeTagsDto;
pub use operation::{OperationName, TagLinksToDeleteDto};
pub use page::{PageParams, Paged, TOTAL_COUNT};
pub use search::{FacetParams, SearchParams, SearchRequest, TagCountDto};
pub use session::SessionDto;
pub use tag::{ListTags, NewTagDto, TagChangeDto, TagDto};
pub use taglink::{DeleteTagLinks, ListTagLinks, NewTagLinkDto, TagLinkDto};
pub use token::{AuthorizationServerDto, Grant, RevocationForm, TokenDto, TokenForm, revoked_token};
pub use transfer::{ExportParams, FormatDto, ImportParams, ImportReportDto, file_name};
pub use unused::DeleteUnusedTags;
pub use user::{ListUsers, NewUserDto, PasswordChangeDto, UserChangeDto, UserDto};

use secrecy::SecretString;
use taglink_auth::password::NewPassword;
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

/// A password that is to be set.
fn new_password(field: &'static str, password: SecretString) -> Result<NewPassword, FieldError> {
    NewPassword::parse(password).map_err(|error| FieldError::body(field, "value_error", &error))
}
