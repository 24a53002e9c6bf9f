//! Models and validated newtypes. A value of one of these types is valid: each rule is checked once, on entry.

mod account;
mod change;
mod credential;
mod details;
pub(crate) mod id;
mod idempotency;
mod link;
mod page;
mod tag;
mod taglink;
pub(crate) mod text;
mod time;
mod url_identity;
mod user;
mod version;

pub use account::{Account, AccountChange, Email, InvalidEmail, NewAccount, Owner};
pub use change::{Change, ChangeSeq, Changed};
pub use credential::{
    ApiToken, ApiTokenName, InvalidApiTokenName, LoginOrigin, RefreshToken, SecretHash, Session, Subject,
    SubjectStatus,
};
pub use details::{Adapted, InvalidNotes, InvalidTitle, Notes, Title};
pub use id::{
    AccountId, AccountScope, ApiTokenId, ChangeId, IdRef, LinkId, SessionId, TagId, TokenId, UserId,
};
pub use idempotency::{
    Answer, IdempotencyKey, InvalidIdempotencyKey, KeptAnswer, KeyHash, KeyedRequest, RequestHash,
};
pub use link::{Edit, InvalidLink, Link, LinkChange, LinkUrl, NewLink, UrlHash};
pub use page::{
    AccountPosition, ApiTokenPosition, InvalidLimit, Limit, MAX_PAGE_BYTES, Page, PageItem, PageRequest,
    SessionPosition, TagLinkPosition, TagPosition, UserPosition,
};
pub use tag::{DatedTag, InvalidTagName, NewTag, Tag, TagName};
pub use taglink::TagLink;
pub use time::{Clock, SystemClock, Timestamp};
pub use url_identity::{InvalidParameterPattern, ParameterPattern, UrlIdentity};
pub use user::{InvalidUsername, NewUser, User, UserChange, Username};
pub use version::Expected;
