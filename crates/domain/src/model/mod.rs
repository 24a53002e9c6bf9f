//! Models and validated newtypes. A value of one of these types is valid: each rule is checked once, on entry.

mod account;
mod change;
mod credential;
mod id;
mod link;
mod page;
mod tag;
mod taglink;
mod text;
mod time;
mod user;

pub use account::{Account, AccountChange, Email, InvalidEmail, NewAccount, Owner};
pub use change::{Change, ChangeSeq, Changed};
pub use credential::{
    ApiToken, ApiTokenName, InvalidApiTokenName, LoginOrigin, RefreshToken, SecretHash, Session, Standing,
    Subject,
};
pub use id::{AccountId, ApiTokenId, IdRef, LinkId, Realm, SessionId, TagId, TokenId, UserId};
pub use link::{InvalidLink, Link, LinkUrl, NewLink, UrlHash};
pub use page::{
    AccountPosition, ApiTokenPosition, InvalidLimit, Limit, LinkPosition, Page, PageRequest, SessionPosition,
    TagLinkPosition, TagPosition, UserPosition,
};
pub use tag::{InvalidTagName, NewTag, Tag, TagName};
pub use taglink::TagLink;
pub use time::{Clock, SystemClock, Timestamp};
pub use user::{InvalidUsername, NewUser, User, UserChange, Username};
