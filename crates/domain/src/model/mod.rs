//! Models and validated newtypes. A value of one of these types is valid: each rule is checked once, on entry.

mod id;
mod link;
mod page;
mod tag;
mod taglink;
mod text;
mod time;
mod user;

pub use id::{AccountId, IdRef, LinkId, Realm, TagId, TokenId, UserId};
pub use link::{InvalidLink, Link, LinkUrl, NewLink, UrlHash};
pub use page::{InvalidLimit, Limit, LinkPosition, Page, PageRequest, TagLinkPosition, TagPosition};
pub use tag::{InvalidTagName, NewTag, Tag, TagName};
pub use taglink::TagLink;
pub use time::{Clock, SystemClock, Timestamp};
pub use user::{InvalidUsername, NewUser, User, Username};
